"""Monotonic timestamps for a clip, even if recordings were joined or interrupted.

Each recording in a transport stream has its own clock. Where the next one begins, times jump back,
or ahead by hours. Players continue counting from there (ffplay after a jump of more than 10 s, or
an hour in containers with a single clock), and so does this module.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, Final, cast

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.format import Flags
from av.packet import Packet
from av.video.stream import VideoStream

from fer_core.video.opening import sound_streams, video_stream

_LONGEST_STEP_S: Final = 3600.0
_LONGEST_STEP_OF_BROADCAST_S: Final = 10.0
_TOLERATED_STEP_BACK_S: Final = 0.1
_TOLERATED_OVERLAP_OF_SOUND_S: Final = 2.0
_USUAL_STEP_S: Final = 1 / 30
_LARGEST_TIMESTAMP: Final = 2**62
_TS_DISCONT: Final = cast(int, Flags.ts_discont.value)


@dataclass
class _Track:
    """The clock of one track: seconds, and the index of its current offset."""

    offset: int = 0
    last_s: float | None = None
    step_s: float | None = None


class ClipClock:
    """Shifts the timestamps of packets so that they never run backward.

    All tracks share the offsets, so audio and video stay in sync.

    Args:
        container: the container of the packets, which are passed in reading order.

    Attributes:
        end_s: end of the packets read so far, on the container's clock.
        jumps_s: where the clock jumped, on the same clock.
    """

    def __init__(self, container: InputContainer) -> None:
        self._is_broadcast = _is_broadcast(container)
        self.longest_step_s = (
            _LONGEST_STEP_OF_BROADCAST_S if self._is_broadcast else _LONGEST_STEP_S
        )
        start: int | None = container.start_time
        self.end_s: float | None = None if start is None else start / av.time_base
        self.jumps_s: list[float] = []
        self._offsets_s = [0.0]
        self._tracks: dict[int, _Track] = {}

    def correct(self, packet: Packet[Any]) -> None:
        """Shifts the timestamps of the next packet of any track."""
        track = self._tracks.setdefault(packet.stream_index, _Track())
        stamp_s = _stamp_s(packet)
        if stamp_s is not None:
            if self.end_s is None:
                self.end_s = stamp_s
            is_sound = isinstance(packet.stream, AudioStream)
            if self._is_jump(track, stamp_s, self.end_s, is_sound=is_sound):
                self._jump(track, packet, stamp_s, self.end_s)
            self._advance(track, packet, stamp_s)
        if offset_s := self._offsets_s[track.offset]:
            move(packet, offset_s)

    def is_beyond_any_step(self, time_s: float) -> bool:
        """Returns whether a time is implausibly far ahead of the previous packets."""
        return self.end_s is not None and time_s > self.end_s + self.longest_step_s

    def _is_jump(self, track: _Track, stamp_s: float, end_s: float, *, is_sound: bool) -> bool:
        time_s = stamp_s + self._offsets_s[track.offset]
        if is_sound and not self._is_broadcast and track.offset == len(self._offsets_s) - 1:
            return False  # badly timed audio must not shift the video
        runs_back = track.last_s is not None and time_s < track.last_s - _TOLERATED_STEP_BACK_S
        return runs_back or self.is_beyond_any_step(time_s)

    def _jump(self, track: _Track, packet: Packet[Any], stamp_s: float, end_s: float) -> None:
        is_sound = isinstance(packet.stream, AudioStream)
        overlap_s = _TOLERATED_OVERLAP_OF_SOUND_S if is_sound else _TOLERATED_STEP_BACK_S
        earliest_s = end_s if track.last_s is None else track.last_s - overlap_s
        for offset in range(track.offset + 1, len(self._offsets_s)):
            # Another track may have reached this offset first.
            time_s = stamp_s + self._offsets_s[offset]
            if earliest_s <= time_s <= end_s + self.longest_step_s:
                break
        else:
            offset = len(self._offsets_s)
            self._offsets_s.append(end_s - self._shown_s(packet, stamp_s))
            self.jumps_s.append(end_s)
        track.offset, track.last_s = offset, None

    def _advance(self, track: _Track, packet: Packet[Any], stamp_s: float) -> None:
        offset_s = self._offsets_s[track.offset]
        time_s = stamp_s + offset_s
        track.step_s = length_s = track.step_s or self._stated_step_s(packet)
        if track.last_s is None:
            track.last_s = time_s
        elif 0 < time_s - track.last_s <= self.longest_step_s:
            # MP4 stores a gap as the duration of the packet before it, so durations are not steps.
            track.step_s = time_s - track.last_s
            length_s = min(length_s, track.step_s)  # a gap is not the duration of a frame
        track.last_s = max(track.last_s, time_s)
        assert self.end_s is not None
        self.end_s = max(self.end_s, self._shown_s(packet, stamp_s) + offset_s + length_s)

    def _shown_s(self, packet: Packet[Any], stamp_s: float) -> float:
        """Returns the presentation time of a packet, limited to a plausible range."""
        if packet.pts is None or not packet.time_base:
            return stamp_s
        shown_s = float(packet.pts * packet.time_base)
        return shown_s if 0 <= shown_s - stamp_s <= self.longest_step_s else stamp_s

    def _stated_step_s(self, packet: Packet[Any]) -> float:
        if isinstance(packet.stream, VideoStream) and packet.stream.guessed_rate:
            step_s = 1 / float(packet.stream.guessed_rate)
        elif packet.duration and packet.time_base:
            step_s = float(packet.duration * packet.time_base)
        else:
            step_s = _USUAL_STEP_S
        return step_s if 0 < step_s <= self.longest_step_s else _USUAL_STEP_S


def move(packet: Packet[Any], seconds: float) -> None:
    """Adds a time to the timestamps of a packet."""
    if not packet.time_base:
        return
    ticks = round(seconds / packet.time_base)
    packet.dts = _moved(packet.dts, ticks)
    packet.pts = _moved(packet.pts, ticks)


def is_duration_doubtful(container: InputContainer) -> bool:
    """Returns whether the stated length of a container may be the difference of two clocks."""
    claimed_s = (container.duration or 0) / av.time_base
    return _is_broadcast(container) or claimed_s > _LONGEST_STEP_S


def measured_duration_s(container: InputContainer) -> float | None:
    """Reads all packets without decoding and returns the length on the corrected clock.

    Args:
        container: not read yet; read to its end afterwards.
    """
    clock = ClipClock(container)
    start_s = clock.end_s
    # An unreadable packet ends the clip.
    with contextlib.suppress(av.error.FFmpegError):
        for packet in container.demux([video_stream(container), *sound_streams(container)]):
            clock.correct(packet)
    return None if clock.end_s is None else round(clock.end_s - (start_s or 0.0), 6)


def _is_broadcast(container: InputContainer) -> bool:
    return bool(container.format.flags & _TS_DISCONT)


def _stamp_s(packet: Packet[Any]) -> float | None:
    # Presentation times go back and forth between key frames; decoding times do not.
    stamp = packet.pts if packet.dts is None and packet.is_keyframe else packet.dts
    return None if stamp is None or not packet.time_base else float(stamp * packet.time_base)


def _moved(stamp: int | None, ticks: int) -> int | None:
    if stamp is None or abs(stamp + ticks) > _LARGEST_TIMESTAMP:
        return None
    return stamp + ticks
