"""For any invalid image argument, the message says what to pass instead."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import fer_core
from fer_core import InputRejected, LiveSession, ModelError
from fer_core.errors import ImageArrayError
from fer_core.recognition.analyzer import Analyzer
from tests.squares import square_analyzer

NO_PICTURES: dict[str, tuple[Any, str]] = {
    "a path must be a string": ("photo.jpg", r"read_image\(path\)"),
    "a path": (Path("photo.jpg"), r"read_image\(path\)"),
    "bytes": (b"\xff\xd8\xff", r"decode_image\(data\)"),
    "a PIL image": (Image.new("RGB", (9, 9)), r'asarray\(image.convert\("RGB"\)\)'),
    "nothing": (None, "Received: None"),
    "a list": ([[1, 2], [3, 4]], "type list"),
    "floats": (np.zeros((9, 9, 3)), r"\(255 \* image\)"),
    "16 bits": (np.zeros((9, 9, 3), np.uint16), "0 to 255"),
    "channels first": (np.zeros((3, 9, 9), np.uint8), r"transpose\(1, 2, 0\)"),
    "gray": (np.zeros((9, 9), np.uint8), r"dstack\(\[image\] \* 3\)"),
    "one channel": (np.zeros((9, 9, 1), np.uint8), r"dstack\(\[image\] \* 3\)"),
    "with alpha": (np.zeros((9, 9, 4), np.uint8), r"image\[..., :3\]"),
    "a batch": (np.zeros((2, 9, 9, 3), np.uint8), "one image at a time"),
    "no pixels": (np.zeros((0, 9, 3), np.uint8), "at least one pixel"),
}


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_the_message_says_what_to_pass(kind: str) -> None:
    image, advice = NO_PICTURES[kind]
    analyzer = square_analyzer()
    calls = (
        lambda: analyzer.analyze(image),
        lambda: LiveSession(analyzer).process(image, 0.0),
        lambda: fer_core.create_detector("haar").detect(image),
    )
    for call in calls:
        with pytest.raises(ImageArrayError, match=advice) as caught:
            call()
        assert isinstance(caught.value, ValueError)
        assert isinstance(caught.value, InputRejected)


@pytest.mark.usefixtures("models_dir")
def test_analyze_image_predicts_uncertain_too() -> None:
    with pytest.raises(ImageArrayError, match="read_image"):
        fer_core.analyze_image("photo.jpg", detector="haar")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        ("photo.jpg", r"read_image\(path\)"),
        (Path("photo.jpg"), r"read_image\(path\)"),
        (None, "Received: None"),
        (np.zeros((9, 9, 3), np.uint8), "analyze_image"),
        (io.BytesIO(b"x"), r"read\(\)"),
    ],
)
def test_only_bytes_are_decoded(data: Any, advice: str) -> None:
    with pytest.raises(InputRejected, match=advice):
        fer_core.decode_image(data)


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        (b"\xff\xd8", r"decode_image\(data\)"),
        (None, "Received: None"),
        (np.zeros((9, 9, 3), np.uint8), "analyze_image"),
    ],
)
def test_only_paths_are_read(path: Any, advice: str) -> None:
    with pytest.raises(InputRejected, match=advice):
        fer_core.read_image(path)


@pytest.mark.parametrize("name", [3, Path("cnn"), b"cnn"])
def test_a_model_is_named_by_text(models_dir: Path, name: Any) -> None:
    for load in (fer_core.load_classifier, fer_core.load_analyzer):
        with pytest.raises(ModelError, match="must be a string"):
            load(name)
    listing = fer_core.ModelStore(str(models_dir)).list_models()  # type: ignore[arg-type]
    assert {card.name for card in listing.cards} == {"tiny_a", "tiny_b"}


def test_a_classifier_takes_faces(analyzer: Analyzer) -> None:
    with pytest.raises(ImageArrayError, match="preprocess_batch"):
        analyzer.classifier.predict("face.png")  # type: ignore[arg-type]


@pytest.fixture
def analyzer() -> Analyzer:
    return square_analyzer()
