from __future__ import annotations

import numpy as np
import pytest

from fer_core.labels.emotions import FER2013
from fer_core.recognition.corrupted_face import (
    CorruptedFace,
    before_and_after,
    predict_by_severity,
    versions,
)
from tests.stand_ins import brightness_classifier


def test_a_face_is_classified_at_every_severity() -> None:
    """The fake model predicts neutral for a bright face and angry for a dark one."""
    bright = np.full((96, 96, 3), 250, np.uint8)
    found = predict_by_severity(brightness_classifier(), versions(bright, "low_light"))
    assert found.predictions[0] == "neutral"
    assert found.predictions[5] == "angry"
    assert found.kept[0] == pytest.approx(0.9)
    assert found.kept[5] == pytest.approx(0.1 / 6, abs=1e-6)
    frame = found.to_frame()
    assert frame["severity"].tolist() == [0, 1, 2, 3, 4, 5]
    assert (frame["first_predicted"] == "neutral").all()


def test_before_and_after_names_the_models_whose_prediction_changes() -> None:
    bright = np.full((48, 48), 250, np.uint8)
    face = predict_by_severity(brightness_classifier(), versions(bright, "low_light"))
    table = before_and_after({"A": face}, 5).iloc[0]
    assert (table["before"], table["after"], table["changed"]) == ("neutral", "angry", True)
    assert not before_and_after({"A": face}, 0).iloc[0]["changed"]


def test_versions_begin_with_the_face_itself() -> None:
    crop = np.arange(48 * 48, dtype=np.uint8).reshape(48, 48)
    found = versions(crop, "noise")
    assert len(found) == 6
    np.testing.assert_array_equal(found[0], crop)


def test_probabilities_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(6, 7\)"):
        CorruptedFace("a", FER2013, np.zeros((5, 7), np.float32))
