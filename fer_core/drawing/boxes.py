"""Draws results on an image: boxes, labels and small probability bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.drawing.colors import rgb_of
from fer_core.labels import color_of
from fer_core.recognition import UNCERTAIN_BELOW, FaceResult

OverlayStyle = Literal["full", "boxes", "none"]
"""The level of detail: box, label and bars; box and label; nothing."""

_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_DARK: Final = (24, 24, 28)
_LIGHT: Final = (245, 245, 245)
_UNCERTAIN: Final = (150, 150, 150)


@dataclass(frozen=True)
class _Area:
    """A rectangle on the image, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    def overlaps(self, other: _Area) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def draw_faces(
    image: NDArray[np.uint8],
    faces: Sequence[FaceResult],
    *,
    threshold: float = UNCERTAIN_BELOW,
    numbers: Sequence[int] = (),
    style: OverlayStyle = "full",
    mirror: bool = False,
) -> NDArray[np.uint8]:
    """Draws every face's box, label and probabilities on a copy of the image.

    Lines and text scale with the image. Bars are drawn beside, below or above a face, and left out
    where they would cover another face.

    Args:
        image: `(height, width, 3)` RGB uint8.
        faces: the faces on it.
        threshold: predictions with a lower confidence are drawn as uncertain.
        numbers: the number of each face, or none.
        style: the level of detail.
        mirror: draw on the mirrored image, with readable text.

    Returns:
        Same shape, RGB uint8.
    """
    canvas = np.asarray(cv2.flip(image, 1), np.uint8) if mirror else image.copy()
    if style == "none":
        return canvas
    unit = max(0.75, max(image.shape[:2]) / 640)
    boxes = [_box_area(face, image.shape[1] if mirror else None) for face in faces]
    texts = [_tag_text(face, threshold) for face in faces]
    if numbers:
        texts = [f"{number}: {text}" for number, text in zip(numbers, texts, strict=True)]
    tags = [_tag_area(text, box, canvas, unit) for text, box in zip(texts, boxes, strict=True)]
    taken = boxes + tags
    for face, box, tag in zip(faces, boxes, tags, strict=True) if style == "full" else ():
        panel = _free_panel(face, box, tag, taken, canvas, unit)
        if panel is not None:
            taken.append(panel)
            _draw_bars(canvas, face, panel, unit)
    for face, box, tag, text in zip(faces, boxes, tags, texts, strict=True):
        color = _UNCERTAIN if face.is_uncertain(threshold) else rgb_of(color_of(face.label))
        corners = (box.left, box.top), (box.right, box.bottom)
        cv2.rectangle(canvas, *corners, color, max(1, round(2 * unit)), cv2.LINE_AA)
        _draw_tag(canvas, text, tag, color, unit)
    return canvas


def _box_area(face: FaceResult, mirror_width: int | None) -> _Area:
    left, top, right, bottom = (round(value) for value in face.xyxy)
    if mirror_width is not None:
        left, right = mirror_width - right, mirror_width - left
    return _Area(left, top, right, bottom)


def _tag_text(face: FaceResult, threshold: float) -> str:
    return "uncertain" if face.is_uncertain(threshold) else f"{face.label} {face.confidence:.0%}"


def _text_scale(unit: float) -> tuple[float, int]:
    return 0.5 * unit, max(1, round(unit))


def _tag_area(text: str, box: _Area, canvas: NDArray[np.uint8], unit: float) -> _Area:
    (width, height), baseline = cv2.getTextSize(text, _FONT, *_text_scale(unit))
    width, height = width + round(8 * unit), height + baseline + round(4 * unit)
    left = max(0, min(box.left, canvas.shape[1] - width))
    top = box.top - height if box.top >= height else box.top
    return _Area(left, top, left + width, top + height)


def _draw_tag(
    canvas: NDArray[np.uint8], text: str, tag: _Area, color: tuple[int, int, int], unit: float
) -> None:
    cv2.rectangle(canvas, (tag.left, tag.top), (tag.right, tag.bottom), color, cv2.FILLED)
    ink = _DARK if np.dot(color, (0.299, 0.587, 0.114)) > 140 else _LIGHT
    scale, weight = _text_scale(unit)
    origin = (tag.left + round(4 * unit), tag.bottom - round(6 * unit))
    cv2.putText(canvas, text, origin, _FONT, scale, ink, weight, cv2.LINE_AA)


def _free_panel(
    face: FaceResult,
    box: _Area,
    tag: _Area,
    taken: list[_Area],
    canvas: NDArray[np.uint8],
    unit: float,
) -> _Area | None:
    """Returns a position for the bars of a face that covers nothing, if there is one."""
    canvas_height, canvas_width = canvas.shape[:2]
    height, width = round((14 * len(face.labels) + 6) * unit), round(124 * unit)
    beside = [
        (left, top)
        for top in (box.top, box.bottom - height)
        for left in (box.right, box.left - width)
    ]
    within = max(0, min(box.left, canvas_width - width))
    for left, top in (*beside, (within, box.bottom), (within, min(box.top, tag.top) - height)):
        panel = _Area(left, top, left + width, top + height)
        inside = (
            left >= 0 and top >= 0 and panel.right <= canvas_width and panel.bottom <= canvas_height
        )
        if inside and not any(panel.overlaps(other) for other in taken):
            return panel
    return None


def _draw_bars(canvas: NDArray[np.uint8], face: FaceResult, panel: _Area, unit: float) -> None:
    region = canvas[panel.top : panel.bottom, panel.left : panel.right]
    region[:] = cv2.addWeighted(region, 0.35, np.full_like(region, _DARK), 0.65, 0)
    row, pad = 14 * unit, 4 * unit
    bar_left, bar_right = round(58 * unit), region.shape[1] - round(pad)
    for index, (label, probability) in enumerate(zip(face.labels, face.probabilities, strict=True)):
        top = 3 * unit + index * row
        origin = (round(pad), round(top + 0.74 * row))
        cv2.putText(
            region,
            label,
            origin,
            _FONT,
            0.36 * unit,
            _LIGHT,
            max(1, round(0.8 * unit)),
            cv2.LINE_AA,
        )
        bar_end = bar_left + max(1, round(float(probability) * (bar_right - bar_left)))
        corners = (bar_left, round(top + 0.2 * row)), (bar_end, round(top + 0.8 * row))
        cv2.rectangle(region, *corners, rgb_of(color_of(label)), cv2.FILLED)
