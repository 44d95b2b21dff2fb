"""Training steps and epochs: losses, schedule, distillation, validation."""

from training.loop.distillation import load_teachers
from training.loop.epoch import fit_epoch
from training.loop.jax_epoch import DeviceEpochs, has_accelerator
from training.loop.schedule import build_optimizer, set_epoch_learning_rate
from training.loop.trainer import build_trainer
from training.loop.validation import validate, weights_to_save

__all__ = [
    "DeviceEpochs",
    "build_optimizer",
    "build_trainer",
    "fit_epoch",
    "has_accelerator",
    "load_teachers",
    "set_epoch_learning_rate",
    "validate",
    "weights_to_save",
]
