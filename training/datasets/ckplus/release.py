"""The full CK+ release: whole sequences at 640x490, with emotion and FACS codes in small files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.faces import Detector, create_detector, crop_faces
from fer_core.labels import CKPLUS, CKPLUS_ACTION_UNITS, HIGH_LEVEL, high_level_of
from fer_core.preprocessing import PreprocessingConfig, stages
from training.datasets import IMAGE_SIZE, files_below, is_hidden, read_picture
from training.datasets.ckplus.dataset import (
    FRAMES_PER_SEQUENCE,
    UNKNOWN,
    CkPlusDataset,
    count_note,
)

IMAGES_FOLDER: Final = "cohn-kanade-images"
EMOTION_FOLDER: Final = "Emotion"
FACS_FOLDER: Final = "FACS"

_EMOTIONS: Final = {
    1: "angry",
    2: "contempt",
    3: "disgust",
    4: "fear",
    5: "happy",
    6: "sad",
    7: "surprise",
}
"""The codes of the emotion files; 0 is neutral, which no peak is."""

_AS_IS: Final = PreprocessingConfig(size=IMAGE_SIZE)


@dataclass(frozen=True)
class _LabeledSequence:
    subject: str
    name: str
    label: str
    action_units: tuple[int, ...]
    frames: tuple[Path, ...]


def read_release(root: Path, *, detector: Detector | None = None) -> CkPlusDataset:
    """Reads the last three frames of every sequence that has an emotion.

    Files are `cohn-kanade-images/S005/001/S005_001_00000011.png`,
    `Emotion/S005/001/..._emotion.txt` (one number) and `FACS/S005/001/..._facs.txt` (a line per
    action unit: its number and its intensity). A listed action unit is present, at any intensity.
    The action units of a sequence without a FACS file are `UNKNOWN`.

    Faces are detected and cropped as in the app. A sequence with a frame without a detected face,
    or whose emotion is neutral, is excluded and listed in `notes`. The release has no high-level
    emotion; it is derived from the emotion.

    Args:
        root: the folder with the three folders.
        detector: finds the faces; if None, the best one available.

    Raises:
        DatasetError: a folder, picture or label is missing, unknown or unreadable; the message
            names it.
    """
    detector = detector or create_detector()
    labeled, neutral = _list_sequences(root)
    kept: list[_LabeledSequence] = []
    hidden: list[str] = []
    images: list[NDArray[np.uint8]] = []
    for sequence in labeled:
        faces = [face for path in sequence.frames for face in _find_face(path, detector)]
        if len(faces) == len(sequence.frames):
            kept.append(sequence)
            images += faces
        else:
            hidden.append(sequence.name)
    if not kept:
        raise DatasetError(
            f"{root}: expected sequences with an emotion. Received: no usable sequence"
        )
    return _in_columns(kept, images, _notes(neutral, hidden, kept))


def _in_columns(
    sequences: Sequence[_LabeledSequence],
    images: Sequence[NDArray[np.uint8]],
    notes: tuple[str, ...],
) -> CkPlusDataset:
    rows = [(sequence, path) for sequence in sequences for path in sequence.frames]
    subject = np.array([sequence.subject for sequence, _ in rows])
    sequence_names = np.array([sequence.name for sequence, _ in rows])
    labels = [sequence.label for sequence, _ in rows]
    return CkPlusDataset(
        images=np.stack(images),
        label=np.array([CKPLUS.index(label) for label in labels], np.int64),
        high_level=np.array([HIGH_LEVEL.index(high_level_of(label)) for label in labels], np.int64),
        action_units=np.array([sequence.action_units for sequence, _ in rows], np.int8),
        subject=subject,
        sequence=sequence_names,
        frame=np.array([path.stem for _, path in rows]),
        notes=(*notes, *count_note(sequence_names, subject)),
    )


def _notes(
    neutral: Sequence[str], hidden: Sequence[str], kept: Sequence[_LabeledSequence]
) -> tuple[str, ...]:
    uncoded = sum(UNKNOWN in sequence.action_units for sequence in kept)
    notes = []
    if neutral:
        notes.append(f"Excluded, because the peak is labeled neutral: {', '.join(neutral)}.")
    if hidden:
        notes.append(f"Excluded, because no face was detected in a frame: {', '.join(hidden)}.")
    if uncoded:
        notes.append(f"{uncoded} of {len(kept)} sequences have no FACS file: action units unknown.")
    return tuple(notes)


def _list_sequences(root: Path) -> tuple[list[_LabeledSequence], list[str]]:
    """The sequences with an emotion of CK+'s seven, by name, and the names of the neutral ones."""
    if not (root / EMOTION_FOLDER).is_dir():
        raise DatasetError(f"{root}: expected a folder {EMOTION_FOLDER}. Received: none")
    labeled, neutral = [], []
    files = files_below(root / EMOTION_FOLDER)
    for path in (file for file in files if file.name.endswith("_emotion.txt")):
        subject, number = path.parts[-3:-1]
        code = _read_numbers(path, columns=1)[0][0]
        if code == 0:
            neutral.append(f"{subject}_{number}")
        elif code not in _EMOTIONS:
            raise DatasetError(
                f"{path}: expected an emotion from 0 to {max(_EMOTIONS)}. Received: {code:g}"
            )
        else:
            labeled.append(
                _LabeledSequence(
                    subject=subject,
                    name=f"{subject}_{number}",
                    label=_EMOTIONS[int(code)],
                    action_units=_read_action_units(root / FACS_FOLDER / subject / number),
                    frames=_peak_frames(root / IMAGES_FOLDER / subject / number),
                )
            )
    return labeled, neutral


def _peak_frames(folder: Path) -> tuple[Path, ...]:
    frames = sorted(path for path in folder.glob("*.png") if not is_hidden(path))
    if len(frames) < FRAMES_PER_SEQUENCE:
        raise DatasetError(
            f"{folder}: expected at least {FRAMES_PER_SEQUENCE} frames (.png). "
            f"Received: {len(frames)}"
        )
    return tuple(frames[-FRAMES_PER_SEQUENCE:])


def _read_action_units(folder: Path) -> tuple[int, ...]:
    below = files_below(folder) if folder.is_dir() else []
    files = [path for path in below if path.name.endswith("_facs.txt")]
    if not files:
        return (UNKNOWN,) * len(CKPLUS_ACTION_UNITS)
    present = {f"AU{int(unit)}" for unit, _ in _read_numbers(files[-1], columns=2)}
    return tuple(int(unit in present) for unit in CKPLUS_ACTION_UNITS)


def _read_numbers(path: Path, *, columns: int) -> list[list[float]]:
    """The rows of a small file of numbers; at least one row if `columns` is 1."""
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = [line.split() for line in text.splitlines() if line.strip()]
    try:
        rows = [[float(word) for word in line] for line in lines]
    except ValueError as error:
        raise DatasetError(f"{path}: expected numbers only. Received: {error}") from error
    if any(len(row) != columns for row in rows) or (columns == 1 and len(rows) != 1):
        raise DatasetError(f"{path}: expected {columns} numbers per line. Received: {text[:60]!r}")
    return rows


def _find_face(path: Path, detector: Detector) -> list[NDArray[np.uint8]]:
    """The largest face, cropped as for a classifier, in gray, `(48, 48)`; None without a face."""
    image = read_picture(path)
    detections = detector.detect(image)
    if len(detections) == 0:
        return []
    width, height = (detections.xyxy[:, 2:] - detections.xyxy[:, :2]).T
    crop = crop_faces(image, detections)[int((width * height).argmax())]
    return [stages(crop, _AS_IS).resized]
