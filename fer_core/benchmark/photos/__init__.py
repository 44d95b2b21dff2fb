"""Labeled photos: folders, tables and ZIP files, their classes, and models run over them."""

from fer_core.benchmark.photos.checkpoint import EvaluationCheckpoint
from fer_core.benchmark.photos.class_matching import RAF_DB, ClassMatching, match_classes
from fer_core.benchmark.photos.evaluate_photos import (
    EvaluationSettings,
    FaceFinder,
    FoundFace,
    evaluate_photos,
)
from fer_core.benchmark.photos.labeled_photos import LabeledPhotos, ReadPhoto, thumbnail
from fer_core.benchmark.photos.sources import grouped_by, open_photos, photos_of_zip
from fer_core.benchmark.photos.zip_photos import MAX_ENTRIES

__all__ = [
    "MAX_ENTRIES",
    "RAF_DB",
    "ClassMatching",
    "EvaluationCheckpoint",
    "EvaluationSettings",
    "FaceFinder",
    "FoundFace",
    "LabeledPhotos",
    "ReadPhoto",
    "evaluate_photos",
    "grouped_by",
    "match_classes",
    "open_photos",
    "photos_of_zip",
    "thumbnail",
]
