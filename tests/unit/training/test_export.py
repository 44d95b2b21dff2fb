"""Export of a finished run to a model folder."""

from __future__ import annotations

import json
import runpy
import shutil
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import typer

from fer_core.errors import OutputError
from fer_core.evaluation.scores.classification import classification_metrics
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.zoo.artifacts import read_predictions
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.store import ModelStore
from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from tests.unit.training.settings import EPOCHS, TINY_CONFIG
from training import export, score_run
from training.artifacts.split_predictions import predict_split
from training.datasets import FaceDataset, read_dataset
from training.run_directory.environment import write_environment
from training.run_directory.layout import CONFIG_FILE, CONFIGS, load_best, project_config
from training.settings import read_settings
from training.train import train

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_fer2013_csv(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def dataset(data: Path) -> FaceDataset:
    return read_dataset(data)


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory, dataset: FaceDataset) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / CONFIG_FILE).write_text(TINY_CONFIG)
    write_environment(folder)
    train(read_settings(folder / CONFIG_FILE), dataset, folder, resume=False)
    return folder


@pytest.fixture(scope="module")
def models_dir(
    tmp_path_factory: pytest.TempPathFactory, run_dir: Path, dataset: FaceDataset
) -> Path:
    folder = tmp_path_factory.mktemp("models")
    export.export(run_dir, dataset, ModelStore(folder))
    return folder


def test_the_folder_is_complete_and_its_card_valid(models_dir: Path) -> None:
    names = {path.name for path in (models_dir / "tiny").iterdir()}
    assert names == {"model.keras", "card.json", "README.md", "history.csv", "predictions.npz"}
    card = ModelStore(models_dir).load_scored_card("tiny")
    assert card.training is not None
    assert card.training.epochs == EPOCHS
    assert card.parameters == 1332 + 128 + 63  # kernels, normalization, the dense layer
    assert card.protocol.report_split == "fer2013_private_test"
    assert len(pd.read_csv(models_dir / "tiny" / "history.csv")) == EPOCHS


def test_the_project_config_of_a_run_is_found(run_dir: Path, tmp_path: Path) -> None:
    assert project_config(run_dir) is None
    shutil.copyfile(CONFIGS / "ferplus" / "ferplus_cnn.toml", tmp_path / CONFIG_FILE)
    assert project_config(tmp_path) == "training/configs/ferplus/ferplus_cnn.toml"


def test_every_score_in_the_card_follows_from_the_predictions(models_dir: Path) -> None:
    card = ModelStore(models_dir).load_scored_card("tiny")
    predictions = ModelStore(models_dir).load_predictions("tiny")
    assert set(predictions) == {"fer2013_public_test", "fer2013_private_test"}
    for split, protocols in card.metrics.items():
        for protocol, scores in protocols.items():
            assert classification_metrics(predictions[split], protocol=protocol) == scores


def test_the_app_classifies_as_the_stored_predictions_say(
    models_dir: Path, dataset: FaceDataset
) -> None:
    classifier = load_classifier("tiny", store=ModelStore(models_dir))
    faces = dataset.subset("test").images
    probabilities = classifier.predict(preprocess_batch(faces, classifier.card.preprocessing))
    stored = ModelStore(models_dir).load_predictions("tiny")["fer2013_private_test"]
    card = ModelStore(models_dir).load_scored_card("tiny")
    assert card.temperature is not None
    calibrated = card.fitted_calibration.apply(stored.probabilities)
    np.testing.assert_allclose(probabilities, calibrated, atol=1e-4)


def test_plain_keras_loads_the_file(models_dir: Path) -> None:
    model = keras.models.load_model(models_dir / "tiny" / "model.keras")
    assert model.input_shape == (None, 48, 48, 1)
    assert getattr(model, "optimizer", None) is None


def test_exporting_again_replaces_the_folder(
    models_dir: Path, run_dir: Path, dataset: FaceDataset
) -> None:
    (models_dir / "tiny" / "stale.txt").write_text("old")
    store = ModelStore(models_dir)
    before = store.load_scored_card("tiny")
    with pytest.raises(OutputError, match="--overwrite"):
        export.export(run_dir, dataset, store)
    assert (models_dir / "tiny" / "stale.txt").exists()
    assert export.export(run_dir, dataset, store, overwrite=True) == before
    assert not (models_dir / "tiny" / "stale.txt").exists()
    assert [path.name for path in models_dir.iterdir()] == ["tiny"]


def test_a_card_states_teachers_and_a_stopped_training(
    tmp_path: Path, run_dir: Path, dataset: FaceDataset, models_dir: Path
) -> None:
    short = shutil.copytree(run_dir, tmp_path / "short")
    text = TINY_CONFIG.replace(f"epochs = {EPOCHS}\n", f"epochs = {EPOCHS + 2}\n", 1)
    (short / CONFIG_FILE).write_text(text + '[distillation]\nteachers = ["../big", "cnn"]\n')
    card = export.export(short, dataset, ModelStore(tmp_path / "models"))
    assert card.summary.endswith(
        "Distilled from big, cnn: trained on their predictions as well as the labels."
    )
    assert f"stopped after {EPOCHS} of {EPOCHS + 2} epochs" in card.limits[-1]
    whole = ModelStore(models_dir).load_scored_card("tiny")
    assert "Distilled" not in whole.summary
    assert not any("stopped after" in limit for limit in whole.limits)


def test_score_run_scores_only_the_validation_split_by_default(
    run_dir: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    score_run.main(run_dir, data)
    predictions = read_predictions(run_dir / "predictions.npz", tiny_dataset().label_names)
    assert set(predictions) == {"fer2013_public_test"}
    metrics = json.loads((run_dir / "metrics.json").read_text())["metrics"]
    assert set(metrics) == {"fer2013_public_test"}
    assert "private" not in capsys.readouterr().out


def test_an_export_requires_the_final_option(run_dir: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match=r"must not be used.*training\.score_run"):
        export.main(run_dir, data, models_dir=tmp_path)
    assert not list(tmp_path.iterdir())


def test_score_run_writes_final_scores_to_the_run_and_prints_the_log_entry(
    run_dir: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    score_run.main(run_dir, data, final=True)
    assert f"| run {run_dir.name} | fer2013_private_test | " in capsys.readouterr().out
    predictions = read_predictions(run_dir / "predictions.npz", tiny_dataset().label_names)
    metrics = json.loads((run_dir / "metrics.json").read_text())["metrics"]
    private_test = predictions["fer2013_private_test"]
    hits = private_test.probabilities.argmax(axis=1) == private_test.label
    assert metrics["fer2013_private_test"]["plain"]["accuracy"]["value"] == hits.mean()
    assert private_test.has_training_duplicate is not None


def test_the_former_name_of_score_run_still_works_and_names_the_new_one(
    run_dir: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (run_dir / "metrics.json").unlink(missing_ok=True)
    monkeypatch.setattr(sys, "argv", ["evaluate", "--run", str(run_dir), "--data", str(data)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("training.evaluate", run_name="__main__")
    assert ended.value.code == 0
    assert "python -m training.score_run" in capsys.readouterr().err
    assert (run_dir / "metrics.json").is_file()


def test_flip_is_the_mean_of_a_face_and_its_mirror_image(
    run_dir: Path, dataset: FaceDataset
) -> None:
    settings, model = load_best(run_dir, dataset)
    config = settings.preprocessing.to_config(48)
    predictions = predict_split(model, dataset, "test", config)
    mirrored = preprocess_batch(dataset.subset("test").images[:, :, ::-1], config)
    expected = (predictions.probabilities + model.predict(mirrored, verbose=0)) / 2
    assert predictions.probabilities_flip is not None
    np.testing.assert_allclose(predictions.probabilities_flip, expected, atol=1e-5)
