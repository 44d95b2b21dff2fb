"""The former name of `training.score_run`, for one release.

`python -m fer_core evaluate` evaluates models on your own photos.
"""

from __future__ import annotations

import sys

from training.score_run import main
from training.terminal import run as run_command

if __name__ == "__main__":
    sys.stderr.write(
        "python -m training.evaluate is now python -m training.score_run. The former name will be "
        "removed in the next release.\n"
    )
    run_command(main)
