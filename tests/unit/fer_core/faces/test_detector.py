import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fer_core.faces.detector import LANDMARKS, Detections, detect_at, scale_for_detection
from tests.stand_ins import FixedDetector

BOX = np.array([[1, 2, 30, 40]], np.float32)
SCORE = np.array([0.9], np.float32)
POINTS = np.arange(10, dtype=np.float32).reshape(1, 5, 2)


def blank(height: int, width: int) -> NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


def test_no_face_is_a_result_with_zero_rows() -> None:
    nobody = Detections.empty()
    assert len(nobody) == 0
    assert len(nobody.to_frame()) == 0


@pytest.mark.parametrize(
    ("xyxy", "score", "landmarks", "words"),
    [
        (BOX[0], SCORE, None, "xyxy must be float32 of shape"),
        (BOX.astype(np.float64), SCORE, None, "dtype=float64"),
        (BOX, SCORE[:0], None, r"score must be float32 of shape \(1,\)"),
        (BOX, SCORE, POINTS[:, :4], "landmarks must be"),
        (np.full_like(BOX, np.nan), SCORE, None, "xyxy must be finite"),
        (BOX, SCORE, np.full_like(POINTS, np.inf), "landmarks must be finite"),
        (BOX[:, [2, 1, 0, 3]], SCORE, None, "must have an area"),
        (BOX[:, [0, 1, 0, 3]], SCORE, None, "must have an area"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    xyxy: NDArray[np.float32],
    score: NDArray[np.float32],
    landmarks: NDArray[np.float32] | None,
    words: str,
) -> None:
    with pytest.raises(ValueError, match=words):
        Detections(xyxy, score, landmarks)


def test_the_table_has_a_row_per_face_and_a_column_per_number() -> None:
    frame = Detections(BOX, SCORE, POINTS).to_frame()
    (row,) = frame.to_dict("records")
    assert [row[name] for name in ("face_id", "x1", "y1", "x2", "y2")] == [1, 1, 2, 30, 40]
    assert row["detection_score"] == pytest.approx(0.9)
    assert [row[f"{name}_x"] for name in LANDMARKS] == [0, 2, 4, 6, 8]
    assert "nose_x" not in Detections(BOX, SCORE).to_frame()


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(192, 1000))
def test_the_scaled_picture_keeps_shape_and_stays_within_the_longest_side(
    height: int, width: int, longest_side: int
) -> None:
    scaled = scale_for_detection(blank(height, width), longest_side)
    new_height, new_width = scaled.image.shape[:2]
    longest = max(height, width)
    assert max(new_height, new_width) == (
        longest_side if longest > longest_side else max(longest, 192)
    )
    assert new_height == pytest.approx(max(1, height * max(new_height, new_width) / longest), abs=1)
    np.testing.assert_allclose(scaled.factor_xy * (new_width, new_height), (width, height))


def test_a_picture_of_fitting_size_is_not_copied() -> None:
    image = blank(480, 640)
    assert scale_for_detection(image, 640).image is image


@given(st.data(), st.integers(1, 2000), st.integers(1, 2000))
def test_boxes_come_back_inside_the_original_and_from_left_to_right(
    data: st.DataObject, height: int, width: int
) -> None:
    scaled = scale_for_detection(blank(height, width), 320)
    number = st.floats(-400, 400, width=32)
    size = st.floats(0.125, 500, width=32)
    rows = data.draw(st.lists(st.tuples(number, number, size, size), max_size=6))
    xywh = np.array(rows, np.float32).reshape(-1, 4)
    points = xywh[:, None, :2] + np.zeros((1, 5, 1), np.float32)
    score = np.linspace(0, 1, len(xywh), dtype=np.float32)

    found = scaled.to_original(xywh, score, points)

    assert len(found) <= len(xywh)
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= (width, height, width, height)).all()
    assert (np.diff(found.xyxy[:, 0]) >= 0).all()
    assert found.landmarks is not None
    # Rows stay together: each score keeps its landmarks.
    for row_score, row_points in zip(found.score, found.landmarks, strict=True):
        (index,) = np.flatnonzero(score == row_score)
        np.testing.assert_allclose(row_points, points[index] * scaled.factor_xy, rtol=1e-5)


@given(st.integers(200, 2000), st.integers(200, 2000), st.data())
def test_a_box_drawn_on_the_scaled_picture_maps_back_to_where_it_was(
    height: int, width: int, data: st.DataObject
) -> None:
    left, right = sorted(data.draw(st.tuples(st.integers(0, width), st.integers(0, width))))
    top, bottom = sorted(data.draw(st.tuples(st.integers(0, height), st.integers(0, height))))
    assume(right > left and bottom > top)
    scaled = scale_for_detection(blank(height, width), 320)
    original = np.array([left, top, right - left, bottom - top], np.float32)
    xywh = (original.reshape(2, 2) / scaled.factor_xy).reshape(1, 4).astype(np.float32)
    found = scaled.to_original(xywh, SCORE)
    np.testing.assert_allclose(found.xyxy[0], (left, top, right, bottom), atol=0.01)


def test_the_largest_are_kept_in_their_order() -> None:
    boxes = np.array([[0, 0, 10, 10], [20, 0, 50, 30], [60, 0, 65, 5], [70, 0, 90, 20]], np.float32)
    every = Detections(boxes, np.array([0.9, 0.8, 0.7, 0.6], np.float32))
    kept = every.largest(2)
    np.testing.assert_array_equal(kept.xyxy, boxes[[1, 3]])
    np.testing.assert_allclose(kept.score, [0.8, 0.6])
    assert every.largest(4) is every


def test_detections_at_a_smaller_size_are_in_pixels_of_the_image() -> None:
    detector = FixedDetector((10, 20, 50, 60))
    found = detect_at(detector, np.zeros((400, 800, 3), np.uint8), 200)
    np.testing.assert_allclose(found.xyxy, [[40, 80, 200, 240]])
    found = detect_at(detector, np.zeros((100, 200, 3), np.uint8), 200)
    np.testing.assert_allclose(found.xyxy, [[10, 20, 50, 60]])
