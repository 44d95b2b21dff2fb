"""The teachers of a distillation: finished models that a student learns from."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Final

import keras
from keras import layers, ops

from fer_core.files import shown
from fer_core.preprocessing import PreprocessingConfig
from fer_core.zoo import ModelStore
from training.datasets import FaceDataset
from training.loop.losses import tempered
from training.networks import Tensor, with_fast_kernels
from training.run_directory import CheckpointError, is_finished, load_best, read_history
from training.settings import SettingsError, TrainingSettings

TEACHERS_FOLDER: Final = "teachers"


class Teachers(layers.Layer):  # type: ignore[misc]
    """The mean of the frozen teachers' probabilities at a temperature, for the same faces.

    Args:
        models: each from `(n, size, size, 1)` to `(n, n_classes)`; faces are resized to each
            model's input size.
        temperature: see `training.settings.DistillationSettings`.
    """

    def __init__(self, models: list[keras.Model], temperature: float, **options: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **options)
        self.models = models
        self.temperature = temperature
        for model in models:
            model.trainable = False

    def call(self, faces: Tensor) -> Tensor:
        """Maps `(n, side, side, 1)` to `(n, n_classes)`, in training as at inference."""
        predictions = []
        for model in self.models:
            probabilities = model(_resized(faces, model.input_shape[1:3]), training=False)
            predictions.append(tempered(probabilities, self.temperature))
        return ops.mean(ops.stack(predictions), axis=0)

    def compute_output_shape(self, faces_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """`(n, n_classes)`."""
        return (faces_shape[0], self.models[0].output_shape[-1])


def _resized(faces: Tensor, size: tuple[int, int]) -> Tensor:
    return faces if faces.shape[1:3] == size else ops.image.resize(faces, size)


def load_teachers(
    settings: TrainingSettings, run_dir: Path, dataset: FaceDataset, *, resume: bool
) -> list[keras.Model]:
    """Loads the teachers named in the settings; none without distillation.

    A new run keeps a copy of them in `<run_dir>/teachers`, which replaces leftovers of an aborted
    run. A resumed run reads that copy, so it continues with the same teachers, even on another
    machine.

    Raises:
        CheckpointError: `resume` is true and the copy is missing.
        SettingsError: a teacher is an unfinished run, or its classes differ from those of
            `dataset`, or its preprocessing differs.
        FerError: a model or run does not exist or is damaged.
    """
    if settings.distillation is None:
        return []
    kept = run_dir / TEACHERS_FOLDER
    if resume and not kept.is_dir():
        raise CheckpointError(
            f"{shown(kept)} is missing, so the run cannot resume with the same teachers. Restore "
            "the folder, or start a new run directory."
        )
    if not resume:
        run_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=run_dir) as folder:
            models = Path(folder) / TEACHERS_FOLDER
            models.mkdir()
            for index, name in enumerate(settings.distillation.teachers):
                _find(name, settings, run_dir, dataset).save(models / f"{index}.keras")
            if kept.is_dir():
                kept.rename(Path(folder) / "replaced")
            models.rename(kept)
    return [
        _quick(_load(kept / f"{index}.keras"), settings.precision, prefix=f"teacher_{index}_")
        for index in range(len(settings.distillation.teachers))
    ]


def _load(path: Path) -> keras.Model:
    return keras.models.load_model(path, compile=False)


def _quick(model: keras.Model, precision: str, *, prefix: str) -> keras.Model:
    """Returns the same network with the precision of the student."""
    quick = with_fast_kernels(model, precision=precision, prefix=prefix)
    quick.set_weights(model.get_weights())
    return quick


def _find(
    name: str, settings: TrainingSettings, run_dir: Path, dataset: FaceDataset
) -> keras.Model:
    is_run = "/" in name
    if is_run:
        folder = Path(os.path.normpath(run_dir / name))
        of_teacher, model = load_best(folder, dataset)
        config, labels = of_teacher.preprocessing.to_config(of_teacher.image_size), None
        if not is_finished(of_teacher, read_history(folder)):
            raise SettingsError(f"distillation: the run {folder} is not finished. Finish it first.")
    else:
        store = ModelStore.default()
        card, model = store.load_scored_card(name), _load(store.verified_weights(name))
        config, labels = card.preprocessing, card.labels
    if labels not in (None, dataset.label_names):
        raise SettingsError(
            f"distillation: {name} has the classes {', '.join(labels)}, but "
            f"{dataset.name} has {', '.join(dataset.label_names)}."
        )
    wanted = settings.preprocessing.to_config(config.size)
    if config != wanted:
        raise SettingsError(
            f"distillation: {name} has the preprocessing {_words(config)}, but "
            f"this run has {_words(wanted)}."
        )
    return model


def _words(config: PreprocessingConfig) -> str:
    return f"equalization {config.equalization}, denoising {config.denoising}, {config.scaling}"
