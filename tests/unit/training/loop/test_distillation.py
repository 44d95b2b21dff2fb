from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.tiny_dataset import tiny_dataset
from tests.unit.training.settings import EPOCHS, TINY_CONFIG, tiny_settings
from training.loop.distillation import TEACHERS_FOLDER, Teachers, load_teachers
from training.loop.trainer import build_trainer
from training.run_directory.checkpoints import Checkpoint, CheckpointError
from training.run_directory.layout import BEST_CHECKPOINT, CONFIG_FILE, LAST_CHECKPOINT, load_best
from training.settings import SettingsError, TrainingSettings, read_settings
from training.train import train

DATASET = tiny_dataset()


def student_settings(*teachers: str, **changes: Any) -> TrainingSettings:
    distillation = {"teachers": teachers or ("../teacher",), "temperature": 3.0, "weight": 0.7}
    return tiny_settings(distillation=distillation, **changes)


@pytest.fixture
def teacher_run(tmp_path: Path) -> Path:
    """A finished run with random weights."""
    run = tmp_path / "teacher"
    run.mkdir()
    (run / CONFIG_FILE).write_text(TINY_CONFIG)
    settings = read_settings(run / CONFIG_FILE)
    weights = build_trainer(
        settings, n_classes=7, n_votes=0, image_size=48, steps_per_epoch=1, teachers=[]
    ).classifier.get_weights()
    history = [{"epoch": float(epoch + 1), "val_accuracy": 0.5} for epoch in range(EPOCHS)]
    Checkpoint(weights, [], history).save(run / LAST_CHECKPOINT)
    Checkpoint(weights, [], history[:1]).save(run / BEST_CHECKPOINT)  # the earliest in a tie
    return run


def weights_of(models: list[keras.Model]) -> list[Any]:
    return [weight for model in models for weight in model.get_weights()]


def test_teachers_predict_their_mean_and_are_frozen(teacher_run: Path) -> None:
    settings = student_settings("../teacher", "../teacher")
    models = load_teachers(settings, teacher_run.parent / "student", DATASET, resume=False)
    noise = np.random.default_rng(1)
    models[1].set_weights([noise.normal(size=w.shape) ** 2 for w in models[1].get_weights()])
    faces = noise.normal(size=(4, 48, 48, 1)).astype(np.float32)
    layer = Teachers(models, temperature=3.0)
    predictions = keras.ops.convert_to_numpy(layer(faces, training=True))
    softened = [model.predict(faces, verbose=0) ** (1 / 3) for model in models]
    expected = sum(each / each.sum(axis=1, keepdims=True) for each in softened) / 2
    np.testing.assert_allclose(predictions, expected, atol=1e-5)
    assert layer.trainable_variables == []


def test_a_student_is_trained_with_a_frozen_teacher_kept_for_resuming(
    teacher_run: Path,
) -> None:
    run_dir = teacher_run.parent / "student"
    settings = student_settings(
        schedule={"epochs": 2, "warmup_epochs": 0, "small_image_size": 32, "small_image_epochs": 1}
    )
    train(settings, DATASET, run_dir, resume=False)
    teacher = load_best(teacher_run, DATASET)[1].get_weights()
    shutil.rmtree(teacher_run)
    kept = load_teachers(settings, run_dir, DATASET, resume=True)
    assert sorted(path.name for path in (run_dir / TEACHERS_FOLDER).iterdir()) == ["0.keras"]
    for one, other in zip(weights_of(kept), teacher, strict=True):
        np.testing.assert_array_equal(one, other)
    best = Checkpoint.load(run_dir / BEST_CHECKPOINT).weights
    assert [w.shape for w in best] == [w.shape for w in teacher]
    longer = student_settings(
        schedule={"epochs": 3, "warmup_epochs": 0, "small_image_size": 32, "small_image_epochs": 1}
    )
    assert len(train(longer, DATASET, run_dir, resume=True)) == 3


def test_a_new_run_replaces_the_teachers_of_an_aborted_one(teacher_run: Path) -> None:
    run_dir = teacher_run.parent / "student"
    load_teachers(student_settings(), run_dir, DATASET, resume=False)
    best = Checkpoint.load(teacher_run / BEST_CHECKPOINT)
    changed = [weight + 1 for weight in best.weights]
    replace(best, weights=changed).save(teacher_run / BEST_CHECKPOINT)
    expected = load_best(teacher_run, DATASET)[1].get_weights()
    new = load_teachers(student_settings(), run_dir, DATASET, resume=False)
    for one, other in zip(weights_of(new), expected, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [path.name for path in run_dir.iterdir()] == [TEACHERS_FOLDER]


def test_a_run_cannot_resume_with_other_teachers(teacher_run: Path) -> None:
    with pytest.raises(CheckpointError, match=r"teachers is missing.*new run directory"):
        load_teachers(student_settings(), teacher_run.parent / "student", DATASET, resume=True)


def test_no_two_variables_of_a_student_and_its_teachers_share_a_name(teacher_run: Path) -> None:
    """Keras on PyTorch clears the gradients of variables by name, and misses duplicate names."""
    settings = student_settings("../teacher", "../teacher")
    trainer = build_trainer(
        settings,
        n_classes=7,
        n_votes=0,
        image_size=48,
        steps_per_epoch=1,
        teachers=load_teachers(settings, teacher_run.parent / "student", DATASET, resume=False),
    )
    paths = [variable.path for variable in trainer.model.variables]
    assert len(set(paths)) == len(paths) > len(trainer.student.variables)


def test_an_unfinished_run_cannot_be_a_teacher(teacher_run: Path) -> None:
    last = teacher_run / LAST_CHECKPOINT
    checkpoint = Checkpoint.load(last)
    replace(checkpoint, history=checkpoint.history[:-1]).save(last)
    with pytest.raises(SettingsError, match="not finished"):
        load_teachers(student_settings(), teacher_run.parent / "student", DATASET, resume=False)
    assert not (teacher_run.parent / "student" / TEACHERS_FOLDER).exists()


def test_a_teacher_with_other_preprocessing_is_rejected(teacher_run: Path) -> None:
    settings = student_settings(preprocessing={"scaling": "unit"})
    with pytest.raises(SettingsError, match="has the preprocessing"):
        load_teachers(settings, teacher_run.parent / "student", DATASET, resume=False)


@pytest.mark.usefixtures("models_dir")
def test_a_saved_model_can_be_a_teacher(tmp_path: Path) -> None:
    assert len(load_teachers(student_settings("tiny_a"), tmp_path, DATASET, resume=False)) == 1
    eight_classes = replace(DATASET, label_names=(*DATASET.label_names, "contempt"))
    with pytest.raises(SettingsError, match="tiny_a has the classes angry"):
        load_teachers(student_settings("tiny_a"), tmp_path / "other", eight_classes, resume=False)
