import re

import numpy as np
import pytest

from fer_core.labels.emotions import (
    CKPLUS,
    COLORS,
    FER2013,
    FERPLUS,
    HIGH_LEVEL,
    canonical_label,
    high_level_of,
    high_level_probabilities,
)


def test_fer2013_is_in_the_order_of_its_file() -> None:
    assert FER2013 == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def test_every_label_has_a_color_of_its_own() -> None:
    assert set(COLORS) == set(FERPLUS) | set(CKPLUS)
    assert len(set(COLORS.values())) == len(COLORS)
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in COLORS.values())


@pytest.mark.parametrize("label", FERPLUS)
def test_canonical_labels_stay_as_they_are(label: str) -> None:
    assert canonical_label(label) == label
    assert canonical_label(f" {label.upper()}\n") == label


@pytest.mark.parametrize(
    ("name", "label"),
    [("Anger", "angry"), ("happiness", "happy"), ("Sadness", "sad"), ("fearful", "fear")],
)
def test_common_names_are_understood(name: str, label: str) -> None:
    assert canonical_label(name) == label


@pytest.mark.parametrize("name", ["", "bored", "happy sad", "0"])
def test_an_unknown_name_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(ValueError, match="Expected one of angry, disgust"):
        canonical_label(name)


def test_coarse_classes_follow_from_the_emotion() -> None:
    assert [high_level_of(label) for label in CKPLUS] == [
        *("negative", "negative", "negative", "positive", "negative", "surprise", "negative")
    ]
    with pytest.raises(ValueError, match="neutral"):
        high_level_of("neutral")


def test_coarse_probabilities_are_sums() -> None:
    probabilities = np.array([[0.1, 0.2, 0.05, 0.3, 0.05, 0.2, 0.1]])
    coarse = high_level_probabilities(probabilities, CKPLUS)
    expected = dict(zip(HIGH_LEVEL, coarse[0], strict=True))
    assert expected == pytest.approx({"negative": 0.5, "positive": 0.3, "surprise": 0.2})
