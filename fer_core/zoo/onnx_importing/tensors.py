"""Checks the tensors stored in an ONNX file without turning them into arrays first."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from onnx import TensorProto, numpy_helper

from fer_core.errors import ModelRejected

_MAX_RANK: Final = 8
_FLOATS: Final = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16)

# By type: bytes per value in `raw_data`, the field with the values otherwise.
_STORAGE: Final[dict[int, tuple[int, str]]] = {
    TensorProto.FLOAT: (4, "float_data"),
    TensorProto.DOUBLE: (8, "double_data"),
    TensorProto.FLOAT16: (2, "int32_data"),
    TensorProto.INT64: (8, "int64_data"),
    TensorProto.INT32: (4, "int32_data"),
    TensorProto.INT8: (1, "int32_data"),
    TensorProto.UINT8: (1, "int32_data"),
    TensorProto.BOOL: (1, "int32_data"),
}


def check_tensor(tensor: TensorProto) -> int:
    """Rejects a tensor that is not stored whole in the file.

    Returns:
        The number of values.

    Raises:
        ModelRejected: it lies in another file, is not numeric, declares another size than it
            stores, or has NaN.
    """
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise _refusal(tensor, "is stored in another file; save the model as one file")
    if tensor.HasField("segment"):
        raise _refusal(tensor, "is stored in segments")
    if tensor.data_type not in _STORAGE:
        raise _refusal(tensor, "has a type other than numbers of 8 to 64 bits")
    dims = tuple(tensor.dims)
    if len(dims) > _MAX_RANK or any(side < 0 for side in dims):
        raise _refusal(tensor, f"has the invalid shape {dims[: _MAX_RANK + 1]}")
    declared = int(math.prod(dims))
    itemsize, field = _STORAGE[tensor.data_type]
    is_raw = tensor.HasField("raw_data")
    stored = len(tensor.raw_data) / itemsize if is_raw else len(getattr(tensor, field))
    if declared != stored:
        raise _refusal(tensor, f"declares {declared} values but stores {stored:g}")
    # A mask such as that of attention may hold -inf, so only NaN is refused.
    if tensor.data_type in _FLOATS and np.isnan(numpy_helper.to_array(tensor)).any():
        raise _refusal(tensor, "has values that are NaN")
    return declared


def _refusal(tensor: TensorProto, problem: str) -> ModelRejected:
    return ModelRejected(
        f"The model's weights are not opened. The tensor {tensor.name[:60]!r} {problem}.",
        reason="weights",
    )
