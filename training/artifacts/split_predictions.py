"""A network's predictions for a held-out split, under every evaluation protocol."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison import MIN_FACES
from fer_core.preprocessing import PreprocessingConfig, preprocess_batch
from training.assets.average_faces import average_face
from training.datasets import FaceDataset, duplicates_of_training

HeldOutSplit = Literal["valid", "test"]
SELECTION_SPLIT: Final = "valid"
REPORT_SPLIT: Final = "test"
_BATCH_SIZE = 256
_CROP_SHARE = 44 / 48
_SPLIT_NAMES: Final = {
    ("fer2013", "valid"): "fer2013_public_test",
    ("fer2013", "test"): "fer2013_private_test",
}


def split_name(dataset: FaceDataset, split: HeldOutSplit) -> str:
    """Returns a split's name in predictions.npz: `fer2013_private_test`, `ferplus_valid`..."""
    return _SPLIT_NAMES.get((dataset.name, split), f"{dataset.name}_{split}")


def splits_to_score(final: bool) -> tuple[HeldOutSplit, ...]:
    """Returns the validation split, and with `--final` also the test split."""
    return (SELECTION_SPLIT, REPORT_SPLIT) if final else (SELECTION_SPLIT,)


def predict_split(
    model: keras.Model, dataset: FaceDataset, split: HeldOutSplit, config: PreprocessingConfig
) -> SplitPredictions:
    """Predicts one split under every evaluation protocol.

    Only the test split gets ten-crop predictions, which no choice is based on, and the average
    faces of the confusion matrix cells.

    Args:
        model: from `(n, size, size, 1)` faces to probabilities.
        dataset: with all its splits, so that train/test duplicates can be marked.
        split: the split to predict.
        config: the model's preprocessing.
    """
    faces = dataset.subset(split)
    inputs = preprocess_batch(faces.images, config)
    plain = _predict(model, inputs)
    mirrored = _predict(model, inputs[:, :, ::-1])
    predictions = SplitPredictions(
        split=split_name(dataset, split),
        labels=dataset.label_names,
        row_id=faces.row_id,
        label=faces.labels,
        probabilities=plain,
        probabilities_flip=np.asarray((plain + mirrored) / 2, np.float32),
        probabilities_crops=(
            _predict_crops(model, faces.images, config) if split == REPORT_SPLIT else None
        ),
        has_training_duplicate=np.isin(faces.row_id, duplicates_of_training(dataset, split)),
    )
    return with_cell_averages(predictions, faces.images) if split == REPORT_SPLIT else predictions


def _predict_crops(
    model: keras.Model, images: NDArray[np.uint8], config: PreprocessingConfig
) -> NDArray[np.float32]:
    """The mean over ten crops: four corners and the center, each also flipped."""
    full = images.shape[1]
    side = round(full * _CROP_SHARE)
    last = full - side
    total = np.zeros(1, np.float32)
    corners = ((0, 0), (0, last), (last, 0), (last, last), (last // 2, last // 2))
    for top, left in corners:
        inputs = preprocess_batch(images[:, top : top + side, left : left + side], config)
        total = total + _predict(model, inputs) + _predict(model, inputs[:, :, ::-1])
    return np.asarray(total / (2 * len(corners)), np.float32)


def _predict(model: keras.Model, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(model.predict(inputs, batch_size=_BATCH_SIZE, verbose=0), np.float32)


def with_cell_averages(predictions: SplitPredictions, faces: NDArray[np.uint8]) -> SplitPredictions:
    """Returns the predictions with the average face of each cell with at least `MIN_FACES`.

    Args:
        predictions: n rows.
        faces: `(n, 48, 48)`, the images of these rows.
    """
    classes = range(len(predictions.labels))
    predicted = predictions.probabilities.argmax(axis=1)
    averages = np.zeros((len(classes), len(classes), *faces.shape[1:]), np.uint8)
    for true in classes:
        for covered in classes:
            cell = faces[(predictions.label == true) & (predicted == covered)]
            if len(cell) >= MIN_FACES:
                averages[true, covered] = average_face(cell)
    return replace(predictions, cell_averages=averages)
