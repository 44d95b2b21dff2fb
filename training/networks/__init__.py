"""The networks that can be trained, each with a stem for 48 pixel faces.

All share one head: global average pooling, dropout, one dense layer, softmax in float32.
"""

from training.networks.batch_norm import STATISTICS_SENTENCE, BatchNormEstimator
from training.networks.blocks import Tensor
from training.networks.classifier import build_classifier
from training.networks.devices import device_count, shard_batches
from training.networks.fast_kernels import with_fast_kernels
from training.networks.flops import count_flops

__all__ = [
    "STATISTICS_SENTENCE",
    "BatchNormEstimator",
    "Tensor",
    "build_classifier",
    "count_flops",
    "device_count",
    "shard_batches",
    "with_fast_kernels",
]
