"""Computes the embedding map of FER2013 test (PrivateTest) for a saved model.

    python -m training.artifacts.embedding_map --model cnn --data fer2013.csv

Writes map.npz into the model's folder: the features before the last layer, projected by PCA and by
t-SNE. The file holds coordinates only, no images, and is about 60 kB. This takes a minute or two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness

from fer_core.errors import DatasetError, FerError, ModelError
from fer_core.evaluation.dataset import MAP_SPLIT, PROJECTIONS, FeatureMap, Projection
from fer_core.preprocessing import preprocess_batch
from fer_core.zoo import MAP_FILE, ModelStore, write_feature_map
from training.artifacts.split_predictions import REPORT_SPLIT, split_name
from training.datasets import FaceDataset, read_dataset
from training.terminal import console, print_error, print_notes, run

_COMPONENTS = 50
"""Principal components given to t-SNE, as its authors advise: less noise, less time."""
_NEIGHBORS = 12
_BATCH_SIZE = 256


def penultimate(model: keras.Model) -> keras.Model:
    """Returns the part of a classifier up to the input of its last dense layer.

    Raises:
        ModelError: the model has several outputs or no dense layer.
    """
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    if len(model.outputs) != 1 or not dense:
        raise ModelError("An embedding map needs a model with one output, from a dense layer.")
    return keras.Model(model.inputs, dense[-1].input)


def project(features: NDArray[np.float32]) -> dict[Projection, NDArray[np.float32]]:
    """Projects `(n, d)` features to two dimensions, deterministically on one machine.

    Returns:
        One `(n, 2)` array per projection.
    """
    components = min(_COMPONENTS, *features.shape)
    reduced = PCA(components, svd_solver="full").fit_transform(features)
    perplexity = min(30.0, (len(features) - 1) / 3)
    embedded = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(reduced)
    return {
        "pca": np.asarray(reduced[:, :2], np.float32),
        "tsne": np.asarray(embedded, np.float32),
    }


def make_map(name: str, dataset: FaceDataset) -> FeatureMap:
    """Writes map.npz into the folder of a saved model.

    Args:
        name: name of a saved model.
        dataset: FER2013.

    Raises:
        DatasetError: the dataset is not FER2013.
        ModelError: the model is missing or has no features of its own, such as an ensemble.
    """
    if (split := split_name(dataset, REPORT_SPLIT)) != MAP_SPLIT:
        raise DatasetError(f"Expected FER2013: maps show {MAP_SPLIT}. Received: {split}")
    store = ModelStore.default()
    card = store.load_scored_card(name)
    network = keras.models.load_model(store.verified_weights(name), compile=False)
    faces = dataset.subset(REPORT_SPLIT)
    inputs = preprocess_batch(faces.images, card.preprocessing)
    features = penultimate(network).predict(inputs, batch_size=_BATCH_SIZE, verbose=0)
    xy = project(features)
    feature_map = FeatureMap(
        weights_sha256=card.weights.sha256,
        row_id=faces.row_id,
        xy=xy,
        trustworthiness={
            each: float(trustworthiness(features, xy[each], n_neighbors=_NEIGHBORS))
            for each in PROJECTIONS
        },
    )
    write_feature_map(store.model_folder(name) / MAP_FILE, feature_map)
    return feature_map


def main(
    model: Annotated[str, typer.Option(help="Name of a saved model.")],
    data: Annotated[Path, typer.Option(help="FER2013 file, or the folder with it.")],
) -> None:
    """Computes the embedding map of a saved model; see the module's docstring."""
    try:
        dataset = read_dataset(data)
        print_notes(dataset.notes)
        made = make_map(model, dataset)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    for projection in PROJECTIONS:
        console.print(f"{projection}: trustworthiness {made.trustworthiness[projection]:.3f}")


if __name__ == "__main__":
    run(main)
