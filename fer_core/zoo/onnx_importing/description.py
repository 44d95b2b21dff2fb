"""Describes a checked ONNX model by running it; runs in the separate process."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto

from fer_core.errors import ModelRejected
from fer_core.zoo.importing import OutputKind, first_line
from fer_core.zoo.onnx_importing.graph import only_input, opset, shape_of

_SIDES: Final = (48, 64, 96, 224)
"""Tried in this order if a model accepts any height and width, in pixels."""

_THREADS: Final = 2
_TIMED_RUNS: Final = 20
_GRAYS: Final = (0.0, 0.5, 1.0, 255.0)
_TOLERANCE: Final = 1e-2
"""Relative; half precision is rounded in another order in a batch."""


def describe(model: ModelProto) -> dict[str, Any]:
    """Opens a checked model in ONNX Runtime, and runs synthetic faces.

    It is opened without graph optimizations first, then with them, as it is served later.

    Returns:
        The fields of `OnnxReport` that follow from the model.

    Raises:
        ModelRejected: its channels cannot be told, ONNX Runtime cannot open or run it, or its
            outputs are not finite or not one row per face.
    """
    value = only_input(model.graph)
    shape = shape_of(value)
    layout = _layout(shape)
    half = value.type.tensor_type.elem_type == TensorProto.FLOAT16
    try:
        plain = _session(model, optimized=False)
        faces, outputs = _tried(plain, value.name, shape, np.float16 if half else np.float32)
        session = _session(model, optimized=True)
        served = _of_grays(session, value.name, faces)
    except Exception as error:  # ONNX Runtime fails in many ways on unsuitable files
        raise ModelRejected(
            f"ONNX Runtime cannot run the model: {first_line(error)}", reason="failed"
        ) from error
    rows = len(_GRAYS) * (shape[0] or 1)
    if outputs.ndim != 2 or len(outputs) != rows or outputs.shape[1] < 2:
        raise ModelRejected(
            "The model must give one row of at least two classes per face. "
            f"Received: an output of shape {outputs.shape[1:]} for each",
            reason="graph",
        )
    if not np.isfinite(outputs).all():
        raise ModelRejected(
            "The model's output is NaN or infinite for a uniform face.", reason="weights"
        )
    if not np.allclose(outputs, served, rtol=_TOLERANCE, atol=_TOLERANCE * np.abs(outputs).max()):
        raise ModelRejected(
            "ONNX Runtime gives other outputs with its optimizations than without.",
            reason="failed",
        )
    return {
        "opset": opset(model),
        "input_shape": shape,
        "input_type": "float16" if half else "float32",
        "layout": layout,
        "channels": shape[1] if layout == "NCHW" else shape[3],
        "tried_shape": faces.shape,
        "takes_batches": shape[0] is None and _takes_batches(session, value.name, faces),
        "classes": outputs.shape[1],
        "output_kind": _kind(outputs),
        "operators": dict(Counter(node.op_type for node in model.graph.node).most_common()),
        "parameters": _parameters(model),
        "p95_ms": _p95_ms(session, value.name, faces),
    }


def _layout(shape: tuple[int | None, ...]) -> str:
    if shape[1] in (1, 3):
        return "NCHW"
    if shape[3] in (1, 3):
        return "NHWC"
    raise ModelRejected(
        f"Expected an input with 1 or 3 channels, as second or last dimension. Received: {shape}",
        reason="graph",
    )


def _session(model: ModelProto, *, optimized: bool) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if not optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = _THREADS
    options.log_severity_level = 4
    # From bytes: there is no folder in which other files could be found.
    return onnxruntime.InferenceSession(
        model.SerializeToString(), sess_options=options, providers=["CPUExecutionProvider"]
    )


def _tried(
    session: Any, name: str, shape: tuple[int | None, ...], dtype: type[np.floating[Any]]
) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """Returns one face and the outputs of one uniform face per gray level."""
    error: Exception | None = None
    for side in _SIDES if None in shape[1:] else _SIDES[:1]:
        face = np.ones((shape[0] or 1, *(each or side for each in shape[1:])), dtype)
        try:
            return face, _of_grays(session, name, face)
        except Exception as found:  # another size may fit
            error = found
    assert error is not None
    raise error


def _of_grays(session: Any, name: str, face: NDArray[Any]) -> NDArray[np.float32]:
    rows = [session.run(None, {name: face * face.dtype.type(gray)})[0] for gray in _GRAYS]
    return np.concatenate(rows).astype(np.float32)


def _takes_batches(session: Any, name: str, face: NDArray[Any]) -> bool:
    """Whether several faces at once give the rows that each gives alone."""
    faces = np.concatenate([face * face.dtype.type(gray) for gray in _GRAYS])
    try:
        together = np.asarray(session.run(None, {name: faces})[0], np.float32)
    except Exception:  # its shapes are fixed inside
        return False
    alone = _of_grays(session, name, face)
    return together.shape == alone.shape and np.allclose(
        together, alone, rtol=_TOLERANCE, atol=_TOLERANCE * float(np.abs(alone).max())
    )


def _kind(outputs: NDArray[np.float32]) -> OutputKind:
    if (outputs < 0).any() or (outputs > 1).any():
        return "logits"
    sums_to_one = np.allclose(outputs.sum(axis=1), 1, atol=1e-2)
    return "probabilities" if sums_to_one else "between 0 and 1"


def _parameters(model: ModelProto) -> int:
    return int(sum(np.prod(tensor.dims, dtype=np.int64) for tensor in model.graph.initializer))


def _p95_ms(session: Any, name: str, face: NDArray[Any]) -> float:
    times = []
    for _ in range(_TIMED_RUNS):
        started = time.perf_counter()
        session.run(None, {name: face})
        times.append(1000 * (time.perf_counter() - started))
    return float(np.percentile(times, 95))
