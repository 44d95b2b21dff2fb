"""Videos: expressions over time.

>>> from fer_core import load_analyzer
>>> from fer_core.video import analyze_video
>>> timeline = analyze_video(Path("clip.mp4"), load_analyzer())
>>> [str(event) for event in timeline.events()]
['happy from 3.2 to 5.0 s']
"""

from fer_core.video.analysis import MAX_FPS, OnProgress, VideoProgress, VideoSettings, analyze_video
from fer_core.video.annotate import annotate_video
from fer_core.video.observation_log import (
    MemoryCheckpoint,
    VideoCheckpoint,
    checkpoint_of,
    file_checksum,
    kept_threshold,
    outputs_to_resume,
)
from fer_core.video.peaks import THUMBNAIL_SIDE, PeakFaces
from fer_core.video.reader import VideoReader
from fer_core.video.timeline import Event, VideoTimeline

__all__ = [
    "MAX_FPS",
    "THUMBNAIL_SIDE",
    "Event",
    "MemoryCheckpoint",
    "OnProgress",
    "PeakFaces",
    "VideoCheckpoint",
    "VideoProgress",
    "VideoReader",
    "VideoSettings",
    "VideoTimeline",
    "analyze_video",
    "annotate_video",
    "checkpoint_of",
    "file_checksum",
    "kept_threshold",
    "outputs_to_resume",
]
