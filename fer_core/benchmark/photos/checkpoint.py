"""The finished photos of an evaluation that was interrupted: numbers only, one line per photo."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from fer_core.benchmark.photos.evaluate_photos import EvaluationSettings, FoundFace
from fer_core.errors import InputRejected
from fer_core.files import atomic_write_text, file_lock, shown, unwritable
from fer_core.zoo import ModelStore

_FORMAT: Final = 2
"""Of the file; a run of another format is not continued."""


class EvaluationCheckpoint:
    """A file that holds the finished photos until the evaluation is complete.

    Use it in a `with` block; the file is removed at the end of one without an exception.

    Args:
        path: the file.
        source: name of the photos, which a resumed run must share.
        settings: likewise, and so must the models' weights.
        resume: whether to continue the run in the file, if there is one.

    Attributes:
        known: the faces in the file, by photo.

    Raises:
        InputRejected: there is an unfinished run and `resume` is false, or it has other settings.
        ModelError: a model or detector is missing or damaged.
        OutputError: the file cannot be written, or another process is writing it.
    """

    def __init__(
        self, path: Path, source: str, settings: EvaluationSettings, *, resume: bool = False
    ) -> None:
        self._path = path
        header = _header(source, settings)
        self.known: dict[str, FoundFace] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with ExitStack() as opened:
                lock = path.with_name(f"{path.name}.lock")
                opened.enter_context(file_lock(lock, shown(path)))
                lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
                if len(lines) > 1:
                    self._take_up(lines, header, resume=resume)
                known = [_line(_fields(name, face)) for name, face in self.known.items()]
                atomic_write_text(path, "".join([_line(header), *known]))
                self._file: IO[str] = opened.enter_context(path.open("a", encoding="utf-8"))
                self._opened = opened.pop_all()
        except OSError as error:
            raise unwritable(path, error) from error

    def __enter__(self) -> EvaluationCheckpoint:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        with self._opened:  # which holds the lock
            self._file.close()  # an open file cannot be removed on Windows
            if kind is None:
                self._path.unlink()

    def add(self, name: str, face: FoundFace) -> None:
        """Stores the face of one more photo."""
        self._file.write(_line(_fields(name, face)))
        self._file.flush()

    def _take_up(self, lines: list[str], header: dict[str, Any], *, resume: bool) -> None:
        if not resume:
            raise InputRejected(
                f"{shown(self._path)} holds an unfinished evaluation. Continue it with --resume, "
                "or delete it.",
                reason="unreadable",
            )
        try:
            before = dict(json.loads(lines[0]))
            for line in lines[1:]:
                try:
                    name, face = _face(json.loads(line))
                except json.JSONDecodeError:  # a kill truncated the last line
                    break
                self.known[name] = face
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputRejected(
                f"{shown(self._path)} is no unfinished evaluation, or damaged. Delete it and start "
                "again.",
                reason="corrupt",
            ) from error
        for name, value in header.items():
            if before.get(name) != value:
                raise InputRejected(
                    f"The unfinished evaluation differs in {name.replace('_', ' ')}. Expected: "
                    f"{shown(str(before.get(name)))}. Received: {shown(str(value))}. Use the "
                    f"original value, or delete {shown(self._path)}.",
                    reason="unreadable",
                )


def _header(source: str, settings: EvaluationSettings) -> dict[str, Any]:
    """What a resumed run must share, by the name for its user."""
    resolved = settings.resolved()
    cards = ModelStore.default().load_cards(settings.models)
    return {
        "format": _FORMAT,
        "source": source,
        "models": list(resolved.models),
        "weights": [card.weights.sha256 for card in cards],
        "detector": resolved.detector,
        "pre_cropped": resolved.pre_cropped,
    }


def _line(fields: dict[str, Any]) -> str:
    return json.dumps(fields) + "\n"


def _fields(name: str, face: FoundFace) -> dict[str, Any]:
    return {
        "photo": name,
        "reason": face.reason,
        "xyxy": face.xyxy,
        "measures": {key: _json(value) for key, value in face.measures.items()},
        "probabilities": {model: values.tolist() for model, values in face.probabilities.items()},
    }


def _json(value: float) -> float | None:
    return None if np.isnan(value) else value


def _face(fields: dict[str, Any]) -> tuple[str, FoundFace]:
    box = fields["xyxy"]
    return fields["photo"], FoundFace(
        reason=fields["reason"],
        probabilities={
            model: np.array(values, np.float32) for model, values in fields["probabilities"].items()
        },
        xyxy=None if box is None else (box[0], box[1], box[2], box[3]),
        measures={
            name: np.nan if value is None else value for name, value in fields["measures"].items()
        },
    )
