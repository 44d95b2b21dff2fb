"""Face detection and cropping."""

from fer_core.faces.crop_geometry import (
    FaceSquare,
    crop_faces,
    crop_square,
    face_square,
    square_to_image,
)
from fer_core.faces.detector import (
    LANDMARKS,
    LIVE_SIDE,
    PHOTO_SIDE,
    Detections,
    Detector,
    detect_at,
)
from fer_core.faces.face_choice import choose_face
from fer_core.faces.haar import HaarDetector
from fer_core.faces.registry import DETECTORS, create_detector
from fer_core.faces.sample_faces import enlarge, load_samples, sample_sheet
from fer_core.faces.yunet import YuNetDetector

__all__ = [
    "DETECTORS",
    "LANDMARKS",
    "LIVE_SIDE",
    "PHOTO_SIDE",
    "Detections",
    "Detector",
    "FaceSquare",
    "HaarDetector",
    "YuNetDetector",
    "choose_face",
    "create_detector",
    "crop_faces",
    "crop_square",
    "detect_at",
    "enlarge",
    "face_square",
    "load_samples",
    "sample_sheet",
    "square_to_image",
]
