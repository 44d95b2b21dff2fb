"""Reads CK+ in whichever format a folder has."""

from __future__ import annotations

from pathlib import Path

from fer_core.errors import DatasetError
from fer_core.faces import Detector
from training.datasets.ckplus.cropped import LABELS_FILE, read_cropped
from training.datasets.ckplus.dataset import CkPlusDataset
from training.datasets.ckplus.release import EMOTION_FOLDER, IMAGES_FOLDER, read_release

_CROPPED_FOLDER = "CK+48"


def read_ckplus(path: str | Path, *, detector: Detector | None = None) -> CkPlusDataset:
    """Reads CK+ in either format.

    Args:
        path: a folder with `CK+48/` and `data_labels.csv`, or the folder `CK+48` itself next to
            that file (see `cropped.read_cropped`), or a folder with `cohn-kanade-images/`,
            `Emotion/` and `FACS/` (see `release.read_release`).
        detector: finds the faces in full-size frames; if None, the best one available.

    Raises:
        DatasetError: there is no dataset, its format is unknown, or it has an error.
    """
    path = Path(path)
    if (path / IMAGES_FOLDER).is_dir():
        return read_release(path, detector=detector)
    root = path.parent if path.name == _CROPPED_FOLDER else path
    if (root / _CROPPED_FOLDER).is_dir():
        return read_cropped(root / _CROPPED_FOLDER, root / LABELS_FILE)
    raise DatasetError(
        f"There is no CK+ at {path}. Expected a folder with {_CROPPED_FOLDER}/ and {LABELS_FILE}, "
        f"or one with {IMAGES_FOLDER}/, {EMOTION_FOLDER}/ and FACS/."
    )
