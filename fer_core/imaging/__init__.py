"""From bytes to 48x48 faces: pixels, preprocessing, corruptions."""

from fer_core.imaging.corruptions import (
    AUGMENTATION_NOTE,
    CORRUPTIONS,
    PROTOCOL,
    SEVERITIES,
    Corruption,
    corrupt,
)
from fer_core.imaging.face_layout import REGIONS
from fer_core.imaging.image_arrays import check_bytes, check_image, check_path
from fer_core.imaging.preprocessing import (
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
    "Corruption",
    "Denoising",
    "Equalization",
    "PreprocessingConfig",
    "Scaling",
    "check_bytes",
    "check_image",
    "check_path",
    "corrupt",
    "preprocess",
    "preprocess_batch",
    "stages",
]
