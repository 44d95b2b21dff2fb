from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fer_core.errors import ModelError
from fer_core.explain.grad_cam import load_grad_cam

ROOT = Path(__file__).resolve().parents[4]


def small_network(path: Path, *, last: str = "Softmax", branches: bool = False) -> Path:
    """Writes conv, pooling, dense: with one channel that looks at the face and one that is 0."""
    kernel = np.array([1.0, 0.0], np.float32).reshape(2, 1, 1, 1)
    dense = np.array([[2.0, -2.0], [5.0, 5.0]], np.float32)
    nodes = [
        helper.make_node("Transpose", ["face"], ["moved"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["moved", "kernel"], ["map"]),
        helper.make_node("GlobalAveragePool", ["map"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Add", ["flat", "flat" if branches else "bias"], ["sum"]),
        helper.make_node("MatMul", ["sum", "dense"], ["scores"]),
        helper.make_node(last, ["scores"], ["probabilities"]),
    ]
    bias = np.zeros(2, np.float32)
    constants = {"kernel": kernel, "dense": dense, "bias": bias}
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("face", TensorProto.FLOAT, ["n", 4, 4, 1])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def test_the_map_is_the_weighted_sum_cut_off_at_0(tmp_path: Path) -> None:
    cam = load_grad_cam(small_network(tmp_path / "small.onnx"))
    face = np.arange(-8, 8, dtype=np.float32).reshape(4, 4, 1)
    positions = 16
    for index, weight in enumerate((2.0, -2.0)):
        expected = np.maximum(weight / positions * face[..., 0], 0)
        np.testing.assert_allclose(cam.map(face, index), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"last": "Sigmoid"}, "softmax.*Sigmoid"),
        ({"branches": True}, "single feature map.*flat, flat"),
    ],
)
def test_a_network_of_another_shape_is_refused_in_words(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = small_network(tmp_path / "small.onnx", **change)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=message):
        load_grad_cam(path)
