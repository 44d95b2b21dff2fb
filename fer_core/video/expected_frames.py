"""The number of frames that a clip should have, to notice missing ones."""

from __future__ import annotations

import os
from typing import IO, Final

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

_CHUNK_HEADER: Final = 8


class ExpectedFrames:
    """Counts the expected frames of a clip from its packets.

    An empty packet repeats the previous frame; it is not a frame. AVI fills every gap with them,
    and FFmpeg skips them. So for AVI the index gives the number of frames; in a truncated file,
    whose index is missing, the frame times show which of the declared positions were empty.

    Args:
        container: the container of the stream.
        stream: the video.
        file: the file of the container; its position is restored.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, file: IO[bytes]) -> None:
        self._announced = stream.frames
        self._is_avi = "avi" in container.format.name.split(",")
        self._indexed = len(stream.index_entries)
        self._is_cut_off = self._is_avi and _is_cut_off(file)
        self._packets = self._not_shown = 0
        self._last_place: int | None = None

    def add(self, packet: Packet[VideoStream]) -> None:
        """Counts a packet."""
        if not packet.size:
            self._not_shown += 1
            return
        self._packets += 1
        # Frames before the start of a clip that was trimmed without re-encoding.
        self._not_shown += packet.is_discard
        if self._is_avi and packet.dts is not None:
            place = -1 if self._last_place is None else self._last_place
            self._not_shown += max(0, packet.dts - place - 1)
            self._last_place = packet.dts

    def total(self) -> int:
        """Returns the expected number of frames after all packets were added; 0 if unknown."""
        if self._is_avi and not self._is_cut_off:
            return max(self._indexed, self._packets)
        return self._announced - self._not_shown


def _is_cut_off(file: IO[bytes]) -> bool:
    """Returns whether a RIFF file is truncated."""
    position = file.tell()
    try:
        size = file.seek(0, os.SEEK_END)
        at = 0
        while at + _CHUNK_HEADER <= size:
            file.seek(at)
            if file.read(4) != b"RIFF":  # what follows is not part of the recording
                return False
            at += _CHUNK_HEADER + int.from_bytes(file.read(4), "little")
        return at > size
    finally:
        file.seek(position)
