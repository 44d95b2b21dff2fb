"""Checks an ONNX model in a separate process with a time limit, and returns its report."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fer_core.errors import ModelRejected
from fer_core.files import shown
from fer_core.zoo.importing import MAX_FILE_BYTES, TIMEOUT_S, ask_checker
from fer_core.zoo.onnx_importing.report import OnnxReport


def check_onnx(path: str | Path, *, timeout_s: float = TIMEOUT_S) -> OnnxReport:
    """Checks a third-party ONNX model, runs it in a separate process, and describes it.

    Nothing is installed or changed.

    Args:
        path: of an `.onnx` file.
        timeout_s: time limit in seconds.

    Raises:
        ModelRejected: there is no such file, it is rejected, or it took too much time or memory.
    """
    data = _read(Path(path))
    # The process works on a copy, so that the checked file is the one that is opened.
    with tempfile.TemporaryDirectory(prefix="model-check-") as folder:
        copy = Path(folder) / "model.onnx"
        copy.write_bytes(data)
        reply = ask_checker(
            copy, timeout_s, module="fer_core.zoo.onnx_importing.onnx_checker_process"
        )
    if "report" in reply:
        return OnnxReport.from_dict(reply["report"])
    raise ModelRejected(reply["rejected"], reason=reply["reason"])


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise ModelRejected(f"There is no such file: {shown(path)}", reason="unsupported_type")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ModelRejected(
            f"The file cannot be read: {error.strerror}.", reason="unsupported_type"
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise ModelRejected(
            f"The model is too large. Expected at most {MAX_FILE_BYTES // 2**20} MB.",
            reason="too_large",
        )
    return data
