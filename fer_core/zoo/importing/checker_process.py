"""The process that checks and then opens a third-party model; not part of the app.

    python -m fer_core.zoo.importing.checker_process model.keras

Reads the file and prints one line of JSON: the report, or why the model is rejected.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from fer_core.errors import ModelRejected
from fer_core.zoo.importing.archive import Archive, read_archive
from fer_core.zoo.importing.config import check_config
from fer_core.zoo.importing.description import describe, first_line
from fer_core.zoo.importing.limits import forbid_contact, forbid_writing, limit_growth
from fer_core.zoo.importing.weights import check_weights


def judge(data: bytes) -> Archive:
    """Checks the archive, the configuration and the weights, without Keras.

    Args:
        data: the whole `.keras` file.

    Returns:
        What Keras may load: the archive without the compile settings of the model and of nested
        models.

    Raises:
        ModelRejected: the file is rejected.
    """
    archive = read_archive(data)
    config = check_config(archive.config)
    check_weights(archive.weights)
    return replace(archive, config=config)


def check_and_describe(path: Path) -> dict[str, Any]:
    """Checks a file, then loads what was checked and describes the model.

    Args:
        path: a private copy; it is replaced by what Keras may load.

    Returns:
        The fields of `ImportReport`.

    Raises:
        ModelRejected: the file is rejected, or Keras cannot load it within the limits.
    """
    data = path.read_bytes()
    path.write_bytes(judge(data).pack())
    import keras  # noqa: F401  # its libraries probe their temporary folders

    forbid_writing()
    return {
        **describe(path),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
    }


def main() -> None:
    """Prints one line to standard output; output of libraries goes to standard error."""
    output, sys.stdout = sys.stdout, sys.stderr
    limit_growth()
    forbid_contact()
    reply: dict[str, Any]
    try:
        reply = {"report": check_and_describe(Path(sys.argv[1]))}
    except ModelRejected as error:
        reply = {"rejected": str(error), "reason": error.reason}
    except Exception as error:  # any failure becomes a reply instead of a traceback
        message = f"The model cannot be checked: {first_line(error)}"
        reply = {"rejected": message, "reason": "failed"}
    print(json.dumps(reply), file=output, flush=True)


if __name__ == "__main__":
    main()
