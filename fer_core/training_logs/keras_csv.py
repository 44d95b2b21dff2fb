"""Reads uploaded, untrusted training logs of other programs.

Supported are tables of Keras's `CSVLogger` and event files of TensorBoard. Columns and tags are
identified by their words, such as `val_accuracy`, `Loss/train` and `epoch_learning_rate`; others
are ignored. Nothing is written to disk.
"""

from __future__ import annotations

import io
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import Final, get_args

import numpy as np

from fer_core.errors import InputRejected
from fer_core.training_logs.history import Curve, History
from fer_core.training_logs.runs import TrainingRun
from fer_core.training_logs.tensorboard import is_event_file, read_scalars

LARGEST_BYTES: Final = 20_000_000
MAX_EPOCHS: Final = 10_000
_LONGEST_LINE: Final = 20_000

Series = Mapping[int, float]
"""Values by step of the log."""

_VALIDATION: Final = {"val", "valid", "validation", "dev"}
_NOT_BY_EPOCH: Final = {"batch", "iteration", "iterations", "top"}
"""Words of tags logged per batch, and of top-k accuracy."""


@dataclass(frozen=True)
class LogFile:
    """One uploaded file.

    Attributes:
        path: its name, with folders if a folder was uploaded.
        data: its contents.
    """

    path: str
    data: bytes


@dataclass(frozen=True)
class RejectedLog:
    """A log that cannot be used, and why."""

    name: str
    message: str


def read_logs(files: Iterable[LogFile]) -> tuple[tuple[TrainingRun, ...], tuple[RejectedLog, ...]]:
    """Reads logs into runs; invalid ones are returned with an error message.

    Keras and others write a run into a folder with the sub-folders `train` and `validation`; event
    files of such siblings become one run. Other files are a run each.

    Args:
        files: in any order; in a folder, files of other kinds are rejected one by one.
    """
    curves: dict[str, dict[Curve, Series]] = {}
    rejected = []
    for file in files:
        try:
            run, series = _run_name(file.path), _read(file)
        except InputRejected as error:
            rejected.append(RejectedLog(file.path, str(error)))
        else:
            # Parts of one run are merged; any other file is a separate run, whatever its name.
            merged = curves.setdefault(run if _part(file.path) else _unused(run, curves), {})
            for curve, values in series.items():
                merged[curve] = {**merged.get(curve, {}), **values}
    runs = []
    for run, by_curve in curves.items():
        try:
            runs.append(TrainingRun(f"log/{run}", run, _history(by_curve)))
        except InputRejected as error:
            rejected.append(RejectedLog(run, str(error)))
    return tuple(runs), tuple(rejected)


def curve_named(name: str) -> Curve | None:
    """Returns the curve that a column or tag names by its words; None for anything else.

    >>> curve_named("epoch_sparse_categorical_accuracy")
    'accuracy'
    """
    words = set(re.findall("[a-z]+", name.lower()))
    if words & _NOT_BY_EPOCH:
        return None
    if "lr" in words or {"learning", "rate"} <= words:
        return "learning_rate"
    on_validation = bool(words & _VALIDATION)
    if "loss" in words:
        return "val_loss" if on_validation else "loss"
    if words & {"acc", "accuracy"}:
        return "val_accuracy" if on_validation else "accuracy"
    return None


def _read(file: LogFile) -> dict[Curve, Series]:
    if not file.data:
        raise InputRejected("The file is empty.", reason="empty")
    if len(file.data) > LARGEST_BYTES:
        raise InputRejected(
            f"Expected a log of at most {LARGEST_BYTES // 1_000_000} MB. "
            f"Received: {len(file.data) / 1e6:.0f} MB",
            reason="too_large",
        )
    named: Mapping[str, Series]
    if is_event_file(file.data):
        part = f"{_part(file.path)}/" if _part(file.path) else ""
        named = {f"{part}{tag}": values for tag, values in read_scalars(file.data).items()}
    else:
        named = _read_table(file.data)
    # Of several names for a curve, the shortest is the main one: loss instead of auxiliary_loss.
    found: dict[Curve, Series] = {}
    for name in sorted(named, key=len):
        curve = curve_named(name)
        if curve is not None and named[name]:
            found.setdefault(curve, named[name])
    if not found:
        raise InputRejected(
            "Expected columns or tags such as loss, accuracy, val_loss or val_accuracy. "
            f"Received: {', '.join(sorted(named))[:300] or 'none'}",
            reason="unsupported_type",
        )
    return found


def _read_table(data: bytes) -> dict[str, Series]:
    import pandas as pd

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRejected(
            "Expected a CSV table of Keras's CSVLogger, or an event file of TensorBoard. "
            "Received: neither text nor events",
            reason="unsupported_type",
        ) from error
    lines = text.splitlines()
    _check_epochs(len(lines[1:]))
    if max(map(len, lines), default=0) > _LONGEST_LINE:
        raise InputRejected(
            f"Expected lines of at most {_LONGEST_LINE:,} characters.", reason="corrupt"
        )
    separator = ";" if ";" in text.partition("\n")[0] else ","
    try:
        table = pd.read_csv(io.StringIO(text), sep=separator)
    except ValueError as error:  # pandas' parser errors are subclasses
        raise InputRejected(f"The table cannot be read: {error}", reason="corrupt") from error
    if "epoch" not in table.columns:
        raise InputRejected(
            "Expected a CSV table with a column epoch, as Keras's CSVLogger writes it. "
            f"Received: {', '.join(map(str, table.columns))[:300]}",
            reason="unsupported_type",
        )
    epoch = pd.to_numeric(table["epoch"], errors="coerce")
    if not np.isfinite(epoch).all() or not epoch.between(0, 1e9).all() or (epoch % 1).any():
        raise InputRejected("The column epoch must hold integers.", reason="corrupt")
    if (epoch.diff() <= 0).any():
        raise InputRejected(
            "The epochs must count upwards; this file contains several runs one after another. "
            "Split it into one file per run.",
            reason="corrupt",
        )
    steps = epoch.astype(int).tolist()
    return {
        str(name): dict(
            zip(steps, pd.to_numeric(table[name], errors="coerce").tolist(), strict=True)
        )
        for name in table.columns
    }


def _check_epochs(epochs: int) -> None:
    if not 1 <= epochs <= MAX_EPOCHS:
        raise InputRejected(
            f"Expected 1 to {MAX_EPOCHS:,} epochs; log once an epoch. Received: {epochs:,}",
            reason="too_large" if epochs else "empty",
        )


def _run_name(path: str) -> str:
    """The folder above `train` and `validation`, otherwise the path itself."""
    run = PurePosixPath(path).parent.parent
    return str(run) if _part(path) and run.name else path


def _unused(name: str, taken: Container[str]) -> str:
    numbered = (f"{name} ({number})" for number in count(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _part(path: str) -> str:
    """The folder of the file if it is that of a part of a run, `train` or `validation`, else ""."""
    folder = PurePosixPath(path).parent.name.lower()
    return folder if folder in {"train", "training", *_VALIDATION} else ""


def _history(curves: Mapping[Curve, Series]) -> History:
    import pandas as pd

    names = [name for name in get_args(Curve) if name != "overfit_gap"]
    columns = [pd.Series(curves.get(name, {}), dtype=np.float64) for name in names]
    table = pd.concat(columns, axis=1, keys=names).sort_index()
    table = table.where(np.isfinite(table)).dropna(how="all")
    _check_epochs(len(table))
    steps = table.index.to_numpy(np.int64)
    return History(
        epoch=steps + 1 if steps[0] == 0 else steps,  # Keras counts from 0
        seconds=np.full(len(table), np.nan),
        **{name: table[name].to_numpy(np.float64) for name in names},
    )
