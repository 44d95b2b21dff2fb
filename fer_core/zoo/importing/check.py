"""Checks a model in a separate process with a time limit, and returns its report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from fer_core.errors import ModelRejected
from fer_core.files import shown
from fer_core.paths import PROJECT
from fer_core.zoo.importing.archive import MAX_FILE_BYTES, conversion_advice, foreign_format
from fer_core.zoo.importing.report import ImportReport

TIMEOUT_S: Final = 300.0
"""Time limit of a check in seconds."""

_KEPT_VARIABLES: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")


def check_model(path: str | Path, *, timeout_s: float = TIMEOUT_S) -> ImportReport:
    """Checks a third-party model, opens it in a separate process, and describes it.

    Nothing is installed or changed.

    Args:
        path: of a `.keras` file.
        timeout_s: time limit in seconds.

    Raises:
        ModelRejected: there is no such file, it is rejected, or it took too much time or memory.
    """
    with checked_copy(path, timeout_s=timeout_s) as (report, _):
        return report


@contextmanager
def checked_copy(
    path: str | Path, *, timeout_s: float = TIMEOUT_S
) -> Iterator[tuple[ImportReport, Path]]:
    """Checks a model as `check_model` does, and yields its report and the copy that was checked.

    The copy is removed at the end. Arguments and exceptions are those of `check_model`.
    """
    data = _read(Path(path))
    # The process works on a copy, so that the checked file is the one that is opened.
    with tempfile.TemporaryDirectory(prefix="model-check-") as folder:
        copy = Path(folder) / "model.keras"
        copy.write_bytes(data)
        reply = ask_checker(copy, timeout_s)
        if "report" not in reply:
            raise ModelRejected(reply["rejected"], reason=reply["reason"])
        yield ImportReport.from_dict(reply["report"]), copy


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise conversion_advice(
            "a folder, but a .keras model is one file; if it is a TensorFlow SavedModel, it can "
            "contain any operation"
        )
    if not path.is_file():
        raise ModelRejected(f"There is no such file: {shown(path)}", reason="unsupported_type")
    if path.suffix.lower() != ".keras":
        kind = (
            foreign_format(path.suffix) or f"a file that ends in {shown(path.suffix) or 'nothing'}"
        )
        raise conversion_advice(kind)
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


def bare_environment(home: Path) -> dict[str, str]:
    """Returns only what Python needs: no keys or tokens from the environment.

    Args:
        home: the home and temporary folder of the process.
    """
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | {
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "TMPDIR": str(home),
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def ask_checker(
    model: Path, timeout_s: float, *, module: str = "fer_core.zoo.importing.checker_process"
) -> dict[str, Any]:
    """Runs a checker in a process of its own, without the environment, and returns its reply.

    Args:
        model: a private copy of the file, alone in its folder.
        timeout_s: time limit in seconds.
        module: prints one line of JSON, with `report` or with `rejected` and `reason`.

    Raises:
        ModelRejected: the process exceeded a limit.
    """
    command = [sys.executable, "-m", module, str(model)]
    try:
        finished = subprocess.run(
            command,
            env=bare_environment(model.parent),
            cwd=model.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelRejected(
            f"The check took longer than {timeout_s:g} seconds and was stopped.",
            reason="limits",
        ) from error
    try:
        reply: dict[str, Any] = json.loads(finished.stdout)
    except ValueError as error:
        raise ModelRejected(
            "The check was stopped: the model exceeds the memory or time limit.",
            reason="limits",
        ) from error
    return reply
