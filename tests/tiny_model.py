"""Creates model folders quickly: very small networks with random weights and synthetic scores.

    python tests/tiny_model.py FOLDER NAME...

A model whose name ends in `_units` also predicts action units.

A separate program, so that the test process does not import TensorFlow. It also puts the ONNX files
into the cache folder, so that tests that classify do not have to start TensorFlow.
"""

from __future__ import annotations

import hashlib
import sys
from datetime import date
from pathlib import Path

import numpy as np

from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.scores.ckplus_predictions import SPLIT, ckplus_metrics
from fer_core.evaluation.scores.weakest_classes import limits_with_weakest_classes
from fer_core.labels.emotions import FER2013
from fer_core.preprocessing.preprocess import PreprocessingConfig
from fer_core.zoo.artifacts import write_ckplus_predictions, write_predictions
from fer_core.zoo.cards import ModelCard, Protocol, Training, WeightsFile, read_card
from fer_core.zoo.exporter_process import export_onnx
from fer_core.zoo.onnx_export import onnx_path
from fer_core.zoo.summary import summarize
from tests.tiny_ckplus import tiny_predictions
from training.publishing.model_readme import render_readme

ROWS = 42
EPOCHS = 8
SPLITS = ("fer2013_public_test", "fer2013_private_test")


def write_model_folder(folder: Path, name: str, *, seed: int = 0) -> None:
    """Writes `folder/name` with everything a model folder has."""
    target = folder / name
    target.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    parameters = _write_keras_model(target / "model.keras", seed)
    splits = [_predictions(split, rng) for split in SPLITS]
    write_predictions(target / "predictions.npz", splits)
    (target / "history.csv").write_text(_history(rng))
    card = _card(name, (target / "model.keras").read_bytes(), parameters, splits, seed)
    (target / "card.json").write_text(card.to_json(), encoding="utf-8")
    (target / "README.md").write_text(render_readme(card), encoding="utf-8")
    export_onnx(target / "model.keras", onnx_path(card))


def write_action_unit_model(folder: Path, name: str, *, seed: int = 0) -> None:
    """The same for a model with action units."""
    write_model_folder(folder, name, seed=seed)
    target = folder / name
    predictions = tiny_predictions()
    write_ckplus_predictions(target / "predictions.npz", predictions)
    classes, units = predictions.emotion.labels, predictions.action_unit_names
    parameters = _write_two_heads(target / "model.keras", len(classes), len(units), seed)
    weights = (target / "model.keras").read_bytes()
    metrics = ckplus_metrics(predictions)
    emotion_card = read_card(target / "card.json")
    fields = dict(emotion_card) | {
        "task": "emotion+action_units",
        "labels": classes,
        "action_units": units,
        "protocol": Protocol(
            dataset="CK+",
            description="Invented scores.",
            selection_split=SPLIT,
            report_split=SPLIT,
        ),
        "parameters": parameters,
        "weights": WeightsFile(sha256=hashlib.sha256(weights).hexdigest(), size_bytes=len(weights)),
        "metrics": {SPLIT: {"plain": metrics.by_sequence.emotion}},
        "ckplus": metrics,
    }
    card = ModelCard.model_validate(fields)
    (target / "card.json").write_text(card.to_json(), encoding="utf-8")
    (target / "README.md").write_text(render_readme(card), encoding="utf-8")
    export_onnx(target / "model.keras", onnx_path(card))


def _write_two_heads(path: Path, classes: int, units: int, seed: int) -> int:
    import keras

    source = keras.models.load_model(path)
    keras.utils.set_random_seed(seed)
    pooled = source.get_layer("pooled").output
    emotion = keras.layers.Dense(classes, activation="softmax")(pooled)
    action_units = keras.layers.Dense(units, activation="sigmoid")(pooled)
    model = keras.Model(source.inputs[0], [emotion, action_units])
    model.save(path)
    return int(model.count_params())


def _write_keras_model(path: Path, seed: int) -> int:
    import keras

    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            keras.layers.Conv2D(4, 3, strides=4, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.GlobalAveragePooling2D(name="pooled"),
            keras.layers.Dense(len(FER2013), kernel_initializer="random_normal"),
            keras.layers.Softmax(),
        ]
    )
    model.save(path)
    return int(model.count_params())


def _predictions(split: str, rng: np.random.Generator) -> SplitPredictions:
    """Every class occurs, and about two of three predictions are correct."""
    classes = len(FER2013)
    label = np.arange(ROWS) % classes
    logits = rng.normal(size=(3, ROWS, classes))
    logits[:, np.arange(ROWS), label] += 2.0
    weights = np.exp(logits)
    plain, flip, crops = (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)
    return SplitPredictions(
        split,
        FER2013,
        row_id=np.arange(ROWS) * 800 + len(split),
        label=label,
        probabilities=plain,
        probabilities_flip=(plain + flip) / 2,
        probabilities_crops=crops if split == SPLITS[-1] else None,
        has_training_duplicate=rng.random(ROWS) < 0.1,
    )


def _history(rng: np.random.Generator) -> str:
    lines = ["epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds"]
    for epoch in range(1, EPOCHS + 1):
        accuracy = 0.65 - 0.4 / epoch
        noise = rng.normal(0, 0.01)
        lines.append(
            f"{epoch},{2 - accuracy:.4f},{accuracy:.4f},{2.1 - accuracy + noise:.4f},"
            f"{accuracy - 0.02 - noise:.4f},{0.05 * (1 - epoch / EPOCHS):.5f},1.5"
        )
    return "\n".join(lines) + "\n"


def _card(
    name: str, weights: bytes, parameters: int, splits: list[SplitPredictions], seed: int
) -> ModelCard:
    summary = summarize(splits, *SPLITS)
    reported = summary.metrics[SPLITS[1]]["plain"]
    return ModelCard(
        name=name,
        title=f"Tiny {name}",
        summary="A very small network with random weights, made for tests.",
        architecture="cnn",
        task="emotion",
        input_shape=(48, 48, 1),
        labels=FER2013,
        preprocessing=PreprocessingConfig(),
        protocol=Protocol(
            dataset="FER2013",
            description="Invented scores.",
            selection_split=SPLITS[0],
            report_split=SPLITS[1],
        ),
        training=Training(
            recipe={"optimizer": {"name": "sgd", "learning_rate": 0.05}, "epochs": EPOCHS},
            seed=seed,
            epochs=EPOCHS,
            best_epoch=EPOCHS,
            seconds=12.0,
            hardware="none",
            libraries={"keras": "3.15.1"},
            commit="unknown",
            finished=date(2025, 1, 31),
        ),
        parameters=parameters,
        flops=20_000,
        weights=WeightsFile(sha256=hashlib.sha256(weights).hexdigest(), size_bytes=len(weights)),
        **dict(summary),
        data_license="None: no data was used.",
        intended_use="Tests of this project.",
        out_of_scope_use="Everything else.",
        limits=limits_with_weakest_classes(("It has learned nothing.",), reported),
    )


if __name__ == "__main__":
    for seed, name in enumerate(sys.argv[2:]):
        write = write_action_unit_model if name.endswith("_units") else write_model_folder
        write(Path(sys.argv[1]), name, seed=seed)
