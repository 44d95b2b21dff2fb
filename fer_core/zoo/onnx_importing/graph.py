"""Checks an ONNX graph before ONNX Runtime sees it.

ONNX Runtime has no allowlist of operators, and it allocates what a graph declares. So every node
must be in the list of `fer_core.zoo.onnx_importing.operators`, every tensor must be stored in the
file, and every declared or inferred shape must be plausible for a face network.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import chain
from typing import Final

import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

from fer_core.errors import ModelRejected, ModelRejectionReason
from fer_core.zoo.importing import MAX_FILE_BYTES, MAX_PARAMETERS
from fer_core.zoo.onnx_importing.operators import (
    CONTROL_FLOW,
    FIRST_OPSET,
    GEOMETRY,
    MAX_GEOMETRY,
    OPERATORS,
    STANDARD_DOMAINS,
)
from fer_core.zoo.onnx_importing.tensors import check_tensor

_MAX_NODES: Final = 20_000
_MAX_VALUES: Final = 64 * 2**20
_MAX_SIDE: Final = 1024
_MAX_OUTPUTS: Final = 1000
_MAX_LIST: Final = 10_000
_FLOATS: Final = (TensorProto.FLOAT, TensorProto.FLOAT16)
_PLAIN: Final = (
    *(AttributeProto.FLOAT, AttributeProto.FLOATS, AttributeProto.INT, AttributeProto.INTS),
    *(AttributeProto.STRING, AttributeProto.TENSOR),
)


def judge(data: bytes) -> ModelProto:
    """Checks a whole ONNX file, without ONNX Runtime.

    Returns:
        What may be opened: the checked model without unknown fields, metadata and documentation.

    Raises:
        ModelRejected: the file is rejected.
    """
    if len(data) > MAX_FILE_BYTES:
        raise _refusal(f"Expected at most {MAX_FILE_BYTES // 2**20} MB", "too_large")
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except Exception as error:  # the parser's exceptions differ between its implementations
        raise _refusal("The file is damaged or is not an ONNX model", "archive") from error
    if not model.graph.node:
        raise _refusal("The file has no graph of an ONNX model", "archive")
    model.DiscardUnknownFields()
    del model.metadata_props[:]
    _check_header(model)
    names = _check_initializers(model.graph)
    parameters = sum(math.prod(tensor.dims) for tensor in model.graph.initializer)
    _check_nodes(model.graph, names, parameters)
    _check_ends(model.graph, names)
    _check_shapes(model)
    return model


def opset(model: ModelProto) -> int:
    """Returns the version of the standard operators."""
    return next(int(each.version) for each in model.opset_import if each.domain in STANDARD_DOMAINS)


def shape_of(value: ValueInfoProto) -> tuple[int | None, ...]:
    """Returns the declared shape; None for sides of any size."""
    return tuple(
        side.dim_value if side.HasField("dim_value") else None
        for side in value.type.tensor_type.shape.dim
    )


def only_input(graph: GraphProto) -> ValueInfoProto:
    """Returns the input that is not a weight."""
    weights = {tensor.name for tensor in graph.initializer}
    found: ValueInfoProto = next(value for value in graph.input if value.name not in weights)
    return found


def _check_header(model: ModelProto) -> None:
    if model.functions:
        raise _refusal("It defines functions; export it again without them", "graph")
    if model.training_info:
        raise _refusal("It contains training graphs; export it for inference", "graph")
    versions = [each.version for each in model.opset_import if each.domain in STANDARD_DOMAINS]
    last = onnx.defs.onnx_opset_version()
    if len(versions) != 1 or not FIRST_OPSET <= versions[0] <= last:
        raise _refusal(
            f"Expected one opset from {FIRST_OPSET} to {last}. Received: "
            f"{', '.join(map(str, versions[:5])) or 'none'}",
            "graph",
        )


def _check_initializers(graph: GraphProto) -> set[str]:
    if graph.sparse_initializer or graph.quantization_annotation:
        raise _refusal("It has sparse or quantized weights", "weights")
    names = Counter(tensor.name for tensor in graph.initializer)
    if repeated := [name for name, count in names.items() if count > 1]:
        raise _refusal(f"The weight {repeated[0][:60]!r} is defined twice", "weights")
    total = 0
    for tensor in graph.initializer:
        total += check_tensor(tensor)
        if total > MAX_PARAMETERS:
            raise _refusal(f"Its weights have more than {MAX_PARAMETERS} values", "too_large")
    return set(names)


def _check_nodes(graph: GraphProto, weights: set[str], parameters: int) -> None:
    if len(graph.node) > _MAX_NODES:
        raise _refusal(f"Expected at most {_MAX_NODES} nodes", "too_large")
    known = weights | {value.name for value in graph.input} | {""}
    for node in graph.node:
        _check_operator(node)
        parameters += sum(map(_check_attribute, node.attribute))
        if parameters > MAX_PARAMETERS:
            raise _refusal(f"Its weights have more than {MAX_PARAMETERS} values", "too_large")
        if missing := [name for name in node.input if name not in known]:
            raise _refusal(
                f"A node {node.op_type} uses {missing[0][:60]!r} before it is computed", "graph"
            )
        outputs = [name for name in node.output if name]
        if known.intersection(outputs) or len(set(outputs)) != len(outputs):
            raise _refusal(f"A node {node.op_type} computes a value that exists already", "graph")
        known.update(outputs)
    if missing := [value.name for value in graph.output if value.name not in known]:
        raise _refusal(f"Nothing computes the output {missing[0][:60]!r}", "graph")


def _check_operator(node: NodeProto) -> None:
    name = node.op_type[:60]
    if node.domain not in STANDARD_DOMAINS:
        raise _refusal(
            f"The operator {name!r} is of the domain {node.domain[:60]!r}; "
            "expected only operators of the ONNX standard",
            "operator",
        )
    if node.op_type in CONTROL_FLOW:
        raise _refusal(f"The operator {name!r} is control flow", "operator")
    if node.op_type not in OPERATORS:
        raise _refusal(f"The operator {name!r} is not in the list of allowed operators", "operator")


def _check_attribute(attribute: AttributeProto) -> int:
    """Returns the number of values in the attribute's tensor."""
    name = attribute.name[:60]
    if attribute.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS):
        raise _refusal(f"The attribute {name!r} contains a graph", "graph")
    if attribute.HasField("g") or attribute.graphs or attribute.sparse_tensors:
        raise _refusal(f"The attribute {name!r} has values besides those of its type", "graph")
    if attribute.type not in _PLAIN or attribute.ref_attr_name:
        raise _refusal(f"The attribute {name!r} is not a number, text or tensor", "graph")
    if max(len(attribute.ints), len(attribute.floats)) > _MAX_LIST or len(attribute.s) > _MAX_LIST:
        raise _refusal(f"The attribute {name!r} is longer than {_MAX_LIST}", "too_large")
    if attribute.name in GEOMETRY and any(abs(value) > MAX_GEOMETRY for value in attribute.ints):
        raise _refusal(
            f"Expected values of at most {MAX_GEOMETRY} in {name!r}. "
            f"Received: {max(attribute.ints, key=abs)}",
            "too_large",
        )
    return check_tensor(attribute.t) if attribute.type == AttributeProto.TENSOR else 0


def _check_ends(graph: GraphProto, weights: set[str]) -> None:
    inputs = [value for value in graph.input if value.name not in weights]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise _refusal(
            "Expected one input and one output. "
            f"Received: {len(inputs)} inputs, {len(graph.output)} outputs",
            "graph",
        )
    shape = shape_of(inputs[0])
    tensor_type = inputs[0].type.tensor_type
    if tensor_type.elem_type not in _FLOATS or len(shape) != 4:
        raise _refusal(
            "Expected an input of four dimensions (a batch of images), float32 or float16. "
            f"Received: {len(shape)} dimensions, type {tensor_type.elem_type}",
            "graph",
        )
    if any(side is not None and not 1 <= side <= _MAX_SIDE for side in shape):
        raise _refusal(
            f"Expected an input with sides from 1 to {_MAX_SIDE}. Received: {shape}", "too_large"
        )
    outputs = shape_of(graph.output[0])
    if outputs and (len(outputs) != 2 or not 2 <= (outputs[1] or 2) <= _MAX_OUTPUTS):
        raise _refusal(
            f"Expected an output of faces x classes, 2 to {_MAX_OUTPUTS} classes. "
            f"Received: {outputs[:8]}",
            "graph",
        )


def _check_shapes(model: ModelProto) -> None:
    try:
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except Exception as error:  # raised for every inconsistency, in several classes
        line = next(iter(str(error).splitlines()), "")[:200]
        raise _refusal(f"Its shapes do not fit together: {line}", "graph") from error
    graph = inferred.graph
    for value in chain(graph.value_info, graph.input, graph.output):
        if math.prod(side or 1 for side in shape_of(value)) > _MAX_VALUES:
            raise _refusal(
                f"The value {value.name[:60]!r} has the shape {shape_of(value)}; "
                f"expected at most {_MAX_VALUES} numbers",
                "too_large",
            )


def _refusal(problem: str, reason: ModelRejectionReason) -> ModelRejected:
    return ModelRejected(f"The ONNX model is not opened. {problem}.", reason=reason)
