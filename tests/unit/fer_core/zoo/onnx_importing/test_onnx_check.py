from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from onnx import helper, numpy_helper
from typer.testing import CliRunner

from fer_core.cli.main import app
from fer_core.errors import ModelRejected
from fer_core.zoo.onnx_importing import check_onnx
from tests.onnx_models import CLASSES, hostile_models, onnx_model, sound_models

# input, type, layout, channels, output
EXPECTED = {
    "FER+ layout": ((1, 1, 64, 64), "float32", "NCHW", 1, "logits"),
    "color, channels first": ((None, 3, 224, 224), "float32", "NCHW", 3, "logits"),
    "color, channels last": ((None, 224, 224, 3), "float32", "NHWC", 3, "probabilities"),
    "any size": ((None, 1, None, None), "float32", "NCHW", 1, "logits"),
    "half precision": ((None, 1, 64, 64), "float16", "NCHW", 1, "logits"),
}


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(data)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_a_sound_model_is_described(name: str, tmp_path: Path) -> None:
    data = sound_models()[name].SerializeToString()
    report = check_onnx(saved(tmp_path, data))
    found = (report.input_shape, report.input_type, report.layout, report.channels)
    assert (*found, report.output_kind) == EXPECTED[name]
    assert report.classes == CLASSES
    assert report.parameters == 4 * 9 * report.channels + 4 * CLASSES
    assert report.operators["Conv"] == 1
    assert (report.sha256, report.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert report.p95_ms > 0


@pytest.mark.slow
def test_a_model_that_passes_but_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    # Each value stays within the bound; together they need more than the process may use.
    nodes = onnx_model().graph.node
    side = np.array([1, 1, 8192, 8192])
    shape = helper.make_node("Constant", [], ["shape"], value=numpy_helper.from_array(side))
    grown = [helper.make_node("ConstantOfShape", ["shape"], [f"big{i}"]) for i in range(20)]
    total = helper.make_node("Sum", [each.output[0] for each in grown], ["total"])
    least = helper.make_node("ReduceMax", ["total"], ["least"], keepdims=0)
    nodes[-1].output[0] = "scores"
    added = helper.make_node("Add", ["scores", "least"], ["logits"])
    model = onnx_model(nodes=[shape, *grown, total, least, *nodes, added])
    with pytest.raises(ModelRejected) as caught:
        check_onnx(saved(tmp_path, model.SerializeToString()))
    assert caught.value.reason in ("failed", "limits")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_command_describes_a_sound_file_and_rejects_a_hostile_one(tmp_path: Path) -> None:
    path = saved(tmp_path, onnx_model().SerializeToString())
    result = CliRunner().invoke(app, ["import-model", str(path)])
    assert result.exit_code == 0
    assert "NCHW, gray" in result.output
    assert "passed all checks" in result.output
    result = CliRunner().invoke(app, ["import-model", str(saved(tmp_path, hostile()))])
    assert result.exit_code == 1
    assert "is control flow" in result.output
    assert "Traceback" not in result.output


def hostile() -> bytes:
    return hostile_models()["control flow"][0]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="There is no such file"):
        check_onnx(tmp_path / "none.onnx")
