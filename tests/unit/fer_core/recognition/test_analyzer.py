import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.faces import crop_faces
from fer_core.faces.sample_faces import load_samples
from fer_core.labels.emotions import FER2013
from fer_core.recognition.analyzer import Analyzer, analyze_image, load_analyzer
from tests.photo_faces import faces_with
from tests.stand_ins import FixedDetector, brightness_classifier, dark_and_bright

LEFT, RIGHT = (10, 10, 50, 50), (110, 20, 150, 60)


@pytest.fixture
def analyzer() -> Analyzer:
    return Analyzer(brightness_classifier(), FixedDetector(LEFT, RIGHT))


@pytest.fixture
def nobody() -> Analyzer:
    return Analyzer(brightness_classifier(), FixedDetector())


def test_each_face_gets_the_probabilities_of_its_own_crop(analyzer: Analyzer) -> None:
    image = dark_and_bright()
    analysis = analyzer.analyze(image)
    dark, bright = analysis.faces
    assert (dark.xyxy, dark.label) == (LEFT, "angry")
    assert (bright.xyxy, bright.label) == (RIGHT, "neutral")
    assert dark.confidence == bright.confidence == pytest.approx(0.9)
    assert dark.detection_score == 0.75
    crops = crop_faces(image, analyzer.detector.detect(image))
    np.testing.assert_array_equal(dark.crop, crops[0])
    np.testing.assert_array_equal(bright.crop, crops[1])


def test_the_analysis_names_image_size_model_and_detector(analyzer: Analyzer) -> None:
    analysis = analyzer.analyze(dark_and_bright(120, 200))
    assert (analysis.width, analysis.height) == (200, 120)
    assert (analysis.model, analysis.detector) == ("brightness", "fixed")
    assert analysis.labels == FER2013
    assert analysis.detection_ms >= 0
    assert analysis.classification_ms > 0


def test_the_picture_is_not_changed(analyzer: Analyzer) -> None:
    image = dark_and_bright()
    analyzer.analyze(image)
    np.testing.assert_array_equal(image, dark_and_bright())


def test_the_table_has_one_row_per_face(analyzer: Analyzer) -> None:
    frame = analyzer.analyze(dark_and_bright()).to_frame()
    assert list(frame.columns) == [
        *("face_id", "x1", "y1", "x2", "y2", "detection_score"),
        *("prediction", "top_label", "confidence"),
        *(f"p_{label}" for label in FER2013),
        *("model", "model_checksum", "detector", "threshold"),
    ]
    assert frame["face_id"].tolist() == [1, 2]
    assert frame[["x1", "y1", "x2", "y2"]].to_numpy().tolist() == [list(LEFT), list(RIGHT)]
    assert frame["prediction"].tolist() == ["angry", "neutral"]
    probabilities = frame.filter(regex="^p_").to_numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(frame["p_angry"], [0.9, 0.1 / 6], atol=1e-6)


def test_the_json_form_holds_the_same(analyzer: Analyzer) -> None:
    analysis = analyzer.analyze(dark_and_bright())
    read = json.loads(analysis.to_json())
    assert read == analysis.to_dict()
    assert [face["prediction"] for face in read["faces"]] == ["angry", "neutral"]
    assert read["faces"][1]["face_id"] == 2
    assert [read["faces"][1][side] for side in ("x1", "y1", "x2", "y2")] == list(RIGHT)
    assert read["faces"][0]["p_angry"] == pytest.approx(0.9)


def test_action_units_are_in_table_and_json_by_name() -> None:
    classifier = brightness_classifier(action_units=("AU1", "AU12"))
    analysis = Analyzer(classifier, FixedDetector(LEFT, RIGHT)).analyze(dark_and_bright())
    dark, bright = analysis.faces
    assert dark.action_units == {"AU1": 0.0, "AU12": 0.0}
    assert bright.action_units["AU12"] > 0.9
    assert float(bright.probabilities.sum()) == pytest.approx(1, abs=1e-5)
    assert analysis.to_frame()["p_AU12"].tolist() == [0.0, round(bright.action_units["AU12"], 6)]
    faces = json.loads(analysis.to_json())["faces"]
    assert faces[1]["p_AU12"] == pytest.approx(bright.action_units["AU12"], abs=1e-6)
    nobody = Analyzer(classifier, FixedDetector()).analyze(dark_and_bright())
    assert "p_AU1" in nobody.to_frame().columns


def test_no_face_is_a_result_with_zero_rows(nobody: Analyzer) -> None:
    analysis = nobody.analyze(dark_and_bright())
    assert len(analysis.faces) == 0
    frame = analysis.to_frame()
    assert len(frame) == 0
    assert "p_happy" in frame.columns
    assert analysis.to_dict()["faces"] == []


def test_without_crops_only_the_pixels_are_gone(analyzer: Analyzer) -> None:
    analysis = analyzer.analyze(dark_and_bright())
    light = analysis.without_crops()
    assert light.to_dict() == analysis.to_dict()
    assert sum(face.crop.size for face in light.faces) == 0
    assert all(face.crop.size for face in analysis.faces)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((0, 10, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_picture_is_refused(analyzer: Analyzer, image: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="Received: shape="):
        analyzer.analyze(image)


@given(arrays.arrays(np.float32, 7, elements=st.floats(0, 1, width=32)), st.integers(1, 9))
def test_top_lists_the_most_probable_labels_first(
    probabilities: NDArray[np.float32], k: int
) -> None:
    (face,) = faces_with(probabilities[None])
    top = face.top(k)
    assert len(top) == min(k, 7)
    assert top[0] == (face.label, face.confidence)
    values = [value for _, value in top]
    assert values == sorted(values, reverse=True)
    assert values == sorted(probabilities.tolist(), reverse=True)[:k]
    assert all(value == probabilities[FER2013.index(label)] for label, value in top)


@pytest.mark.parametrize(("threshold", "uncertain"), [(0.89, False), (0.91, True)])
def test_a_face_below_the_threshold_is_uncertain(
    analyzer: Analyzer, threshold: float, uncertain: bool
) -> None:
    assert analyzer.analyze(dark_and_bright()).faces[0].is_uncertain(threshold) is uncertain


@pytest.mark.usefixtures("models_dir")
def test_analyze_image_takes_a_saved_model_by_name() -> None:
    analysis = analyze_image(load_samples()["happy"], model="tiny_a", detector="haar")
    assert (analysis.model, analysis.detector) == ("tiny_a", "haar")
    (face,) = analysis.faces
    assert float(face.probabilities.sum()) == pytest.approx(1, abs=1e-5)


@pytest.mark.usefixtures("models_dir")
def test_the_same_analyzer_is_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_YUNET_MODEL", str(tmp_path / "missing.onnx"))
    assert load_analyzer("tiny_a", "haar") is load_analyzer("tiny_a", "haar")
    assert load_analyzer("tiny_a", "haar") is not load_analyzer("tiny_a", None)


@pytest.mark.usefixtures("models_dir")
def test_an_unknown_model_or_detector_is_refused() -> None:
    with pytest.raises(ModelError, match="tiny_a"):
        load_analyzer("none_such")
    with pytest.raises(ModelError, match="yunet, haar"):
        load_analyzer("tiny_a", "none_such")


def test_without_models_the_message_names_their_folder(no_models_dir: Path) -> None:
    with pytest.raises(ModelError) as caught:
        analyze_image(dark_and_bright())
    assert str(no_models_dir) in str(caught.value)
