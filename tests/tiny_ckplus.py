"""Synthetic CK+ folders for tests, in both formats; a bright bar encodes the class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.scores.ckplus_predictions import SPLIT, CkPlusPredictions
from fer_core.labels.action_units import CKPLUS_ACTION_UNITS
from fer_core.labels.emotions import CKPLUS, HIGH_LEVEL, high_level_of

FOLDER_OF: Mapping[str, str] = {"angry": "anger", "sad": "sadness"}
CODE_OF: Mapping[str, int] = {
    **{"angry": 1, "contempt": 2, "disgust": 3, "fear": 4},
    **{"happy": 5, "sad": 6, "surprise": 7},
}
UNITS_OF: Mapping[str, tuple[str, ...]] = {
    "angry": ("AU4", "AU17"),
    "contempt": ("AU14",),
    "disgust": ("AU6", "AU17"),
    "fear": ("AU1", "AU4", "AU25"),
    "happy": ("AU6", "AU12", "AU25"),
    "sad": ("AU1", "AU15"),
    "surprise": ("AU1", "AU2", "AU25", "AU27"),
}


def write_cropped(folder: Path, *, subjects: int = 4) -> Path:
    """Writes `CK+48/` and `data_labels.csv`, one sequence per subject and emotion."""
    names = ",".join(reversed(CKPLUS_ACTION_UNITS))
    lines = [f"subject,file_prefix,{names},high_level_emotion"]
    for subject, number, label in sequences(subjects):
        place = folder / "CK+48" / FOLDER_OF.get(label, label)
        place.mkdir(parents=True, exist_ok=True)
        for frame in range(3):
            name = f"S{subject:03d}_{number:03d}_{11 + frame:08d}"
            cv2.imwrite(str(place / f"{name}.png"), face(subject, label, frame))
        present = [str(int(unit in UNITS_OF[label])) for unit in reversed(CKPLUS_ACTION_UNITS)]
        lines.append(f"S{subject:03d},{name},{','.join(present)},{high_level_of(label)}")
    # As in the real table, rows without pictures are normal.
    lines.append(f"S999,S999_001_00000018,{','.join('0' * len(CKPLUS_ACTION_UNITS))},negative")
    (folder / "data_labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_release(folder: Path, *, subjects: int = 2, frames: int = 5) -> Path:
    """Writes the three folders of the full release; the first sequence has no FACS file."""
    for subject, number, label in sequences(subjects):
        place = Path(f"S{subject:03d}") / f"{number:03d}"
        for top in ("cohn-kanade-images", "Emotion", "FACS"):
            (folder / top / place).mkdir(parents=True)
        for frame in range(1, frames + 1):
            name = f"S{subject:03d}_{number:03d}_{frame:08d}"
            picture = np.full((98, 128), 10 * frame, np.uint8)
            cv2.imwrite(str(folder / "cohn-kanade-images" / place / f"{name}.png"), picture)
        emotion = folder / "Emotion" / place / f"{name}_emotion.txt"
        emotion.write_text(f"   {CODE_OF[label]:.7e}\n")
        if (subject, number) != (0, 1):
            units = [f"   {int(unit[2:]):.7e}   3.0000000e+00" for unit in UNITS_OF[label]]
            other = "   4.3000000e+01   0.0000000e+00"  # a unit that is none of the fifteen
            (folder / "FACS" / place / f"{name}_facs.txt").write_text("\n".join([*units, other]))
    return folder


def sequences(subjects: int) -> list[tuple[int, int, str]]:
    """Subject, number and emotion of every sequence."""
    return [
        (subject, number, label)
        for subject in range(subjects)
        for number, label in enumerate(CKPLUS, 1)
    ]


def face(subject: int, label: str, frame: int) -> NDArray[np.uint8]:
    """A `(48, 48)` picture, different for each frame, with a bar for its class."""
    index = CKPLUS.index(label)
    image = np.random.default_rng((subject, index, frame)).integers(0, 120, (48, 48), np.uint8)
    image[6 * index : 6 * index + 6] += 130
    return image


def tiny_predictions(*, subjects: int = 10, folds: int = 5) -> CkPlusPredictions:
    """Synthetic predictions for these sequences: mostly correct, and different for each frame."""
    rng = np.random.default_rng(0)
    rows = [
        (subject, number, label) for subject, number, label in sequences(subjects) for _ in "123"
    ]
    label = np.array([CKPLUS.index(name) for _, _, name in rows])
    present = np.array(
        [[unit in UNITS_OF[name] for unit in CKPLUS_ACTION_UNITS] for *_, name in rows]
    )
    weights = rng.random((len(rows), len(CKPLUS)))
    weights[np.arange(len(rows)), label] += 1
    subject = np.array([subject for subject, _, _ in rows])
    return CkPlusPredictions(
        emotion=SplitPredictions(
            SPLIT,
            CKPLUS,
            row_id=np.arange(len(rows)),
            label=label,
            probabilities=(weights / weights.sum(axis=1, keepdims=True)).astype(np.float32),
        ),
        high_level=np.array([HIGH_LEVEL.index(high_level_of(name)) for *_, name in rows]),
        action_unit_names=CKPLUS_ACTION_UNITS,
        action_units=present.astype(np.int8),
        action_unit_probabilities=(0.3 * present + 0.65 * rng.random(present.shape)).astype(
            np.float32
        ),
        fold=subject % folds,
        subject=subject,
        sequence=np.array([1000 * subject + number for subject, number, _ in rows]),
    )
