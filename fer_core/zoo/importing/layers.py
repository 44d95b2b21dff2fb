"""The Keras objects that a third-party model may name: layers without code, files or network."""

from __future__ import annotations

from typing import Final

MODELS: Final = frozenset({"Functional", "Sequential"})

LAYERS: Final = frozenset(
    {
        "Activation",
        "ActivityRegularization",
        "Add",
        "AlphaDropout",
        "Average",
        "AveragePooling1D",
        "AveragePooling2D",
        "BatchNormalization",
        "CenterCrop",
        "Concatenate",
        "Conv1D",
        "Conv2D",
        "Conv2DTranspose",
        "Cropping2D",
        "Dense",
        "DepthwiseConv2D",
        "Dot",
        "Dropout",
        "ELU",
        "Flatten",
        "GaussianDropout",
        "GaussianNoise",
        "GlobalAveragePooling1D",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "GroupNormalization",
        "Identity",
        "InputLayer",
        "LayerNormalization",
        "LeakyReLU",
        "MaxPooling1D",
        "MaxPooling2D",
        "Maximum",
        "Minimum",
        "Multiply",
        "MultiHeadAttention",
        "Normalization",
        "PReLU",
        "Permute",
        "RandomBrightness",
        "RandomContrast",
        "RandomFlip",
        "RandomRotation",
        "RandomTranslation",
        "RandomZoom",
        "ReLU",
        "Rescaling",
        "Reshape",
        "Resizing",
        "SeparableConv2D",
        "Softmax",
        "SpatialDropout2D",
        "Subtract",
        "UnitNormalization",
        "UpSampling2D",
        "ZeroPadding2D",
    }
)

_INITIALIZERS: Final = frozenset(
    {
        "Constant",
        "GlorotNormal",
        "GlorotUniform",
        "HeNormal",
        "HeUniform",
        "LecunNormal",
        "LecunUniform",
        "Ones",
        "OrthogonalInitializer",
        "RandomNormal",
        "RandomUniform",
        "TruncatedNormal",
        "VarianceScaling",
        "Zeros",
    }
)

_ARITHMETIC: Final = frozenset({"Add", "Divide", "Multiply", "Negative", "Subtract", "TrueDivide"})
"""Operations in a functional model for `inputs / 255` or `preprocess_input`."""

MODULES_OF_COMPILING: Final = frozenset(
    {"keras.losses", "keras.metrics", "keras.optimizers", "keras.optimizers.schedules"}
)
"""Modules of the objects in compile settings; none of these is ever created."""

CLASSES_BY_MODULE: Final = {
    "keras": MODELS | {"DTypePolicy"},
    "keras.constraints": frozenset({"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}),
    "keras.dtype_policies": frozenset({"DTypePolicy"}),
    "keras.initializers": _INITIALIZERS,
    "keras.layers": LAYERS,
    "keras.models": MODELS,
    "keras.regularizers": frozenset({"L1", "L1L2", "L2"}),
    "keras.src.models.functional": frozenset({"Functional"}),
    "keras.src.models.sequential": frozenset({"Sequential"}),
    "keras.src.ops.numpy": _ARITHMETIC,
}
"""Every allowed class, by the module that Keras writes for it."""

ACTIVATIONS: Final = frozenset(
    {
        "elu",
        "exponential",
        "gelu",
        "hard_sigmoid",
        "hard_swish",
        "leaky_relu",
        "linear",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "softmax",
        "softplus",
        "softsign",
        "swish",
        "tanh",
    }
)
