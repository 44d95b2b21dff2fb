"""What a picture measures about a face: size, blur, light and pose; nothing about the person."""

from fer_core.quality.face_quality import (
    MEASURES,
    FaceQuality,
    measure_crop,
    measure_face,
)

__all__ = ["MEASURES", "FaceQuality", "measure_crop", "measure_face"]
