"""One training on several devices, under JAX: each computes its share of every batch.

Weights are on all devices alike and gradients are added up over them, so the result is that of one
device but for rounding. See docs/scaling.md for several machines.
"""

from __future__ import annotations

import keras

from training.settings import SettingsError


def share_batches(batch_size: int) -> int:
    """Shares every batch among all devices that JAX sees; called before a network is built.

    Args:
        batch_size: of the training; the devices get equal shares of it.

    Returns:
        The number of devices.

    Raises:
        SettingsError: Keras runs on another backend, or the batch cannot be shared equally.
    """
    backend = keras.backend.backend()
    if backend != "jax":
        raise SettingsError(f"Several devices are used with KERAS_BACKEND=jax. Received: {backend}")
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
