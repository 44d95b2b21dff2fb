from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from training.input_pipeline.resampling import SplitResampling, resample
from training.settings import SettingsError

COUNTS = (20, 10, 8)


def faces(counts: tuple[int, ...] = COUNTS) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Nearly uniform faces, class 0 dark, class 2 bright: neighbors have the same class."""
    labels = np.repeat(np.arange(len(counts)), counts)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 30, (len(labels), 12, 12))
    images = (80 * labels[:, None, None] + noise).astype(np.uint8)
    return images, np.eye(len(counts), dtype=np.float32)[labels]


def resampled(
    kind: SplitResampling, seed: int = 1
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    return resample(*faces(), n_classes=3, kind=kind, seed=seed)


@pytest.mark.parametrize(
    ("kind", "size"), [("oversample", 20), ("undersample", 8), ("smote", 20), ("smote_enn", 20)]
)
def test_every_class_gets_the_same_size(kind: SplitResampling, size: int) -> None:
    images, targets = resampled(kind)
    np.testing.assert_array_equal(targets.sum(axis=0), [size] * 3)
    assert images.shape == (3 * size, 12, 12)
    np.testing.assert_array_equal(images.mean(axis=(1, 2)) // 80, targets.argmax(axis=1))


@pytest.mark.parametrize("kind", ["oversample", "undersample", "smote", "smote_enn"])
def test_a_missing_package_is_reported_with_instructions(
    monkeypatch: pytest.MonkeyPatch, kind: SplitResampling
) -> None:
    monkeypatch.setitem(sys.modules, "imblearn", None)
    with pytest.raises(SettingsError, match=r"not installed.*pip install '\.\[training\]'"):
        resampled(kind)


@pytest.mark.parametrize("kind", ["oversample", "undersample", "smote", "smote_enn"])
def test_the_result_depends_only_on_the_seed(kind: SplitResampling) -> None:
    once, again, other = resampled(kind), resampled(kind), resampled(kind, seed=2)
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(once[1], again[1])
    assert not np.array_equal(once[0], other[0])


def test_smote_keeps_the_faces_and_interpolates_new_ones_within_a_class() -> None:
    images, targets = faces()
    new = resampled("smote")[0]
    np.testing.assert_array_equal(new[: len(images)], images)
    of_class = images[targets[:, 1] == 1].astype(float).reshape(10, -1)
    made = new[len(images) : len(images) + 10].astype(float).reshape(10, -1)
    a, b = of_class[:, None, None], of_class[None, :, None]
    along = (((made - a) * (b - a)).sum(-1) / np.maximum(((b - a) ** 2).sum(-1), 1)).clip(0, 1)
    off_line = np.abs(made - (a + along[..., None] * (b - a))).max(-1).min(axis=(0, 1))
    assert off_line.max() < 1.1


def test_smote_enn_removes_a_face_among_another_class() -> None:
    images, targets = faces()
    images[0] = 80  # class 0, but similar to class 1
    cleaned, _ = resample(images, targets, n_classes=3, kind="smote_enn", seed=1)
    assert not (cleaned == 80).all(axis=(1, 2)).any()


def test_votes_stay_with_their_faces() -> None:
    images, targets = faces()
    votes = np.hstack([targets * 0.6 + 0.4 / 3, np.arange(38, dtype=np.float32)[:, None]])
    chosen, new = resample(images, votes.astype(np.float32), n_classes=3, kind="oversample", seed=1)
    np.testing.assert_array_equal(chosen, images[new[:, 3].astype(int)])
    np.testing.assert_array_equal(np.bincount(new[:, :3].argmax(axis=1)), [20] * 3)


def test_smote_on_votes_is_rejected() -> None:
    images, targets = faces()
    with pytest.raises(SettingsError, match="one label per face"):
        resample(images, targets * 0.6 + 0.4 / 3, n_classes=3, kind="smote", seed=1)


def test_smote_with_too_few_faces_is_rejected() -> None:
    with pytest.raises(SettingsError, match="more than 5 faces"):
        resample(*faces((20, 5)), n_classes=2, kind="smote", seed=1)


def test_smote_enn_that_empties_a_class_is_rejected() -> None:
    images, targets = faces((8, 8))
    images[8:] = images[:8] + 1  # each face's nearest neighbor is of the other class
    with pytest.raises(SettingsError, match="no face of classes"):
        resample(images, targets, n_classes=2, kind="smote_enn", seed=1)
