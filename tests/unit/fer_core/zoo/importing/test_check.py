from __future__ import annotations

import hashlib
import io
import json
import zipfile
from contextlib import nullcontext
from pathlib import Path

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from fer_core.cli.main import app
from fer_core.errors import ModelRejected
from fer_core.zoo.importing import check_model, weights
from fer_core.zoo.importing.checker_process import judge
from fer_core.zoo.importing.config import check_config
from tests.conftest import PROJECT
from tests.hostile_models import hostile_models

SOUND = PROJECT / "models/mobilenet/model.keras"


def rejection(path: Path, **options: float) -> ModelRejected:
    with pytest.raises(ModelRejected) as caught:
        check_model(path, **options)
    return caught.value


@pytest.mark.slow
def test_a_sound_model_is_described(
    tiny_units_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tiny_units_dir / "tiny_units" / "model.keras"
    card = json.loads((path.parent / "card.json").read_text())
    report = check_model(path)
    assert report.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert report.sha256 == card["weights"]["sha256"]
    assert report.parameters == card["parameters"]
    assert report.input_shape == (None, 48, 48, 1)
    classes, units = len(card["labels"]), len(card["action_units"])
    assert list(report.outputs.values()) == [(None, classes), (None, units)]
    assert list(report.output_kinds.values()) == ["probabilities", "between 0 and 1"]
    assert report.layers["Conv2D"] == 1
    table: dict[str, str] = dict(report.to_frame().itertuples(index=False))
    assert table["input"] == "n x 48 x 48 x 1"
    assert table["parameters"] == f"{card['parameters']:,}"
    assert capfd.readouterr().out == ""


@pytest.mark.slow
def test_weights_that_do_not_fit_their_layers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.keras"
    with zipfile.ZipFile(SOUND) as sound, zipfile.ZipFile(path, "w") as changed:
        for name in sound.namelist():
            data = sound.read(name).replace(b'"units": 7,', b'"units": 8,')
            changed.writestr(name, data)
    error = rejection(path)
    assert error.reason == "failed"
    assert "Keras cannot load the model" in str(error)


@pytest.mark.parametrize(
    "name",
    [
        "Lambda with code (CVE-2024-3660)",
        "weights in another file (CVE-2026-1669)",
        "an old HDF5 model in disguise (CVE-2025-9905)",
    ],
)
def test_the_command_line_refuses_hostile_models_in_a_process_of_its_own(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    reason, build = hostile_models(SOUND.read_bytes(), tmp_path / "canary")[name]
    (tmp_path / "model.keras").write_bytes(build())
    result = CliRunner().invoke(app, ["import-model", str(tmp_path / "model.keras")])
    assert result.exit_code == 1
    assert result.exception is not None
    assert isinstance(result.exception.__cause__, ModelRejected)
    assert result.exception.__cause__.reason == reason
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.keras", "secret"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("model.h5", "old HDF5 format"),
        ("model.hdf5", "old HDF5 format"),
        ("saved_model.pb", "SavedModel"),
        ("model.onnx", "ONNX"),
        ("model.pkl", "pickle"),
        ("model.pth", "pickle"),
        ("model.tflite", "Lite"),
        ("model", "ends in nothing"),
    ],
)
def test_other_formats_are_refused_with_advice(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"content")
    error = rejection(tmp_path / name)
    assert error.reason == "unsupported_type"
    assert words in str(error)
    assert 'model.save("model.keras")' in str(error)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert "SavedModel" in str(rejection(tmp_path))
    assert "no such file" in str(rejection(tmp_path / "none.keras"))


def test_a_check_that_takes_too_long_is_stopped() -> None:
    assert rejection(SOUND, timeout_s=0.05).reason == "limits"


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.keras"
    with path.open("wb") as stream:
        stream.truncate(300 * 2**20)
    assert rejection(path).reason == "too_large"


def test_a_valid_repacked_model_passes() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(SOUND) as sound, zipfile.ZipFile(stream, "w") as packed:
        for name in sound.namelist():
            packed.writestr(name, sound.read(name))
    judge(stream.getvalue())


def with_nested(compiling: object) -> bytes:
    """The configuration of the sound model with another model in it."""
    with zipfile.ZipFile(SOUND) as sound:
        config = json.loads(sound.read("config.json"))
    inner = {**json.loads(json.dumps(config)), "compile_config": compiling}
    config["config"]["layers"].append(inner)
    return json.dumps({**config, "compile_config": {"loss": "theirs"}}).encode()


@pytest.mark.parametrize(
    "compiling",
    [
        None,
        {},
        {"optimizer": "adam", "loss": "mse", "metrics": ["accuracy"]},
        {
            "optimizer": {
                "module": "keras.optimizers",
                "class_name": "Adam",
                "config": {"learning_rate": 0.1, "beta_1": 0.9},
            }
        },
    ],
)
def test_how_models_were_compiled_is_no_reason_to_refuse_and_never_reaches_keras(
    compiling: object,
) -> None:
    judged = check_config(with_nested(compiling))
    assert b"compile_config" not in judged
    assert b"mobilenet" in judged


@pytest.mark.parametrize(
    "compiling",
    [
        {"loss": {"module": "theirs", "class_name": "Loss", "config": {}}},
        {"loss": {"module": "builtins", "class_name": "function", "config": "exec"}},
        {"metrics": [[{"class_name": "__lambda__", "config": {}}]]},
        {"optimizer": {"module": ["keras.optimizers"], "class_name": "Adam"}},
        {"metrics": json.loads("[" * 100 + "]" * 100)},
    ],
)
def test_a_model_inside_the_model_that_was_compiled_with_foreign_objects_is_refused(
    compiling: object,
) -> None:
    with pytest.raises(ModelRejected):
        check_config(with_nested(compiling))


def test_the_state_of_an_optimizer_does_not_make_a_model_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weights, "MAX_PARAMETERS", 10)
    for group, fits in (("optimizer/vars", True), ("layers/vars", False)):
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            file["layers/dense"] = np.zeros(10)
            file[f"{group}/0"] = np.zeros(20)
        with nullcontext() if fits else pytest.raises(ModelRejected):
            weights.check_weights(stream.getvalue())
