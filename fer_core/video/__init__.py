"""Clips: who shows which expression when.

>>> from fer_core import load_analyzer
>>> from fer_core.video import analyze_video
>>> timeline = analyze_video(Path("clip.mp4"), load_analyzer())
>>> [str(event) for event in timeline.events()]
['happy from 3.2 to 5.0 s']
"""

from fer_core.video.analysis import VideoProgress, VideoSettings, analyze_video
from fer_core.video.annotate import annotate_video
from fer_core.video.observation_log import Checkpoint
from fer_core.video.timeline import Event, Timeline

__all__ = [
    "Checkpoint",
    "Event",
    "Timeline",
    "VideoProgress",
    "VideoSettings",
    "analyze_video",
    "annotate_video",
]
