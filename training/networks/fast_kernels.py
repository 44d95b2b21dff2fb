"""Faster kernels of the framework for training, where Keras does not use them.

Batch normalization: Keras computes the batch's moments and the normalization in separate steps;
TensorFlow and PyTorch have one fused kernel, which halves the time of a whole training step of the
`cnn`. Its batch variance has Bessel's correction, which changes the moving variance by a factor of
n / (n - 1), where n is the number of values per channel: negligible here.

Convolution under PyTorch: Keras copies its input to another memory layout and back. Without these
copies, a step of `mobilenet` takes half the time.

Depthwise convolution under JAX: a sum of shifted products, for GPUs, where the frameworks' kernels
for grouped convolutions and their gradients tend to be slow. The saved mobilenet was trained with
it; the speedup was not measured.

They are used in training only. The weights are those of the original model, which is saved.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers, ops


def with_fast_kernels(
    model: keras.Model, *, precision: str | None = None, prefix: str = ""
) -> keras.Model:
    """Returns a copy of `model` with faster kernels.

    The copy has newly initialized weights, in the same order and with the same shapes.

    Args:
        model: any network of this project.
        precision: precision of the copy, except for the output layers; that of `model` if None.
        prefix: prefix of the copy's layer names. Two networks in one model need different names:
            under PyTorch, Keras finds a model's variables by name, and does not zero the gradients
            of those it misses between steps.
    """
    by_backend: dict[str, dict[type, type]] = {
        "tensorflow": {layers.BatchNormalization: _FusedBatchNormalization},
        "torch": {
            layers.BatchNormalization: _FusedBatchNormalization,
            layers.Conv2D: _TorchConv2D,
            layers.DepthwiseConv2D: _TorchDepthwiseConv2D,
        },
        "jax": {layers.DepthwiseConv2D: _ShiftedDepthwiseConv2D},
    }
    replacements = by_backend[keras.backend.backend()]

    def replaced(layer: layers.Layer) -> layers.Layer:
        kind: Any = replacements.get(type(layer), type(layer))
        config = layer.get_config()
        config["name"] = prefix + config["name"]
        if precision is not None and not any(layer.output is output for output in model.outputs):
            config["dtype"] = precision
        return kind.from_config(config)

    return keras.models.clone_model(model, clone_function=replaced)


class _FusedBatchNormalization(layers.BatchNormalization):  # type: ignore[misc]
    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        on_torch = keras.backend.backend() == "torch"
        if not (training and self.trainable):
            if on_torch:
                return _torch_fixed_batch_norm(inputs, self)
            return super().call(inputs, training=False, mask=mask)
        fused = _torch_batch_norm if on_torch else _tensorflow_batch_norm
        outputs, mean, variance = fused(inputs, self.gamma.value, self.beta.value, self.epsilon)
        keep = self.momentum
        self.moving_mean.assign(keep * self.moving_mean + (1 - keep) * mean)
        self.moving_variance.assign(keep * self.moving_variance + (1 - keep) * variance)
        return outputs


def _tensorflow_batch_norm(inputs: Any, gamma: Any, beta: Any, epsilon: float) -> tuple[Any, ...]:
    from tensorflow import raw_ops  # not installed with other backends

    fused = raw_ops.FusedBatchNormV3(
        x=inputs, scale=gamma, offset=beta, mean=[], variance=[], epsilon=epsilon, is_training=True
    )
    return fused.y, fused.batch_mean, fused.batch_variance


def _torch_batch_norm(inputs: Any, gamma: Any, beta: Any, epsilon: float) -> tuple[Any, ...]:
    from torch.nn import functional

    mean, variance = gamma.detach().clone(), gamma.detach().clone()
    outputs = functional.batch_norm(
        inputs.permute(_CHANNELS_SECOND),
        running_mean=mean,
        running_var=variance,
        weight=gamma,
        bias=beta,
        training=True,
        momentum=1.0,  # returns the batch's own statistics instead of running ones
        eps=epsilon,
    )
    return outputs.permute(_CHANNELS_LAST), mean, variance


def _torch_fixed_batch_norm(inputs: Any, layer: layers.BatchNormalization) -> Any:
    from torch.nn import functional

    outputs = functional.batch_norm(
        inputs.permute(_CHANNELS_SECOND),
        running_mean=layer.moving_mean.value,
        running_var=layer.moving_variance.value,
        weight=layer.gamma.value,
        bias=layer.beta.value,
        training=False,
        eps=layer.epsilon,
    )
    return outputs.permute(_CHANNELS_LAST)


_CHANNELS_SECOND = (0, 3, 1, 2)
_CHANNELS_LAST = (0, 2, 3, 1)


class _TorchConv2D(layers.Conv2D):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        outputs = _torch_convolution(inputs, self.kernel, self, groups=1)
        return outputs if self.bias is None else outputs + self.bias


class _TorchDepthwiseConv2D(layers.DepthwiseConv2D):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        kernel = keras.ops.transpose(self.kernel, (0, 1, 3, 2))
        return _torch_convolution(inputs, kernel, self, groups=inputs.shape[-1])


class _ShiftedDepthwiseConv2D(layers.DepthwiseConv2D):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        images = ops.cast(inputs, "float32")
        kernel = ops.cast(self.kernel, "float32")
        kernel_size, strides, sides = kernel.shape[:2], self.strides, inputs.shape[1:3]
        if self.padding == "same":
            around = map(_same_padding, sides, kernel_size, strides)
            images = ops.pad(images, ((0, 0), *around, (0, 0)))
        (height, width), (down, right) = images.shape[1:3], strides
        outputs = sum(
            images[:, y : height - kernel_size[0] + y + 1 : down][
                :, :, x : width - kernel_size[1] + x + 1 : right
            ]
            * kernel[y, x, :, 0]
            for y in range(kernel_size[0])
            for x in range(kernel_size[1])
        )
        if self.bias is not None:
            outputs = outputs + ops.cast(self.bias, "float32")
        return ops.cast(outputs, self.compute_dtype)


def _torch_convolution(inputs: Any, kernel: Any, layer: Any, *, groups: int) -> Any:
    """Convolves `(n, height, width, c)` with `(height, width, c / groups, filters)`."""
    from torch.nn import functional

    images = inputs.permute(_CHANNELS_SECOND)
    kernel = keras.ops.convert_to_tensor(kernel).permute(3, 2, 0, 1)
    padding = (0, 0)
    if layer.padding == "same":
        sides = zip(images.shape[2:], kernel.shape[2:], layer.strides, strict=True)
        (top, bottom), (left, right) = (_same_padding(*side) for side in sides)
        if (top, left) == (bottom, right):
            padding = (top, left)
        else:
            images = functional.pad(images, (left, right, top, bottom))
    outputs = functional.conv2d(
        images, kernel, stride=layer.strides, padding=padding, groups=groups
    )
    return outputs.permute(_CHANNELS_LAST)


def _same_padding(size: int, kernel_size: int, stride: int) -> tuple[int, int]:
    """Padding before and after, as in Keras and TensorFlow."""
    total = max((math.ceil(size / stride) - 1) * stride + kernel_size - size, 0)
    return total // 2, total - total // 2
