"""What a camera sees, as a file that Chromium plays in place of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS = 640, 480, 15


def write_camera_file(path: Path, frames: Iterable[NDArray[np.uint8]]) -> Path:
    """Writes RGB frames as YUV4MPEG2, fitted into the camera's size on black."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            file.write(b"FRAME\n")
            file.write(cv2.cvtColor(_fit(frame), cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def clip_frames(path: Path, *, seconds: float) -> Iterator[NDArray[np.uint8]]:
    """Decodes the first seconds of a video file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        count = round(seconds * float(stream.average_rate or FPS))
        for frame in islice(container.decode(stream), count):
            yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _fit(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = min(WIDTH / frame.shape[1], HEIGHT / frame.shape[0])
    fitted = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    top, left = (HEIGHT - fitted.shape[0]) // 2, (WIDTH - fitted.shape[1]) // 2
    canvas[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return canvas
