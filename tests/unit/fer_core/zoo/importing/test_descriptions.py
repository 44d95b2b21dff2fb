"""The shapes of models that Keras users have; all are made and opened once, in one process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from fer_core.zoo.importing import ImportReport
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow
Outcomes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    folder = tmp_path_factory.mktemp("keras_models")
    environment = os.environ | {
        "PYTHONPATH": str(PROJECT),
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, str(PROJECT / "tests/keras_models.py"), str(folder)]
    finished = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    found: Outcomes = json.loads(finished.stdout)
    return found


@pytest.mark.parametrize("name", ["sequential", "sequential, compiled", "sequential without input"])
def test_a_sequential_model_is_described(outcomes: Outcomes, name: str) -> None:
    report = ImportReport.from_dict(outcomes[name])
    assert report.input_shape == (None, 48, 48, 1)
    assert report.outputs == {"expression": (None, 7)}
    assert report.output_kinds == {"expression": "probabilities"}
    assert report.parameters == 2 * 10 + 72 * 7 + 7
    assert report.layers["Rescaling"] == 1
    assert report.remarks == ()


def test_transfer_learning_is_described_down_to_the_layers_of_its_backbone(
    outcomes: Outcomes,
) -> None:
    report = ImportReport.from_dict(outcomes["transfer"])
    assert report.layers.items() >= {"Conv2D": 1, "RandomContrast": 1, "Dense": 1}.items()
    assert list(report.output_kinds.values()) == ["probabilities"]
    assert report.remarks == ()


def test_a_free_size_is_tried_and_what_it_means_is_said(outcomes: Outcomes) -> None:
    report = ImportReport.from_dict(outcomes["free size"])
    assert report.input_shape == (None, None, None, 1)
    assert report.tried_shape == (96, 96, 1)
    assert "no fixed size: it was tried with 96 x 96 x 1" in report.remarks[0]
    table: dict[str, str] = dict(report.to_frame().itertuples(index=False))
    assert table["input"] == "n x any x any x 1"
    assert table["note"] in report.remarks


@pytest.mark.parametrize("name", ["two heads", "outputs by name"])
def test_logits_and_two_outputs_are_named(outcomes: Outcomes, name: str) -> None:
    report = ImportReport.from_dict(outcomes[name])
    assert report.outputs == {"emotion": (None, 7), "units": (None, 15)}
    assert report.output_kinds == {"emotion": "logits", "units": "between 0 and 1"}
    remarks = " ".join(report.remarks)
    assert "emotion gives logits, not probabilities: the import appends a softmax" in remarks
    assert "It has 2 outputs (" in remarks


def test_a_fixed_number_of_faces_is_described(outcomes: Outcomes) -> None:
    report = ImportReport.from_dict(outcomes["fixed batch"])
    assert report.input_shape[0] == 5


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("NaN", "weights", "1 of 504 values of 'expression/kernel' are NaN or infinite"),
        ("infinite", "weights", "1 of 504 values of 'expression/kernel' are NaN or infinite"),
        ("negative variance", "weights", "output 'flatten"),
        ("two inputs", "failed", "one input, the face. Received 2"),
    ],
)
def test_what_can_be_of_no_use_is_refused(
    outcomes: Outcomes, name: str, reason: str, words: str
) -> None:
    assert outcomes[name]["reason"] == reason
    assert words in outcomes[name]["rejected"]
