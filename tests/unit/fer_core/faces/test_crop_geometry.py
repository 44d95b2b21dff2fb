import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fer_core.faces import (
    Detections,
    FaceSquare,
    crop_faces,
    crop_square,
    face_square,
    square_to_image,
)
from fer_core.faces.crop_geometry import MAX_CROP_SIDE, UPRIGHT_ROLL_DEG

# The median landmarks of FER2013's training images, in units of their side.
FER2013_POINTS = np.array(
    [[0.32, 0.3965], [0.68, 0.3965], [0.5, 0.596], [0.36, 0.742], [0.64, 0.742]], np.float32
)
BOX = np.array([10, 20, 60, 80], np.float32)

coordinates = st.floats(-500, 500)
sides = st.floats(20, 400)


def turned(points: NDArray[np.float32], degrees: float) -> NDArray[np.float32]:
    """Rotates points clockwise as seen around the origin."""
    angle = np.radians(degrees)
    matrix = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    return (points @ np.array(matrix)).astype(np.float32)


def smooth_picture(height: int, width: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(1).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
    enlarged = cv2.resize(noise.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(enlarged, np.uint8)


def test_a_face_of_fer2013_is_cropped_as_in_fer2013() -> None:
    square = face_square(BOX, FER2013_POINTS * 480)
    assert square.center_xy == pytest.approx((240, 240), rel=0.01)
    assert square.side == pytest.approx(480, rel=0.03)
    assert square.roll_deg == 0


@given(coordinates, coordinates, sides)
def test_the_square_moves_and_grows_with_the_face(x: float, y: float, side: float) -> None:
    unit = face_square(BOX, FER2013_POINTS * 100)
    square = face_square(BOX, (FER2013_POINTS * side + (x, y)).astype(np.float32))
    assert square.side == pytest.approx(unit.side * side / 100, rel=1e-3)
    expected = np.array(unit.center_xy) * side / 100 + (x, y)
    np.testing.assert_allclose(square.center_xy, expected, atol=0.01)


@given(st.floats(-180, 180), sides)
def test_the_square_turns_with_the_face(degrees: float, side: float) -> None:
    upright = face_square(BOX, FER2013_POINTS * side)
    square = face_square(BOX, turned(FER2013_POINTS * side, degrees))
    assert square.side == pytest.approx(upright.side, rel=1e-3)
    expected = turned(np.array([upright.center_xy], np.float32), degrees)[0]
    np.testing.assert_allclose(square.center_xy, expected, atol=0.05)
    if abs(degrees) > UPRIGHT_ROLL_DEG + 0.1:
        assert np.cos(np.radians(square.roll_deg - degrees)) == pytest.approx(1, abs=1e-5)
    elif abs(degrees) < UPRIGHT_ROLL_DEG - 0.1:
        assert square.roll_deg == 0


def test_a_turned_head_is_not_cropped_smaller() -> None:
    front = FER2013_POINTS * 100
    squeezed = front.copy()
    squeezed[:, 0] = 50 + (front[:, 0] - 50) * 0.5
    assert face_square(BOX, squeezed).side > 0.9 * face_square(BOX, front).side


def test_without_landmarks_the_box_decides() -> None:
    square = face_square(np.array([100, 50, 200, 150], np.float32))
    assert square.center_xy == pytest.approx((150, 100))
    assert square.side == pytest.approx(107)
    assert square.roll_deg == 0


@given(st.floats(-1000, 1000, width=32), st.floats(0, 0.0078125, width=32))
def test_points_on_one_spot_still_give_a_square(at: float, apart: float) -> None:
    points = np.full((5, 2), at, np.float32)
    points[1] += apart
    square = face_square(BOX, points)
    assert square.side >= 1
    assert np.isfinite((*square.center_xy, square.roll_deg)).all()


@given(
    st.integers(-60, 200),
    st.integers(-60, 200),
    st.integers(1, 150),
)
def test_an_upright_crop_is_a_copy_that_repeats_the_edge(left: int, top: int, side: int) -> None:
    image = smooth_picture(90, 130)
    crop = crop_square(image, FaceSquare((left + side / 2, top + side / 2), side))
    padded = np.pad(image, ((300, 300), (300, 300), (0, 0)), mode="edge")
    expected = padded[top + 300 : top + 300 + side, left + 300 : left + 300 + side]
    np.testing.assert_array_equal(crop, expected)


@given(coordinates, coordinates, st.floats(0.2, 700), st.floats(-180, 180))
def test_any_crop_is_square_bounded_and_made_of_the_picture(
    x: float, y: float, side: float, degrees: float
) -> None:
    image = np.full((60, 80, 3), (10, 120, 230), np.uint8)
    crop = crop_square(image, FaceSquare((x, y), max(side, 1.0), degrees))
    expected_side = min(max(1, round(side)), MAX_CROP_SIDE)
    assert crop.shape == (expected_side, expected_side, 3)
    # One color everywhere: no corner of a rotated crop is black.
    assert (np.abs(crop.astype(int) - (10, 120, 230)) <= 1).all()


@pytest.mark.parametrize("degrees", [-90, -40, 20, 35, 60, 170])
def test_a_tilted_face_is_cropped_upright(degrees: float) -> None:
    image = smooth_picture(400, 400)
    middle = (199.5, 199.5)
    matrix = cv2.getRotationMatrix2D(middle, -degrees, 1.0)  # OpenCV rotates the other way
    tilted = np.asarray(cv2.warpAffine(image, matrix, (400, 400)), np.uint8)
    upright = crop_square(image, FaceSquare((200, 200), 120))
    crop = crop_square(tilted, FaceSquare((200, 200), 120, degrees))
    assert np.abs(crop.astype(int) - upright).mean() < 6
    untouched = crop_square(tilted, FaceSquare((200, 200), 120))
    assert np.abs(untouched.astype(int) - upright).mean() > 20


def test_a_huge_crop_is_shrunk_by_averaging() -> None:
    checkerboard = (np.indices((960, 960)).sum(axis=0) % 2 * 255).astype(np.uint8)
    image = np.stack([checkerboard] * 3, axis=-1)
    crop = crop_square(image, FaceSquare((480, 480), 960))
    assert crop.shape == (MAX_CROP_SIDE, MAX_CROP_SIDE, 3)
    assert (np.abs(crop.astype(int) - 127) <= 1).all()


def test_faces_are_cut_in_the_order_of_the_detections() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, 100:] = 200
    boxes = np.array([[20, 20, 60, 60], [140, 20, 180, 60]], np.float32)
    score = np.ones(2, np.float32)
    dark, bright = crop_faces(image, Detections(boxes, score))
    assert (dark.max(), bright.min()) == (0, 200)
    points = np.stack([FER2013_POINTS * 40 + box[:2] for box in boxes]).astype(np.float32)
    dark, bright = crop_faces(image, Detections(boxes, score, points))
    assert (dark.max(), bright.min()) == (0, 200)
    assert crop_faces(image, Detections.empty()) == []


@given(
    center_x=st.floats(60, 140),
    center_y=st.floats(60, 140),
    side=st.floats(5, 60),
    roll_deg=st.one_of(st.just(0.0), st.floats(16, 60), st.floats(-60, -16)),
)
def test_square_to_image_maps_crop_positions_to_the_image(
    center_x: float, center_y: float, side: float, roll_deg: float
) -> None:
    rows, columns = np.indices((200, 200))
    places = np.stack([columns, rows, np.zeros_like(rows)], axis=2).astype(np.uint8)
    square = FaceSquare((center_x, center_y), side, roll_deg)
    crop = crop_square(places, square)
    matrix = square_to_image(square)
    for row, column in np.ndindex(crop.shape[:2]):
        position = ((column + 0.5) / len(crop), (row + 0.5) / len(crop), 1.0)
        np.testing.assert_allclose(matrix @ position, crop[row, column, :2], atol=1.1)
