from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.drawing.crop_preview import BOX_COLOR, SQUARE_COLOR, draw_crop
from fer_core.faces import FaceSquare


def pixels_of(image: NDArray[np.uint8], code: str) -> NDArray[np.intp]:
    color = [int(code[start : start + 2], 16) for start in (1, 3, 5)]
    # Lines are smoothed, so no pixel needs to have the exact color.
    return np.argwhere((np.abs(image.astype(int) - color) <= 90).all(axis=2))


def test_box_points_and_square_are_drawn_where_they_are() -> None:
    photo = np.zeros((200, 300, 3), np.uint8)
    box = np.array([100, 60, 160, 120], np.float32)
    points = np.array([[115, 80], [145, 80], [130, 92], [118, 105], [142, 105]], np.float32)
    drawn = draw_crop(photo, box, FaceSquare((130.0, 90.0), 100.0), points)
    assert not photo.any()
    rows, columns = pixels_of(drawn, BOX_COLOR).T
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (60, 120, 100, 160)
    assert [92, 130] in pixels_of(drawn, BOX_COLOR).tolist()
    rows, columns = pixels_of(drawn, SQUARE_COLOR).T
    assert abs(rows.min() - 40) <= 1
    assert abs(columns.max() - 180) <= 1


def test_a_rotated_square_may_extend_beyond_the_photo() -> None:
    photo = np.zeros((100, 100, 3), np.uint8)
    box = np.array([5, 5, 60, 60], np.float32)
    drawn = draw_crop(photo, box, FaceSquare((20.0, 30.0), 90.0, 40.0))
    assert len(pixels_of(drawn, SQUARE_COLOR)) > 20
