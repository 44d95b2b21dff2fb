"""Facial expression recognition in three lines.

>>> from fer_core import analyze_image, read_image
>>> analysis = analyze_image(read_image("photo.jpg"))
>>> analysis.to_frame()
"""

from fer_core.errors import DatasetError, FerError, InputRejected, ModelError
from fer_core.faces import Detections, create_detector
from fer_core.imaging import decode_image, read_image
from fer_core.live import FrameResult, LiveSession
from fer_core.recognition import (
    Analyzer,
    FaceResult,
    Faces,
    ImageAnalysis,
    analyze_image,
    load_analyzer,
)
from fer_core.zoo import Classifier, ModelStore, list_models, load_classifier

__all__ = [
    "Analyzer",
    "Classifier",
    "DatasetError",
    "Detections",
    "FaceResult",
    "Faces",
    "FerError",
    "FrameResult",
    "ImageAnalysis",
    "InputRejected",
    "LiveSession",
    "ModelError",
    "ModelStore",
    "analyze_image",
    "create_detector",
    "decode_image",
    "list_models",
    "load_analyzer",
    "load_classifier",
    "read_image",
]
