"""Makes the goldens again, when what users rely on has changed on purpose.

python -m tests.goldens.make            all that the tests compare with; look at the diff
python -m tests.goldens.make links      one file of tests only, here test_links.py

The half-done runs in `data/half_done` are never made again: see README.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def make(*names: str) -> int:
    """Runs the tests, or those of the files that are named, so that they write what they find."""
    here = Path(__file__).parent
    places = [str(here / f"test_{name}.py") for name in names] or [str(here)]
    options = ["-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *places],
        env=os.environ | {"FER_WRITE_GOLDENS": "1"},
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(make(*sys.argv[1:]))
