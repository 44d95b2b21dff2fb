"""Grad-CAM without TensorFlow: class activation maps from a model's ONNX file.

Selvaraju et al. 2017: every channel of the last convolutional map is weighted by the mean, over its
positions, of the gradient of the class's score before softmax; the weighted sum, clipped at 0, is
the map. That mean is the change of the score when the whole channel is raised, so it needs no
backward pass: the layers after the map are run again with each channel raised and lowered.

In every architecture of this project, only pooling, dropout and one dense layer follow. Then the
weights are the same for every face, equal to the dense layer's up to a factor (Zhou et al. 2016):
they are computed once, and a map costs as much as a prediction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.zoo import onnx_session

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto

_REDUCING: Final = {"GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax"}
_POOLING: Final = {"MaxPool", "AveragePool"} | _REDUCING
_RESHAPING: Final = {"Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"}
_SAME_FOR_EVERY_FACE: Final = _POOLING | _RESHAPING | {"MatMul", "Gemm", "Add", "Cast"}
"""Operations whose output changes by a fixed amount when a whole channel is raised."""

_STEP: Final = 0.01
"""Step by which a channel is raised and lowered, relative to the map's standard deviation: small
enough that few later ReLUs switch, large enough for single precision."""

_CHANNELS_AT_ONCE: Final = 128

_Session = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class GradCam:
    """A model split at its last convolutional map. Thread-safe.

    Attributes:
        features: from `(n, height, width, 1)` faces to the maps.
        tail: from the maps to `(n, classes)` scores before softmax.
        channels_last: whether maps are `(n, rows, columns, channels)`, else channels come second.
        weights: `(classes, channels)` float64 if they are the same for every face, else None.
    """

    features: _Session
    tail: _Session
    channels_last: bool
    weights: NDArray[np.float64] | None

    def map(self, face: NDArray[np.float32], class_index: int) -> NDArray[np.float32]:
        """Returns the map of one class, `(rows, columns)` float32, at least 0, not normalized.

        Args:
            face: `(height, width, 1)` float32, as the classifier takes it.
            class_index: of the model's class.

        Raises:
            ModelError: an imported model only takes batches of another size.
        """
        with _failures_as_model_errors():
            found = self.features(face[np.newaxis])[0]
            weights = self.weights
            if weights is None:
                weights = _mean_gradients(self.tail, found, self.channels_last)
        channels = np.moveaxis(found, -1, 0) if self.channels_last else found
        return np.maximum(np.tensordot(weights[class_index], channels, axes=1), 0, dtype=np.float32)


def load_grad_cam(path: Path) -> GradCam:
    """Splits a model's ONNX file at its last convolutional map, in memory.

    Args:
        path: of the ONNX file; its first output is the classes.

    Raises:
        ModelError: the model does not end in softmax, or has no single feature map before it, or an
            imported model cannot be split there.
    """
    with _failures_as_model_errors():
        return _split(path)


@contextmanager
def _failures_as_model_errors() -> Iterator[None]:
    """An imported graph may have any shape, and ONNX Runtime fails in many ways on its parts."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(
            "Grad-CAM cannot split this model at its last feature map; use occlusion instead."
        ) from error


def _split(path: Path) -> GradCam:
    import onnx

    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    graph = model.graph
    known = {value.name: value for value in [*graph.value_info, *graph.output, *graph.input]}
    scores, cut, steps = _tail_of(graph, known)
    _, *sides = _shape(known[cut])
    channels_last = sides[0] == sides[1] != sides[2]

    nodes = _between(graph, cut, scores)
    used = {name for node in nodes for name in node.input}
    stored = [tensor for tensor in graph.initializer if tensor.name in used]
    tail_graph = onnx.helper.make_graph(nodes, "tail", [known[cut]], [known[scores]], stored)
    tail = _session(
        onnx.helper.make_model(
            tail_graph, ir_version=model.ir_version, opset_imports=model.opset_import
        )
    )
    weights = None
    if {node.op_type for node in steps} <= _SAME_FOR_EVERY_FACE:
        weights = _mean_gradients(tail, np.zeros(sides, np.float32), channels_last)
    del graph.output[:]
    graph.output.append(known[cut])
    return GradCam(_session(model), tail, channels_last, weights)


def _tail_of(
    graph: GraphProto, known: dict[str, ValueInfoProto]
) -> tuple[str, str, list[NodeProto]]:
    """Returns the names of the scores before softmax and of the last map, and the steps between.

    The map is the last one with rows and columns before pooling, which would only make it coarser.
    """
    producer = {output: node for node in graph.node for output in node.output}
    constants = {tensor.name for tensor in graph.initializer}
    constants |= {node.output[0] for node in graph.node if node.op_type == "Constant"}

    softmax = producer[graph.output[0].name]
    while softmax.op_type == "Identity":
        softmax = producer[softmax.input[0]]
    if softmax.op_type != "Softmax":
        raise ModelError(
            f"Grad-CAM needs a model that ends in softmax. Received: {softmax.op_type}"
        )
    scores = cut = softmax.input[0]
    steps: list[NodeProto] = []
    while producer[cut].op_type in _POOLING | _RESHAPING or len(_shape(known.get(cut))) != 4:
        node = producer[cut]
        before = [name for name in node.input if name and name not in constants]
        if node.op_type in _RESHAPING:
            before = before[:1]  # the other inputs are sizes
        if len(before) != 1 or before[0] not in producer:
            raise ModelError(
                "Grad-CAM needs a single feature map between the convolutions and the classes. "
                f"Received: {node.op_type} of {', '.join(before)} on the way"
            )
        steps.append(node)
        cut = before[0]
    return scores, cut, steps


def _between(graph: GraphProto, cut: str, scores: str) -> list[NodeProto]:
    """Returns all nodes between `cut` and `scores`, in graph order."""
    producer = {output: node for node in graph.node for output in node.output}
    needed, waiting = set(), {scores}
    while waiting:
        name = waiting.pop()
        if name != cut and name in producer and name not in needed:
            needed.add(name)
            waiting.update(producer[name].input)
    return [node for node in graph.node if needed.intersection(node.output)]


def _shape(value: ValueInfoProto | None) -> list[int]:
    if value is None:  # not inferred
        return []
    return [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]


def _mean_gradients(
    tail: _Session, maps: NDArray[np.float32], channels_last: bool
) -> NDArray[np.float64]:
    """The gradient of every class's score with respect to every channel, averaged over positions.

    By central differences, exact where `tail` is linear in a channel as a whole.

    Args:
        tail: from maps to scores.
        maps: of one face, without the batch axis.
        channels_last: whether channels are the last axis.

    Returns:
        `(classes, channels)`.
    """
    axis = maps.ndim - 1 if channels_last else 0
    channels = maps.shape[axis]
    step = np.float32(_STEP * float(maps.std()) or 1.0)
    gradients = []
    for first in range(0, channels, _CHANNELS_AT_ONCE):
        chosen = np.arange(first, min(first + _CHANNELS_AT_ONCE, channels))
        raised = np.zeros((len(chosen), channels), np.float32)
        raised[np.arange(len(chosen)), chosen] = step
        change = np.expand_dims(raised, (1, 2) if channels_last else (2, 3))
        difference = tail(maps + change).astype(np.float64) - tail(maps - change)
        gradients.append(difference / (2 * float(step)))
    positions = maps.size / channels
    return np.asarray(np.concatenate(gradients).T / positions, np.float64)


def _session(model: ModelProto) -> _Session:
    session = onnx_session(model.SerializeToString())
    name = session.get_inputs()[0].name

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {name: batch})[0], np.float32)

    return run
