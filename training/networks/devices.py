"""Data-parallel training on several devices, under JAX: each computes its share of every batch.

Weights are replicated on all devices and gradients are summed over them, so the result is that of
one device, except for rounding. See docs/scaling.md for several machines.
"""

from __future__ import annotations

import keras

from training.settings import SettingsError


def shard_batches(batch_size: int) -> int:
    """Shards every batch over all devices that JAX sees; call it before building a network.

    Args:
        batch_size: batch size of the training; the devices get equal shares of it.

    Returns:
        The number of devices.

    Raises:
        SettingsError: Keras runs on another backend, or the batch cannot be divided equally.
    """
    backend = keras.backend.backend()
    if backend != "jax":
        raise SettingsError(f"Several devices need KERAS_BACKEND=jax. Received: {backend}")
    devices = keras.distribution.list_devices()
    if batch_size % len(devices):
        raise SettingsError(
            f"The batch size must be a multiple of the number of devices. Received: {batch_size} "
            f"for {len(devices)} devices"
        )
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    return len(devices)


def device_count() -> int:
    """Number of devices that share a batch."""
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else int(distribution.device_mesh.devices.size)
