"""The process that checks and then opens a third-party ONNX model; not part of the app.

    python -m fer_core.zoo.onnx_importing.onnx_checker_process model.onnx

Reads the file and prints one line of JSON: the report, or why the model is rejected.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from fer_core.errors import ModelRejected
from fer_core.zoo.importing import first_line, forbid_contact, forbid_writing, limit_growth

MEMORY_BYTES: Final = 3 * 2**30
"""Address space limit: several copies of the largest file, and the values of a large network."""


def check_and_describe(path: Path) -> dict[str, Any]:
    """Checks a file, then runs what was checked and describes the model.

    Returns:
        The fields of `OnnxReport`.

    Raises:
        ModelRejected: the file is rejected, or ONNX Runtime cannot run it within the limits.
    """
    import onnxruntime  # noqa: F401  # before writing is forbidden

    from fer_core.zoo.onnx_importing.description import describe
    from fer_core.zoo.onnx_importing.graph import judge

    forbid_writing()
    data = path.read_bytes()
    return {
        **describe(judge(data)),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
        "peak_memory_bytes": _peak_memory(),
    }


def _peak_memory() -> int | None:
    try:
        import resource
    except ImportError:
        return None  # not available on Windows
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    """Prints one line to standard output; output of libraries goes to standard error."""
    output, sys.stdout = sys.stdout, sys.stderr
    limit_growth(MEMORY_BYTES)
    forbid_contact()
    reply: dict[str, Any]
    try:
        reply = {"report": check_and_describe(Path(sys.argv[1]))}
    except ModelRejected as error:
        reply = {"rejected": str(error), "reason": error.reason}
    except MemoryError:
        reply = {"rejected": "The model exceeds the memory limit.", "reason": "limits"}
    except Exception as error:  # any failure becomes a reply instead of a traceback
        message = f"The model cannot be checked: {first_line(error)}"
        reply = {"rejected": message, "reason": "failed"}
    print(json.dumps(reply), file=output, flush=True)


if __name__ == "__main__":
    main()
