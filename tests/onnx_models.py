"""Small ONNX models, sound and hostile, by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

CLASSES = 8

_FLOAT = TensorProto.FLOAT


def onnx_model(
    shape: Sequence[int | str] = ("n", 1, 64, 64),
    *,
    nodes: Sequence[NodeProto] | None = None,
    weights: Sequence[TensorProto] | None = None,
    opset: int = 13,
    dtype: int = _FLOAT,
    softmax: bool = False,
) -> ModelProto:
    """A convolution, global pooling and a dense layer: faces to `CLASSES` logits."""
    is_last = shape[3] in (1, 3)
    channels = int(shape[3] if is_last else shape[1])
    if nodes is None:
        first = [helper.make_node("Transpose", ["face"], ["moved"], perm=[0, 3, 1, 2])]
        nodes = [
            *(first if is_last else []),
            helper.make_node("Conv", ["moved" if is_last else "face", "kernel"], ["maps"]),
            helper.make_node("Relu", ["maps"], ["active"]),
            helper.make_node("GlobalAveragePool", ["active"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["flat"]),
            helper.make_node("MatMul", ["flat", "dense"], ["scores" if softmax else "logits"]),
            *([helper.make_node("Softmax", ["scores"], ["logits"], axis=1)] if softmax else []),
        ]
    if weights is None:
        rng = np.random.default_rng(0)
        number = helper.tensor_dtype_to_np_dtype(dtype)
        weights = [
            numpy_helper.from_array(rng.normal(size=size).astype(number), name)
            for name, size in (("kernel", (4, channels, 3, 3)), ("dense", (4, CLASSES)))
        ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("face", dtype, shape)],
        [helper.make_tensor_value_info("logits", dtype, [shape[0], CLASSES])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def sound_models() -> dict[str, ModelProto]:
    """Models as other people's tools export them."""
    return {
        "FER+ layout": onnx_model((1, 1, 64, 64), opset=8),
        "color, channels first": onnx_model(("n", 3, 224, 224)),
        "color, channels last": onnx_model(("n", 224, 224, 3), softmax=True),
        "any size": onnx_model(("n", 1, "height", "width")),
        "half precision": onnx_model(dtype=TensorProto.FLOAT16),
    }


def hostile_models() -> dict[str, tuple[bytes, str]]:
    """Files that must be rejected, with a part of the expected message."""
    models = {
        "custom domain": (_domain(), "of the domain 'evil.ops'"),
        "unknown operator": (_instead("Shellcode"), "not in the list"),
        "huge output": (_instead("Tile"), "not in the list"),
        "control flow": (_loop(), "is control flow"),
        "nested graph": (_nested_graph(), "contains a graph"),
        "hidden nested graph": (_hidden_graph(), "besides those of its type"),
        "function": (_function(), "defines functions"),
        "external data": (_external("../../etc/passwd"), "stored in another file"),
        "external attribute": (_external_attribute(), "stored in another file"),
        "declares more than it stores": (_declares([2**20, 2**10]), "declares 1073741824 values"),
        "negative shape": (_declares([-1, 8]), "invalid shape"),
        "text as weights": (_text(), "has a type other than"),
        "NaN": (_nan(), "that are NaN"),
        "old opset": (onnx_model(opset=1), "Expected one opset"),
        "future opset": (onnx_model(opset=9999), "Expected one opset"),
        "huge padding": (_padding(), "Received: 1000000000"),
        "huge input": (onnx_model(("n", 3, 100_000, 100_000)), "Expected an input with sides"),
        "huge constant": (_huge_constant(), "expected at most"),
        "cycle": (_cycle(), "before it is computed"),
        "overwritten value": (_overwritten(), "exists already"),
        "weight defined twice": (_twice(), "defined twice"),
        "two inputs": (_two_inputs(), "2 inputs"),
        "text input": (onnx_model(dtype=TensorProto.STRING, weights=[]), "before it is computed"),
        "training graph": (_training(), "training graphs"),
        "too many nodes": (_many_nodes(), "nodes"),
        "shapes that do not fit": (_misfit(), "do not fit together"),
        "sparse weights": (_sparse(), "sparse"),
    }
    files = {name: (model.SerializeToString(), why) for name, (model, why) in models.items()}
    sound = onnx_model().SerializeToString()
    return files | {
        "cut off": (sound[: len(sound) // 2], "damaged"),
        "not ONNX": (b"\x80\x04 a pickle", "damaged"),
        "empty": (b"", "no graph"),
    }


def _instead(operator: str) -> ModelProto:
    model = onnx_model()
    model.graph.node[1].op_type = operator
    return model


def _domain() -> ModelProto:
    model = onnx_model()
    model.graph.node[1].domain = "evil.ops"
    model.opset_import.append(helper.make_opsetid("evil.ops", 1))
    return model


def _loop() -> ModelProto:
    body = helper.make_graph([], "body", [], [])
    loop = helper.make_node("Loop", ["", ""], ["never"], body=body)
    return onnx_model(nodes=[loop, *onnx_model().graph.node])


def _nested_graph() -> ModelProto:
    model = onnx_model()
    model.graph.node[1].attribute.append(
        helper.make_attribute("body", helper.make_graph([], "body", [], []))
    )
    return model


def _hidden_graph() -> ModelProto:
    model = onnx_model()
    attribute = helper.make_attribute("alpha", 1.0)
    attribute.g.CopyFrom(helper.make_graph([], "body", [], []))
    model.graph.node[1].attribute.append(attribute)
    return model


def _function() -> ModelProto:
    model = onnx_model()
    relu = helper.make_node("Relu", ["x"], ["y"])
    imports = [helper.make_opsetid("", 13)]
    model.functions.append(helper.make_function("own", "F", ["x"], ["y"], [relu], imports))
    return model


def _external(location: str) -> ModelProto:
    model = onnx_model()
    _move_out(model.graph.initializer[0], location)
    return model


def _move_out(tensor: TensorProto, location: str) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", location


def _external_attribute() -> ModelProto:
    value = numpy_helper.from_array(np.zeros(4, np.float32), "value")
    _move_out(value, "/etc/passwd")
    constant = helper.make_node("Constant", [], ["unused"], value=value)
    return onnx_model(nodes=[constant, *onnx_model().graph.node])


def _declares(dims: list[int]) -> ModelProto:
    model = onnx_model()
    del model.graph.initializer[1].dims[:]
    model.graph.initializer[1].dims.extend(dims)
    return model


def _text() -> ModelProto:
    model = onnx_model()
    model.graph.initializer.append(numpy_helper.from_array(np.array(["x"], object), "text"))
    return model


def _nan() -> ModelProto:
    model = onnx_model()
    values = np.full((4, CLASSES), np.nan, np.float32)
    model.graph.initializer[1].CopyFrom(numpy_helper.from_array(values, "dense"))
    return model


def _padding() -> ModelProto:
    model = onnx_model()
    model.graph.node[0].attribute.append(helper.make_attribute("pads", [10**9] * 4))
    return model


def _huge_constant() -> ModelProto:
    sides = numpy_helper.from_array(np.array([2**20, 2**20]), "sides")
    nodes = [
        helper.make_node("Constant", [], ["shape"], value=sides),
        helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
    ]
    return onnx_model(nodes=[*nodes, *onnx_model().graph.node])


def _cycle() -> ModelProto:
    model = onnx_model()
    model.graph.node[0].input[0] = "active"
    return model


def _overwritten() -> ModelProto:
    model = onnx_model()
    model.graph.node[1].output[0] = "kernel"
    return model


def _twice() -> ModelProto:
    model = onnx_model()
    model.graph.initializer.append(model.graph.initializer[0])
    return model


def _two_inputs() -> ModelProto:
    model = onnx_model()
    model.graph.input.append(helper.make_tensor_value_info("second", _FLOAT, ["n", 1]))
    return model


def _training() -> ModelProto:
    model = onnx_model()
    model.training_info.add()
    return model


def _many_nodes() -> ModelProto:
    model = onnx_model()
    model.graph.node.extend([onnx.NodeProto()] * 20_001)
    return model


def _misfit() -> ModelProto:
    model = onnx_model()
    dense = numpy_helper.from_array(np.zeros((5, CLASSES), np.float32), "dense")
    model.graph.initializer[1].CopyFrom(dense)
    return model


def _sparse() -> ModelProto:
    model = onnx_model()
    model.graph.sparse_initializer.add()
    return model
