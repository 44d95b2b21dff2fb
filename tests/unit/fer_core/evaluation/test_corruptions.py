from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.evaluation.corruptions import CORRUPTIONS, STRENGTHS, Corruption, corrupt
from fer_core.faces.regions import EYES_AT, MOUTH_AT
from fer_core.samples import load_samples

GRAINY: tuple[Corruption, ...] = ("low_light", "noise")


def face(side: int = 48) -> NDArray[np.uint8]:
    """A gray face of this side; all sides show the same."""
    gray = cv2.cvtColor(load_samples()["happy"], cv2.COLOR_RGB2GRAY)[48:-48, 48:-48]
    small = cv2.resize(gray, (48, 48), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("shape", [(48, 48), (48, 48, 3), (131, 131, 3)])
def test_each_severity_is_another_picture_of_the_same_shape(
    corruption: Corruption, shape: tuple[int, ...]
) -> None:
    gray = face(shape[0])
    image = gray if len(shape) == 2 else np.repeat(gray[..., None], 3, axis=2)
    worse = [corrupt(image, corruption, severity, seed=4) for severity in range(6)]
    assert all(picture.shape == shape and picture.dtype == np.uint8 for picture in worse)
    np.testing.assert_array_equal(worse[0], image)
    assert len({picture.tobytes() for picture in worse}) == 6


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_the_worst_is_further_from_the_face_than_the_mildest(corruption: Corruption) -> None:
    mild, worst = (corrupt(face(), corruption, severity, seed=2) for severity in (1, 5))
    assert distance(worst, face()) > 1.5 * distance(mild, face())


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_the_seed_decides_all_that_is_random(corruption: Corruption) -> None:
    pictures = [corrupt(face(), corruption, 4, seed=seed) for seed in (7, 7, 8, 9, 10)]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    varies = len({picture.tobytes() for picture in pictures}) > 1
    assert varies == (corruption in {"motion_blur", "low_light", "noise", "rotation"})


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("severity", [1, 3, 5])
def test_a_large_face_suffers_what_a_small_one_does(corruption: Corruption, severity: int) -> None:
    """Shrunk to 48 pixels after its corruption, a face of 480 looks like one corrupted at 48."""
    large = corrupt(np.repeat(face(480)[..., None], 3, axis=2), corruption, severity, seed=3)
    shrunk = cv2.resize(large[..., 0], (48, 48), interpolation=cv2.INTER_AREA)
    small = corrupt(face(), corruption, severity, seed=3)
    if corruption in GRAINY:  # other draws, equally strong
        clean = {"noise": face(), "low_light": face() * STRENGTHS["low_light"][severity - 1]}
        strengths = [np.std(picture - clean[corruption]) for picture in (shrunk, small)]
        assert strengths[0] == pytest.approx(strengths[1], rel=0.25)
    else:
        assert distance(np.asarray(shrunk, np.uint8), small) < 6


@pytest.mark.parametrize(
    ("corruption", "at"), [("covered_eyes", EYES_AT), ("covered_mouth", MOUTH_AT)]
)
def test_covers_lie_on_eyes_and_mouth_only(corruption: Corruption, at: float) -> None:
    changed = corrupt(face(), corruption, 3) != face()
    rows = np.flatnonzero(changed.any(axis=1)) / 48
    assert rows.mean() == pytest.approx(at, abs=0.03)
    assert np.ptp(rows) == pytest.approx(STRENGTHS[corruption][2], abs=0.05)


def test_less_light_is_a_darker_picture() -> None:
    brightness = [corrupt(face(), "low_light", severity).mean() for severity in range(6)]
    assert brightness == sorted(brightness, reverse=True)
    expected = np.array([1.0, *STRENGTHS["low_light"]]) * brightness[0]
    np.testing.assert_allclose(brightness, expected, atol=1.0)


@pytest.mark.parametrize(
    ("corruption", "severity", "image"),
    [
        ("fog", 1, face()),
        ("noise", 6, face()),
        ("noise", -1, face()),
        ("noise", 1, face().astype(np.float32)),
        ("noise", 1, np.empty((0, 0), np.uint8)),
    ],
)
def test_what_makes_no_sense_is_refused(
    corruption: Corruption, severity: int, image: NDArray[np.uint8]
) -> None:
    with pytest.raises(ValueError, match="Received"):
        corrupt(image, corruption, severity)
