"""Layout of a face cropped as in FER2013, relative to the side of the crop.

On FER2013's training images, on which YuNet was run, the median eyes are at 0.40 of the height and
at 0.32 and 0.68 of the width, the tip of the nose at 0.60 and the mouth at 0.74 of the height; the
app crops every face to match (`fer_core.faces.crop_geometry`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EYES_AT: Final = 0.40
MOUTH_AT: Final = 0.74

REGIONS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "forehead": (0.0, 0.26),
        "brows and eyes": (0.26, 0.48),
        "nose and cheeks": (0.48, 0.65),
        "mouth": (0.65, 0.84),
        "chin": (0.84, 1.0),
    }
)
"""Bands from top to bottom, each from and to a part of the height."""
