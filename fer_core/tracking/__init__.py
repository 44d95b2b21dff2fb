"""Faces over time: tracks, smoothing, hysteresis."""

from fer_core.tracking.continuity import face_views
from fer_core.tracking.pipeline import TrackingConfig, TrackingPipeline
from fer_core.tracking.sampling import (
    COARSEST_STEP_S,
    SHORTEST_EVENT_S,
    Sampling,
    is_long_enough,
    is_uninterrupted,
)
from fer_core.tracking.segments import Segment, SegmentEncoder, segments_of
from fer_core.tracking.smoothing import HALF_LIFE_S
from fer_core.tracking.tracked_analyzer import TrackedAnalyzer

__all__ = [
    "COARSEST_STEP_S",
    "HALF_LIFE_S",
    "SHORTEST_EVENT_S",
    "Sampling",
    "Segment",
    "SegmentEncoder",
    "TrackedAnalyzer",
    "TrackingConfig",
    "TrackingPipeline",
    "face_views",
    "is_long_enough",
    "is_uninterrupted",
    "segments_of",
]
