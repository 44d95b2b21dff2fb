"""Rewrites a checked ONNX model to take and give what every model here takes and gives.

Faces are `(n, side, side, channels)` float32, and the output is one row of probabilities per face.
So nothing that runs a model needs to know where it came from. Half precision becomes single: ONNX
Runtime computes in single precision on processors anyway, with a conversion around every node.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from onnx import AttributeProto, GraphProto, ModelProto, TensorProto, helper, numpy_helper

from fer_core.zoo.onnx_importing.graph import only_input, shape_of
from fer_core.zoo.onnx_importing.import_settings import ImportSettings

_FACES: Final = "fer_faces"
_PROBABILITIES: Final = "fer_probabilities"
_TO_NCHW: Final = (0, 3, 1, 2)


def adapted(model: ModelProto, settings: ImportSettings, *, batch: int | None) -> ModelProto:
    """Returns a copy in single precision, with nodes for layout and softmax around its own.

    Args:
        model: that passed `judge`.
        settings: of the import.
        batch: number of faces at once; None for any.
    """
    copy = ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    _to_single_precision(graph)
    taken, given = only_input(graph), graph.output[0]
    names = _names(graph)
    before, after = [], []

    current = first = _new(_FACES, names)
    if settings.layout == "NCHW":
        before.append(
            helper.make_node("Transpose", [current], [_new("moved", names)], perm=_TO_NCHW)
        )
        current = before[-1].output[0]
    for node in graph.node:
        node.input[:] = [current if name == taken.name else name for name in node.input]

    last = given.name
    if settings.output == "logits":
        after.append(helper.make_node("Softmax", [last], [_new(_PROBABILITIES, names)], axis=1))
        last = after[-1].output[0]

    nodes = [*before, *graph.node, *after]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]  # shapes of the former batch; they are inferred again
    kept = [value for value in graph.input if value.name != taken.name]
    del graph.input[:]
    side, channels = settings.preprocessing.size, settings.preprocessing.channels
    rows = "n" if batch is None else batch
    faces = helper.make_tensor_value_info(first, TensorProto.FLOAT, [rows, side, side, channels])
    graph.input.extend([faces, *kept])
    del graph.output[:]
    graph.output.append(
        helper.make_tensor_value_info(last, TensorProto.FLOAT, [rows, len(settings.labels)])
    )
    return copy


def _to_single_precision(graph: GraphProto) -> None:
    for tensor in graph.initializer:
        _widen(tensor)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.TENSOR:
                _widen(attribute.t)
            elif node.op_type == "Cast" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.FLOAT


def _widen(tensor: TensorProto) -> None:
    if tensor.data_type == TensorProto.FLOAT16:
        values = numpy_helper.to_array(tensor).astype(np.float32)
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def declared_batch(model: ModelProto) -> int:
    """Returns the number of faces that the model declares; 1 for any number."""
    return shape_of(only_input(model.graph))[0] or 1


def _names(graph: GraphProto) -> set[str]:
    names = {tensor.name for tensor in graph.initializer} | {value.name for value in graph.input}
    return names.union(*(node.output for node in graph.node))


def _new(wanted: str, names: set[str]) -> str:
    while wanted in names:
        wanted += "_"
    names.add(wanted)
    return wanted
