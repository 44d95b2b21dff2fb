"""The process that opens a foreign model, after it has judged it: no part of the app.

    python -m fer_core.zoo.importing.child model.keras

Reads the file, prints one line of JSON: the report, or why the model is refused.
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
    """Looks at the archive, the configuration and the weights, without Keras.

    Args:
        data: the whole `.keras` file.

    Returns:
        What Keras may see: the same without how the model, or one inside it, was compiled.

    Raises:
        ModelRejected: the file is refused.
    """
    archive = read_archive(data)
    config = check_config(archive.config)
    check_weights(archive.weights)
    return replace(archive, config=config)


def check_and_describe(path: Path) -> dict[str, Any]:
    """Judges a file, and only then loads what was judged and describes the model.

    Args:
        path: a copy that nobody else can change; it is replaced by what Keras may see.

    Returns:
        The fields of `ImportReport`.

    Raises:
        ModelRejected: the file is refused, or Keras cannot load it within the limits.
    """
    data = path.read_bytes()
    path.write_bytes(judge(data).pack())
    import keras  # noqa: F401  # its libraries try their temporary folders out

    forbid_writing()
    return {
        **describe(path),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
    }


def main() -> None:
    """Answers with one line on standard output; whatever libraries print goes to standard error."""
    answer_to, sys.stdout = sys.stdout, sys.stderr
    limit_growth()
    forbid_contact()
    answer: dict[str, Any]
    try:
        answer = {"report": check_and_describe(Path(sys.argv[1]))}
    except ModelRejected as error:
        answer = {"rejected": str(error), "reason": error.reason}
    except Exception as error:  # whatever a file leads to, it is an answer and no traceback
        message = f"The model cannot be judged: {first_line(error)}"
        answer = {"rejected": message, "reason": "failed"}
    print(json.dumps(answer), file=answer_to, flush=True)


if __name__ == "__main__":
    main()
