"""The video connection: camera check, attempts, failures."""

from pages.live.connection.attempt import (
    LOOK_EVERY_S,
    LiveAttempt,
    connection_state,
    current_attempt,
    start_attempt,
)
from pages.live.connection.camera_check import check_camera
from pages.live.connection.failures import ADVICE, Failure
from pages.live.connection.feed import (
    VIDEO,
    CameraFeed,
    Overlay,
    live_analyzer,
    live_feed,
    update_feed,
)
from pages.live.connection.ice import ice_servers

__all__ = [
    "ADVICE",
    "LOOK_EVERY_S",
    "VIDEO",
    "CameraFeed",
    "Failure",
    "LiveAttempt",
    "Overlay",
    "check_camera",
    "connection_state",
    "current_attempt",
    "ice_servers",
    "live_analyzer",
    "live_feed",
    "start_attempt",
    "update_feed",
]
