"""Resamples a training split once, before training, so that all classes have equally many faces.

The methods are those of imbalanced-learn. SMOTE interpolates a new face, pixel by pixel, between a
face and one of its five nearest neighbors of the same class. SMOTE-ENN then removes every face, old
or new, if any of its three nearest neighbors is of another class. Both search for neighbors among
faces downscaled to 16 pixels a side, which takes a ninth of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from training.settings import SettingsError

if TYPE_CHECKING:
    from sklearn.neighbors import NearestNeighbors

SplitResampling = Literal["oversample", "undersample", "smote", "smote_enn"]
_SMOTE_NEIGHBOURS: Final = 5
_ENN_NEIGHBOURS: Final = 3
_SHRINKING: Final = 3


def resample(
    images: NDArray[np.uint8],
    targets: NDArray[np.float32],
    *,
    n_classes: int,
    kind: SplitResampling,
    seed: int,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Makes the classes equally large; the same seed gives the same faces.

    A face whose target is a distribution counts for its largest class and keeps its distribution.

    Args:
        images: `(n, side, side)`, the side a multiple of 3 for SMOTE.
        targets: `(n, n_classes or more)`; further columns stay with their face.
        n_classes: number of leading columns of `targets` with the class distribution.
        kind: see `training.settings.ImbalanceSettings`.
        seed: seed of the draws.

    Returns:
        Images and targets, `m` of each.

    Raises:
        SettingsError: imbalanced-learn is not installed, SMOTE would have to interpolate
            distributions, a class has too few faces for it, or SMOTE-ENN removes a whole class.
    """
    require_imbalanced_learn()
    labels = targets[:, :n_classes].argmax(axis=1)
    if kind in ("oversample", "undersample"):
        chosen = _random_rows(labels, kind, seed)
        return images[chosen], targets[chosen]
    _check_for_smote(targets, labels, kind)
    pixels, new_labels = _smote(images.reshape(len(images), -1), labels, kind, seed)
    if missing := set(labels.tolist()) - set(new_labels.tolist()):
        raise SettingsError(
            f"imbalance.resampling: {kind} leaves no face of classes {sorted(missing)}. "
            "Choose another method."
        )
    faces = pixels.reshape(-1, *images.shape[1:])
    return faces, np.eye(targets.shape[1], dtype=np.float32)[new_labels]


def require_imbalanced_learn() -> None:
    """Checks that training splits can be resampled.

    Raises:
        SettingsError: imbalanced-learn is not installed.
    """
    try:
        import imblearn  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            "imbalance.resampling: expected imbalanced-learn, which is not installed. In the "
            "folder of this project: pip install '.[training]'. Or choose balanced_sampler or "
            "class_weights, which do not need it."
        ) from error


def _random_rows(labels: NDArray[np.int64], kind: str, seed: int) -> NDArray[np.int64]:
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.under_sampling import RandomUnderSampler

    sampler = (RandomOverSampler if kind == "oversample" else RandomUnderSampler)(random_state=seed)
    sampler.fit_resample(np.zeros((len(labels), 1), np.uint8), labels)
    return np.asarray(sampler.sample_indices_)


def _check_for_smote(targets: NDArray[np.float32], labels: NDArray[np.int64], kind: str) -> None:
    if not (targets.max(axis=1) == 1).all():
        raise SettingsError(
            f"imbalance.resampling: {kind} needs one label per face, but these faces have "
            "vote distributions. Choose balanced_sampler, oversample or undersample."
        )
    counts = np.bincount(labels)
    smallest = int(counts[counts > 0].min())
    if smallest <= _SMOTE_NEIGHBOURS:
        raise SettingsError(
            f"imbalance.resampling: {kind} needs more than {_SMOTE_NEIGHBOURS} faces of each "
            f"class. Received: {smallest} of the smallest class."
        )


def _smote(
    pixels: NDArray[np.uint8], labels: NDArray[np.int64], kind: str, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    from imblearn.over_sampling import SMOTE
    from imblearn.under_sampling import EditedNearestNeighbours

    sampler = SMOTE(random_state=seed, k_neighbors=_neighbours(_SMOTE_NEIGHBOURS))
    new, new_labels = sampler.fit_resample(pixels.astype(np.float32), labels)
    if kind == "smote_enn":
        cleaner = EditedNearestNeighbours(
            sampling_strategy="all", n_neighbors=_neighbours(_ENN_NEIGHBOURS)
        )
        new, new_labels = cleaner.fit_resample(new, new_labels)
    return np.rint(new).clip(0, 255).astype(np.uint8), new_labels


def _neighbours(count: int) -> NearestNeighbors:
    """A search for the `count` nearest neighbors of flattened faces, the face itself included."""
    from sklearn.neighbors import NearestNeighbors

    class NeighboursOfShrunkFaces(NearestNeighbors):  # type: ignore[misc]
        def fit(self, pixels: Any, y: Any = None) -> Any:
            return super().fit(_shrunk(pixels))

        def kneighbors(
            self, pixels: Any, n_neighbors: int | None = None, return_distance: bool = True
        ) -> Any:
            return super().kneighbors(_shrunk(pixels), n_neighbors, return_distance)

    return NeighboursOfShrunkFaces(n_neighbors=count + 1)


def _shrunk(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    side = round(pixels.shape[1] ** 0.5)
    small = side // _SHRINKING
    blocks = pixels.reshape(len(pixels), small, _SHRINKING, small, _SHRINKING)
    return np.asarray(blocks.mean(axis=(2, 4)).reshape(len(pixels), -1), np.float32)
