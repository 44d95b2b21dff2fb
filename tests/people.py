"""Synthetic people in synthetic places, made from the bundled average faces and noise."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.scenes import PlacedFace, sample_scene

WIDTH, HEIGHT = 320, 240
BOX = (115.0, 75.0, 205.0, 165.0)
"""Left, top, right and bottom of the face in the center."""


def place(seed: int, *, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Returns a synthetic background: large and small blotches, different for each seed."""
    random = np.random.default_rng(seed)
    picture = np.zeros((height, width), np.float32)
    for cells, contrast in ((5, 45.0), (20, 20.0)):
        noise = random.normal(0, contrast, (cells, cells)).astype(np.float32)
        picture += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.repeat(picture[..., None] + 120, 3, axis=2), 20, 220).astype(np.uint8)


def person(
    label: str = "happy",
    *,
    looks: int = 0,
    where: int = 0,
    moved_x: int = 0,
    brightness: float = 0.0,
) -> NDArray[np.uint8]:
    """Returns a picture of one person.

    Args:
        label: label of the average face.
        looks: seed of the person: hair, beard and lighting.
        where: seed of the background.
        moved_x: shift of the background in pixels, as when a camera follows the person.
        brightness: added to the face.
    """
    picture = np.roll(place(where), moved_x, axis=1).astype(np.float32)
    x1, y1, x2, y2 = (round(value) for value in BOX)
    side = 2 * (x2 - x1)
    patch = sample_scene([PlacedFace(label, (side / 2, side / 2), side)], width=side, height=side)
    inner = patch[side // 4 : 3 * side // 4, side // 4 : 3 * side // 4].astype(np.float32)
    if looks:
        features = place(1000 + looks, width=x2 - x1, height=y2 - y1).astype(np.float32)
        inner = 0.2 * inner + 0.8 * features
    picture[y1:y2, x1:x2] = inner + brightness
    return np.clip(picture, 0, 255).astype(np.uint8)
