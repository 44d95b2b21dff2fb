"""A complete CK+ run on synthetic faces with a very small network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.scores.ckplus_predictions import ckplus_metrics
from fer_core.evaluation.scores.classification import classification_metrics
from fer_core.labels.action_units import CKPLUS_ACTION_UNITS
from fer_core.labels.emotions import CKPLUS
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.training_logs.history import load_history
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.store import ModelStore
from tests.tiny_ckplus import write_cropped
from training.ckplus.export import export
from training.ckplus.model import build_two_heads, freeze_convolutions
from training.ckplus.out_of_fold import predict_out_of_fold, predict_rows
from training.ckplus.run import CkPlusRun, open_run, start_run, train_inner, train_run
from training.ckplus.settings import TwoHeadSettings, read_settings
from training.datasets.ckplus import CkPlusDataset, read_ckplus
from training.publishing.model_readme import render_readme
from training.run_directory.checkpoints import Checkpoint, CheckpointError
from training.run_directory.layout import BEST_CHECKPOINT, CONFIGS, HISTORY_FILE
from training.settings import SettingsError

COVERS = (
    "fer_core/evaluation/scores/ckplus_predictions.py",
    "training/ckplus/*.py",
)

CONFIG = """
folds = 3
epochs = 3
batch_size = 16

[model]
name = "ckplus_tiny"
title = "Tiny, two heads"
pretrained = "tiny_a"

[losses]
class_weights = "sqrt"
positive_weights = "sqrt"
"""


@pytest.fixture(scope="module", autouse=True)
def models_folder(tiny_models_dir: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_MODELS_DIR", str(tiny_models_dir))
        yield


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> CkPlusDataset:
    return read_ckplus(write_cropped(tmp_path_factory.mktemp("ckplus"), subjects=6))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("config") / "tiny.toml"
    file.write_text(CONFIG)
    return file


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory, config: Path, dataset: CkPlusDataset
) -> CkPlusRun:
    started = start_run(config, dataset, tmp_path_factory.mktemp("runs") / "run")
    train_run(started)
    return started


def test_every_frame_is_predicted_out_of_fold(run: CkPlusRun) -> None:
    predictions = predict_out_of_fold(run)
    assert len(predictions.emotion) == len(run.dataset)
    number = 1
    rows = run.fold == number
    run.model.set_weights(Checkpoint.load(run.fold_file(number)).weights)
    faces = preprocess_batch(run.dataset.images[rows], run.preprocessing)
    emotion, action_units = run.model.predict(faces, verbose=0)
    np.testing.assert_allclose(predictions.emotion.probabilities[rows], emotion, atol=1e-5)
    np.testing.assert_allclose(predictions.action_unit_probabilities[rows], action_units, atol=1e-5)


def test_trying_a_config_saves_nothing_and_excludes_the_held_out_people(
    run: CkPlusRun, dataset: CkPlusDataset
) -> None:
    before = sorted(run.folder.rglob("*"))
    trained, rows = train_inner(run, 1)
    tried = predict_rows(run, trained, rows)
    assert sorted(run.folder.rglob("*")) == before
    assert len(tried.emotion) == len(rows)
    assert not np.isin(tried.subject, predict_out_of_fold(run).subject[run.fold == 1]).any()
    other_faces = dataset.images.copy()
    other_faces[run.fold == 1] = 0  # the weights must not depend on them
    blind, _ = train_inner(replace(run, dataset=replace(dataset, images=other_faces)), 1)
    for weights, unchanged in zip(trained.weights, blind.weights, strict=True):
        np.testing.assert_array_equal(weights, unchanged)


def test_a_lost_fold_is_trained_again_with_the_same_result(
    run: CkPlusRun, config: Path, dataset: CkPlusDataset
) -> None:
    before = Checkpoint.load(run.fold_file(2)).weights
    kept = run.fold_file(0).stat().st_mtime_ns
    run.fold_file(2).unlink()
    (run.folder / BEST_CHECKPOINT).unlink()
    train_run(open_run(dataset, run.folder, config=config))
    assert run.fold_file(0).stat().st_mtime_ns == kept
    for first, again in zip(before, Checkpoint.load(run.fold_file(2)).weights, strict=True):
        np.testing.assert_array_equal(first, again)
    history = pd.read_csv(run.folder / HISTORY_FILE)
    assert history["epoch"].tolist() == [1, 2, 3]
    folds = pd.concat(run.histories())
    last = folds[folds["epoch"] == 3]
    assert history["val_accuracy"].iloc[-1] == pytest.approx(last["val_accuracy"].mean())


def test_the_exported_model_matches_its_card(
    run: CkPlusRun, dataset: CkPlusDataset, tmp_path: Path
) -> None:
    store = ModelStore(tmp_path)
    card = export(run.folder, dataset, store)
    assert card == store.load_scored_card("ckplus_tiny")
    assert (card.task, card.labels) == ("emotion+action_units", CKPLUS)
    assert card.action_units == CKPLUS_ACTION_UNITS
    predictions = store.load_ckplus_predictions("ckplus_tiny")
    assert ckplus_metrics(predictions) == card.ckplus
    split = store.load_predictions("ckplus_tiny")["ckplus"]
    assert classification_metrics(split) == card.metrics["ckplus"]["plain"]
    assert len(load_history("ckplus_tiny", store=store)) == 3
    readme = (tmp_path / "ckplus_tiny" / "README.md").read_text(encoding="utf-8")
    assert readme == render_readme(card)
    assert "AU12 lip corner puller" in readme

    model = keras.models.load_model(tmp_path / "ckplus_tiny" / "model.keras")
    faces = preprocess_batch(dataset.images[:5], card.preprocessing)
    emotion, action_units = model.predict(faces, verbose=0)
    classifier = load_classifier("ckplus_tiny", store=store)
    np.testing.assert_allclose(classifier.predict(faces), emotion, atol=1e-5)
    np.testing.assert_allclose(classifier.predict_action_units(faces), action_units, atol=1e-5)


def test_different_data_or_another_config_is_rejected(
    run: CkPlusRun, dataset: CkPlusDataset, config: Path, tmp_path: Path
) -> None:
    fewer = read_ckplus(write_cropped(tmp_path, subjects=5))
    other_face, other_units = dataset.images.copy(), dataset.action_units.copy()
    other_face[0, 20, 20] ^= 1
    other_units[dataset.sequence == dataset.sequence[0], 0] ^= 1
    changed = (
        fewer,
        replace(dataset, images=other_face),
        replace(dataset, action_units=other_units),
    )
    for other_data in changed:
        with pytest.raises(CheckpointError, match="different data"):
            open_run(other_data, run.folder)
    other = tmp_path / "other.toml"
    other.write_text(CONFIG + "\n# changed\n")
    with pytest.raises(CheckpointError, match="was not started with"):
        open_run(dataset, run.folder, config=other)
    with pytest.raises(CheckpointError, match="already holds a run"):
        start_run(config, dataset, run.folder)


def test_a_folder_without_a_run_is_rejected(dataset: CkPlusDataset, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="holds no CK"):
        open_run(dataset, tmp_path)


def test_the_trunk_starts_from_the_saved_weights(tiny_models_dir: Path) -> None:
    settings = TwoHeadSettings(name="two", title="Two", pretrained="tiny_a")
    model = build_two_heads(settings)
    source = keras.models.load_model(tiny_models_dir / "tiny_a" / "model.keras")
    for mine, original in zip(model.get_weights()[:6], source.get_weights()[:6], strict=True):
        np.testing.assert_array_equal(mine, original)
    assert [output.shape for output in model.outputs] == [(None, 7), (None, 15)]


def test_frozen_convolutions_include_their_normalization_but_not_the_heads() -> None:
    settings = TwoHeadSettings(name="two", title="Two", pretrained="tiny_a")
    model = build_two_heads(settings)
    freeze_convolutions(model, 1)
    assert len(model.trainable_weights) == 4  # kernel and bias of both heads
    with pytest.raises(ModelError, match="at least 2 convolutions"):
        freeze_convolutions(model, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs = 1\n", "warmup_epochs must be fewer"),
        ("epochs = 3\n[augmentation]\nmixup = 0.2\n", "mixup must be 0"),
        ("epochs = 3\nfolds = 1\n", "folds"),
    ],
)
def test_invalid_settings_are_rejected(tmp_path: Path, text: str, message: str) -> None:
    model = '[model]\nname = "a"\ntitle = "A"\npretrained = "cnn"\n'
    (tmp_path / "config.toml").write_text(text + model)
    with pytest.raises(SettingsError, match=message):
        read_settings(tmp_path / "config.toml")


def test_the_shipped_configs_are_valid() -> None:
    files = sorted((CONFIGS / "ckplus").glob("*.toml"))
    assert {read_settings(file).model.name for file in files} == {"ckplus_cnn", "ckplus_resnet50"}
