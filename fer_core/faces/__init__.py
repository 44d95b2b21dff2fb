"""Finding faces and cutting them out."""

from fer_core.faces.alignment import FaceSquare, crop_faces, crop_square, face_square
from fer_core.faces.detection import LANDMARKS, LIVE_SIDE, PHOTO_SIDE, Detections, Detector
from fer_core.faces.haar import HaarDetector
from fer_core.faces.registry import DETECTORS, create_detector
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
    "create_detector",
    "crop_faces",
    "crop_square",
    "face_square",
]
