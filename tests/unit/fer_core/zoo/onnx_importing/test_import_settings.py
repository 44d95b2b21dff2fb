from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fer_core.errors import ModelRejected
from fer_core.labels import FERPLUS
from fer_core.preprocessing import PreprocessingConfig
from fer_core.zoo.onnx_importing import (
    OnnxReport,
    StatedSettings,
    read_settings,
    read_stated_settings,
)

GRAY = OnnxReport(
    sha256="ab" * 32,
    size_bytes=1000,
    opset=13,
    input_shape=(1, 1, 64, 64),
    input_type="float32",
    layout="NCHW",
    channels=1,
    tried_shape=(1, 1, 64, 64),
    takes_batches=False,
    classes=8,
    output_kind="logits",
    operators={"Conv": 1},
    parameters=100,
    p95_ms=1.0,
    peak_memory_bytes=None,
)
COLOR = replace(
    GRAY, input_shape=(None, 3, 224, 224), channels=3, tried_shape=(1, 3, 224, 224), classes=7
)
ANY_SIZE = replace(GRAY, input_shape=(None, 1, None, None), tried_shape=(1, 1, 48, 48))
LABELS = StatedSettings(labels=["ferplus"])


def guesses(report: OnnxReport, stated: StatedSettings) -> dict[str, str]:
    readings = read_settings(report, stated, "some-model.v2.onnx").readings
    return {each.setting: each.value for each in readings if each.is_guess}


def test_what_the_file_says_is_no_guess() -> None:
    settings = read_settings(GRAY, LABELS, "FER model-2.onnx")
    assert settings.name == "fer_model_2"
    assert settings.preprocessing == PreprocessingConfig(size=64, scaling="none")
    assert (settings.layout, settings.output) == ("NCHW", "logits")
    assert settings.labels[:3] == ("neutral", "happy", "surprise")
    assert set(settings.labels) == set(FERPLUS)


def test_what_no_file_says_is_guessed_until_it_is_stated() -> None:
    seven = StatedSettings(labels=["fer2013"])
    assert guesses(GRAY, LABELS) == {"scaling": "none"}
    assert guesses(COLOR, seven) == {"color": "rgb", "scaling": "imagenet"}
    assert guesses(replace(COLOR, layout="NHWC", input_shape=(None, 224, 224, 3)), seven) == {
        "color": "rgb",
        "scaling": "unit",
    }
    assert guesses(ANY_SIZE, LABELS) == {"input": "48x48x1", "scaling": "unit"}
    stated = StatedSettings(labels=["fer2013"], color="bgr", scaling="imagenet")
    assert guesses(COLOR, stated) == {}
    between = replace(GRAY, output_kind="between 0 and 1")
    assert guesses(between, LABELS) == {"scaling": "none", "output": "logits"}
    assert guesses(GRAY, StatedSettings(labels=["bored", *FERPLUS[1:]], scaling="unit")) == {
        "labels": ", ".join(("bored", *FERPLUS[1:]))
    }


def test_synonyms_are_read_as_the_expressions_here() -> None:
    stated = StatedSettings(labels=["Anger", "Happiness"], scaling="unit")
    settings = read_settings(replace(GRAY, classes=2), stated, "m.onnx")
    assert settings.labels == ("angry", "happy")
    assert not settings.needs_confirmation


def test_imagenet_follows_the_color_order() -> None:
    def mean(color: str) -> tuple[float, ...]:
        stated = StatedSettings.model_validate(
            {"labels": ["fer2013"], "color": color, "scaling": "imagenet"}
        )
        return read_settings(COLOR, stated, "m.onnx").preprocessing.mean

    assert mean("rgb") == (0.485, 0.456, 0.406)
    assert mean("bgr") == (0.406, 0.456, 0.485)


@pytest.mark.parametrize(
    ("report", "stated", "message"),
    [
        (GRAY, {"labels": ["happy", "sad"]}, "8 classes. Received: 2 labels"),
        (GRAY, {"labels": ["happy"] * 8}, "labels must be unique"),
        (GRAY, {"layout": "NHWC"}, "layout in the file is NCHW"),
        (GRAY, {"input": "48x48x1"}, "64 pixels a side. Received: 48x48x1"),
        (GRAY, {"input": "64x64x3"}, "has 1 channels"),
        (GRAY, {"input": "64x48x1"}, "Faces are square"),
        (GRAY, {"color": "rgb"}, "has 1 channels. Received: the color rgb"),
        (GRAY, {"scaling": "imagenet"}, "3 numbers each|1 numbers each"),
        (GRAY, {"scaling": "channels"}, "1 numbers each. Received: 0 and 0"),
        (GRAY, {"mean": [0.5], "deviation": [0.5]}, "need the scaling channels"),
        (GRAY, {"output": "probabilities"}, "must sum to 1"),
        (replace(GRAY, input_shape=(1, 1, 64, 48)), {}, "must take square faces"),
    ],
)
def test_a_contradiction_is_one_sentence(
    report: OnnxReport, stated: dict[str, object], message: str
) -> None:
    settings = StatedSettings.model_validate({"labels": ["ferplus"]} | stated)
    with pytest.raises(ModelRejected, match=message):
        read_settings(report, settings, "m.onnx")


def test_settings_can_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('labels = ["happy", "sad"]\nscaling = "channels"\nmean = [0.5]\n')
    assert read_stated_settings(path).mean == [0.5]
    path.write_text('lables = ["happy"]\ncolor = 3\n')
    with pytest.raises(ModelRejected, match="lables: unknown field") as caught:
        read_stated_settings(path)
    assert "color: expected" in str(caught.value)
    with pytest.raises(ModelRejected, match="cannot be read"):
        read_stated_settings(tmp_path / "none.toml")
