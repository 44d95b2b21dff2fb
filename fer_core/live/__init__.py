"""Live video of one client: session, effort control, recordings."""

from fer_core.live.clip_recorder import ClipRecorder
from fer_core.live.frame_rates import LiveMeter
from fer_core.live.result_recorder import ResultRecorder, ResultRecording
from fer_core.live.session import FrameResult, LiveSession, LiveSettings
from fer_core.live.timeline import LiveTimeline, LiveTimelineRecorder

__all__ = [
    "ClipRecorder",
    "FrameResult",
    "LiveMeter",
    "LiveSession",
    "LiveSettings",
    "LiveTimeline",
    "LiveTimelineRecorder",
    "ResultRecorder",
    "ResultRecording",
]
