from __future__ import annotations

import numpy as np
import pytest

from fer_core.drawing.heatmap import over_face, over_photo
from fer_core.explain.explanation import Explanation
from fer_core.faces import FaceSquare, crop_square


def explanation(top: int, left: int, size: int = 16) -> Explanation:
    map_ = np.zeros((48, 48), np.float32)
    map_[top : top + size, left : left + size] = 1
    return Explanation(map_, "happy", "grad_cam", "a", (6, 6))


@pytest.mark.parametrize("shape", [(96, 96, 3), (48, 48), (20, 20, 3)])
def test_only_what_the_map_marks_is_coloured(shape: tuple[int, ...]) -> None:
    crop = np.full(shape, 90, np.uint8)
    drawn = over_face(crop, explanation(16, 16))
    side = len(drawn)
    assert drawn.shape == (max(48, shape[0]),) * 2 + (3,)
    assert (drawn[: side // 4] == 90).all()
    assert (drawn[side // 2, side // 2] != 90).all()


@pytest.mark.parametrize(
    "square",
    [
        FaceSquare((150.0, 110.0), 96.0),
        FaceSquare((150.3, 110.8), 77.4, 31.0),
        FaceSquare((150.0, 110.0), 120.0, -48.0),
        FaceSquare((12.0, 8.0), 90.0),
    ],
)
@pytest.mark.parametrize("enlargement", [1, 9])
def test_the_map_lies_on_the_photo_where_it_lies_on_the_face(
    square: FaceSquare, enlargement: int
) -> None:
    """Cropping the photo with the map gives the face with the map."""
    larger = FaceSquare(
        (square.center_xy[0] * enlargement, square.center_xy[1] * enlargement),
        square.side * enlargement,
        square.roll_deg,
    )
    photo = np.full((220 * enlargement, 300 * enlargement, 3), 90, np.uint8)
    drawn = over_photo(photo, larger, explanation(24, 8))
    assert max(drawn.shape) == min(300 * enlargement, 1280)
    shrink = len(drawn) / len(photo)
    shrunk = FaceSquare(
        (
            (larger.center_xy[0] + 0.5) * shrink - 0.5,
            (larger.center_xy[1] + 0.5) * shrink - 0.5,
        ),
        larger.side * shrink,
        square.roll_deg,
    )
    again = crop_square(drawn, shrunk)
    marked = np.argwhere((again != 90).any(axis=2)).mean(axis=0) / len(again)
    if square.center_xy[0] > 100:  # completely on the photo
        assert marked == pytest.approx(((24 + 8) / 48, (8 + 8) / 48), abs=0.02)
    else:
        assert (drawn == 90).mean() > 0.9
