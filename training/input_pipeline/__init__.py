"""From a dataset to augmented batches with targets."""

from training.input_pipeline.augmentation import build_augmentation, mixup, reseed
from training.input_pipeline.batches import EpochBatches, balanced_order, class_weights, epoch_order
from training.input_pipeline.resampling import require_imbalanced_learn, resample
from training.input_pipeline.targets import read_data, training_targets

__all__ = [
    "EpochBatches",
    "balanced_order",
    "build_augmentation",
    "class_weights",
    "epoch_order",
    "mixup",
    "read_data",
    "require_imbalanced_learn",
    "resample",
    "reseed",
    "training_targets",
]
