"""Runs whole epochs as one program on an accelerator, under JAX.

`fit_epoch` transfers one batch at a time: a small network is done with it before Python has the
next one ready. Here all faces are transferred once, and one compiled loop takes its batches from
them. The result is the same. On a CPU, single steps are used: XLA's convolutions are slow there
inside a loop.
"""

from __future__ import annotations

import operator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from training.input_pipeline import EpochBatches, mixup
from training.loop.losses import accuracy
from training.run_directory import Row

State = tuple[list[Any], list[Any], list[Any]]
"""Values of the trainable, non-trainable and optimizer variables."""


def has_accelerator() -> bool:
    """Whether Keras runs on JAX, and JAX on an accelerator."""
    if keras.backend.backend() != "jax":
        return False
    import jax

    return bool(jax.default_backend() != "cpu")


class DeviceEpochs:
    """Trains a compiled model by whole epochs; the compiled loop is reused.

    Args:
        model: from inputs to predictions, compiled, its optimizer built.
        n_classes: number of leading columns of the predictions, used for the accuracy.
    """

    def __init__(self, model: keras.Model, *, n_classes: int) -> None:
        import jax

        self._model = model
        self._n_classes = n_classes
        self._loop = jax.jit(self._scan)
        self._handed_over: tuple[tuple[NDArray[Any], ...], tuple[Any, ...]] = (), ()

    def fit(self, batches: EpochBatches) -> Row:
        """Trains for one epoch; returns its mean loss and accuracy."""
        model = self._model
        variables = (
            model.trainable_variables,
            model.non_trainable_variables,
            model.optimizer.variables,
        )
        state = tuple([variable.value for variable in group] for group in variables)
        plans = [batches.plan(index) for index in range(len(batches))]
        chosen, share, partner = (np.stack(column) for column in zip(*plans, strict=True))
        data = (*self._on_device(batches.inputs, batches.targets), batches.class_weights)
        state, (losses, accuracies) = self._loop(state, data, (chosen, share, partner))
        for group, values in zip(variables, state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        return {"loss": float(np.mean(losses)), "accuracy": float(np.mean(accuracies))}

    def _on_device(self, *arrays: NDArray[Any]) -> tuple[Any, ...]:
        """Transfers the arrays that are not on the device yet."""
        import jax

        before, there = self._handed_over
        if len(before) != len(arrays) or not all(map(operator.is_, before, arrays)):
            there = tuple(map(jax.device_put, arrays))
            self._handed_over = arrays, there
        return there

    def _scan(self, state: State, data: tuple[Any, ...], plans: Any) -> Any:
        import jax

        def step(state: State, plan: Any) -> tuple[State, Any]:
            return self._step(state, data, *plan)

        return jax.lax.scan(step, state, plans)

    def _step(
        self, state: State, data: tuple[Any, ...], chosen: Any, share: Any, partner: Any
    ) -> tuple[State, Any]:
        import jax

        all_inputs, all_targets, class_weights = data
        inputs = _shared(mixup(all_inputs[chosen], share, partner))
        targets = _shared(mixup(all_targets[chosen], share, partner))
        trainable, others, optimizer = state

        def loss(trainable: list[Any]) -> tuple[Any, Any]:
            predictions, new_others = self._model.stateless_call(
                trainable, others, inputs, training=True
            )
            value = self._model.loss(targets, predictions, sample_weight=targets @ class_weights)
            return value, (predictions, new_others)

        differentiate = jax.value_and_grad(loss, has_aux=True)
        (value, (predictions, others)), gradients = differentiate(trainable)
        trainable, optimizer = self._model.optimizer.stateless_apply(
            optimizer, gradients, trainable
        )
        hits = accuracy(targets, predictions, n_classes=self._n_classes)
        return (trainable, others, optimizer), (value, hits.mean())


def _shared(batch: Any) -> Any:
    """Shards a batch over the devices, if there are several."""
    distribution = keras.distribution.distribution()
    if distribution is None:
        return batch
    layout = distribution.get_data_layout(batch.shape)
    return keras.distribution.distribute_tensor(batch, layout)
