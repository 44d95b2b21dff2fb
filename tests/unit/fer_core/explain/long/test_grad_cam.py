"""Grad-CAM against automatic differentiation by Keras, for nine networks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper
from scipy.stats import spearmanr

from fer_core.explain.grad_cam import load_grad_cam
from fer_core.labels.emotions import FER2013
from tests.conftest import PROJECT

COVERS = (
    "fer_core/explain/grad_cam.py",
    "fer_core/zoo/exporter_process.py",
    "fer_core/zoo/onnx_export.py",
    "tests/keras_grad_cam.py",
    "training/networks/*.py",
)

NETWORKS = ("dense", "cnn", "vgg19", "mobilenet", "densenet121", "resnet50", "nested")


SAVED = ("saved:cnn", "saved:mobilenet")


@pytest.fixture(scope="module")
def computed_by_keras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keras_grad_cam")
    environment = os.environ | {
        "PYTHONPATH": str(PROJECT),
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "FER_MODELS_DIR": str(PROJECT / "models"),
    }
    program = str(PROJECT / "tests" / "keras_grad_cam.py")
    command = [sys.executable, program, str(folder), *NETWORKS, *SAVED]
    subprocess.run(command, env=environment, check=True)
    return folder


@pytest.mark.timeout(1800)  # exports nine networks with TensorFlow
@pytest.mark.parametrize("name", [*NETWORKS, *SAVED])
def test_maps_are_those_of_automatic_differentiation(computed_by_keras: Path, name: str) -> None:
    file = computed_by_keras / f"{name.replace(':', '_')}.onnx"
    reference = np.load(file.with_suffix(".npz"))
    cam = load_grad_cam(file)
    assert (cam.weights is None) == (name == "dense")
    for face, maps in zip(reference["faces"], reference["maps"], strict=True):
        highest = maps.max()
        assert highest > 0
        for index, expected in enumerate(maps):
            found = cam.map(face, index)
            assert found.shape == expected.shape
            # Central differences are exact but for ReLUs that switch within the step.
            tolerance = 1e-3 if name == "dense" else 1e-4
            np.testing.assert_allclose(found / highest, expected / highest, atol=tolerance)


@pytest.mark.timeout(1800)  # as above
@pytest.mark.parametrize("name", SAVED)
def test_randomized_weights_change_the_map(
    computed_by_keras: Path, tmp_path: Path, name: str
) -> None:
    """The sanity check of Adebayo et al. 2018: an edge detector would pass unchanged."""
    trained = computed_by_keras / f"{name.replace(':', '_')}.onnx"
    faces = np.load(trained.with_suffix(".npz"))["faces"]
    expected = _maps(trained, faces)
    correlations = []
    for seed in range(3):  # the maps of one random network resemble each other
        random = _maps(_with_random_weights(trained, tmp_path / f"{seed}.onnx", seed), faces)
        for maps in zip(expected, random, strict=True):
            if all(np.ptp(map_) > 0 for map_ in maps):  # nothing in a face may speak for a label
                correlations.append(spearmanr(*maps).statistic)
    assert len(correlations) >= 20
    assert abs(np.mean(correlations)) < 0.5


def _maps(network: Path, faces: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The flattened map of every face and label."""
    cam = load_grad_cam(network)
    return [cam.map(face, label).ravel() for face in faces for label in range(len(FER2013))]


def _with_random_weights(trained: Path, path: Path, seed: int) -> Path:
    """Writes the same network, each of its arrays shuffled."""
    model = onnx.load(trained)
    rng = np.random.default_rng(seed)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32:
            continue
        shuffled = rng.permutation(values.ravel()).reshape(values.shape)
        # Biases that fit other weights would silence every unit.
        random = shuffled if values.ndim > 1 else np.zeros_like(values)
        tensor.CopyFrom(numpy_helper.from_array(random, tensor.name))
    onnx.save(model, path)
    return path
