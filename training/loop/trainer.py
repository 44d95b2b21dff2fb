"""The training model: augmentation, classifier, and the optional vote head and teachers."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from training.input_pipeline import build_augmentation
from training.loop.distillation import Teachers
from training.loop.losses import Objective, accuracy
from training.loop.schedule import build_optimizer
from training.networks import build_classifier, with_fast_kernels
from training.settings import TrainingSettings


@dataclass(frozen=True)
class Trainer:
    """Three views of one network, which share their weights.

    Attributes:
        classifier: the model that is saved, from faces to probabilities.
        student: everything that is trained: the classifier and the vote head. Without that head,
            the classifier itself.
        model: the compiled model that is trained, from faces to all distributions, concatenated.
    """

    classifier: keras.Model
    student: keras.Model
    model: keras.Model

    @property
    def optimizer(self) -> keras.optimizers.Optimizer:
        """The optimizer, with its state."""
        return self.model.optimizer


def build_trainer(
    settings: TrainingSettings,
    *,
    n_classes: int,
    n_votes: int,
    image_size: int,
    steps_per_epoch: int,
    teachers: list[keras.Model],
) -> Trainer:
    """Builds an untrained network, compiled.

    Args:
        settings: settings of the run.
        n_classes: number of classes.
        n_votes: columns of the vote head, 0 for none.
        image_size: side of the faces in pixels.
        steps_per_epoch: for the learning rate schedule.
        teachers: models to distill; may be empty.
    """
    classifier = with_fast_kernels(
        build_classifier(settings.model, n_classes=n_classes, image_size=image_size)
    )
    student = _with_votes(classifier, n_votes) if n_votes else classifier
    x = faces = keras.Input(classifier.input_shape[1:], dtype="float32")
    for layer in build_augmentation(settings.augmentation, seed=settings.seed):
        x = layer(x)
    outputs = student(x)
    if settings.distillation is not None:
        taught = Teachers(teachers, settings.distillation.temperature)(x)
        outputs = layers.Concatenate(dtype="float32")([outputs, taught])
    model = keras.Model(faces, outputs)
    model.compile(
        optimizer=build_optimizer(
            settings.optimizer, settings.schedule, steps_per_epoch=steps_per_epoch
        ),
        loss=Objective(settings, n_classes=n_classes, n_votes=n_votes),
        metrics=[keras.metrics.MeanMetricWrapper(accuracy, name="accuracy", n_classes=n_classes)],
        # XLA makes convolutions several times slower under TensorFlow on a CPU.
        jit_compile=keras.backend.backend() == "jax",
    )
    model.optimizer.build(model.trainable_variables)
    return Trainer(classifier, student, model)


def _with_votes(classifier: keras.Model, n_votes: int) -> keras.Model:
    features = classifier.layers[-1].input
    votes = layers.Dense(n_votes, activation="softmax", dtype="float32", name="votes")(features)
    both = layers.Concatenate(dtype="float32")([classifier.output, votes])
    return keras.Model(classifier.input, both)
