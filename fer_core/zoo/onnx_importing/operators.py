"""The operators that an untrusted ONNX model may use.

All are plain arithmetic on tensors from the ONNX standard. Left out are control flow (`If`, `Loop`,
`Scan`), sequences and maps, text, random numbers, recurrent and quantized operators, and those
whose output can be far larger than their inputs (`Tile`, `Range`, `OneHot`, `NonZero`).
"""

from __future__ import annotations

from typing import Final

FIRST_OPSET: Final = 7
"""The oldest opset that ONNX Runtime supports."""

STANDARD_DOMAINS: Final = frozenset({"", "ai.onnx"})

OPERATORS: Final = frozenset(
    {
        # layers
        *("AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "Dropout", "Flatten"),
        *("Gemm", "GlobalAveragePool", "GlobalMaxPool", "GroupNormalization"),
        *("InstanceNormalization", "LRN", "LayerNormalization", "LpNormalization", "MatMul"),
        *("MaxPool", "RMSNormalization"),
        # activations
        *("Celu", "Clip", "Elu", "Erf", "Gelu", "HardSigmoid", "HardSwish", "Identity"),
        *("LeakyRelu", "LogSoftmax", "Mish", "PRelu", "Relu", "Selu", "Sigmoid", "Softmax"),
        *("Softplus", "Softsign", "Swish", "Tanh", "ThresholdedRelu"),
        # arithmetic
        *("Abs", "Add", "And", "Ceil", "Cos", "Div", "Equal", "Exp", "Floor", "Greater"),
        *("GreaterOrEqual", "Less", "LessOrEqual", "Log", "Max", "Mean", "Min", "Mod", "Mul"),
        *("Neg", "Not", "Or", "Pow", "Reciprocal", "Round", "Sign", "Sin", "Sqrt", "Sub"),
        *("Sum", "Where"),
        # reductions
        *("ArgMax", "ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin"),
        *("ReduceProd", "ReduceSum", "ReduceSumSquare"),
        # shapes
        *("Cast", "CastLike", "Concat", "Constant", "ConstantOfShape", "DepthToSpace", "Expand"),
        *("Gather", "Pad", "Reshape", "Resize", "Shape", "Size", "Slice", "SpaceToDepth"),
        *("Split", "Squeeze", "Transpose", "Unsqueeze", "Upsample"),
    }
)
"""The allowed operators of the standard domain."""

CONTROL_FLOW: Final = frozenset({"If", "Loop", "Scan", "SequenceMap"})

GEOMETRY: Final = frozenset(
    {"dilations", "kernel_shape", "output_padding", "output_shape", "pads", "strides"}
)
"""Attributes whose values decide how large an output is."""

MAX_GEOMETRY: Final = 1024
"""Largest value of such an attribute, in pixels."""
