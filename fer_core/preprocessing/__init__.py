"""Preprocessing of face crops, and image corruptions."""

from fer_core.preprocessing.corruptions import (
    AUGMENTATION_NOTE,
    CORRUPTIONS,
    PROTOCOL,
    SEVERITIES,
    Corruption,
    corrupt,
)
from fer_core.preprocessing.face_layout import REGIONS
from fer_core.preprocessing.preprocess import (
    Color,
    Denoising,
    Equalization,
    PreprocessingConfig,
    Scaling,
    preprocess,
    preprocess_batch,
    stages,
)

__all__ = [
    "AUGMENTATION_NOTE",
    "CORRUPTIONS",
    "PROTOCOL",
    "REGIONS",
    "SEVERITIES",
    "Color",
    "Corruption",
    "Denoising",
    "Equalization",
    "PreprocessingConfig",
    "Scaling",
    "corrupt",
    "preprocess",
    "preprocess_batch",
    "stages",
]
