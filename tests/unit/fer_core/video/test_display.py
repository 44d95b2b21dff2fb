"""Clips are read as players show them: mirrored, rotated, and with any pixel aspect ratio."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import InputRejected
from fer_core.recognition.analyzer import Analyzer
from fer_core.video import analyze_video, annotate_video, opening
from fer_core.video.reader import VideoReader
from tests.clips import make_clip, scene, turned, with_matrix
from tests.squares import DARK, squares

# What an encoder stores, and the matrix with which players show the picture upright again. The
# picture has no symmetry: a face left of the middle, and its top brighter than its bottom.
ORIENTATIONS = {
    "as it is": ("hw", 1, 1, (1, 0, 0, 1)),
    "mirrored": ("hw", 1, -1, (-1, 0, 0, 1)),
    "flipped": ("hw", -1, 1, (1, 0, 0, -1)),
    "half a turn": ("hw", -1, -1, (-1, 0, 0, -1)),
    "transposed": ("wh", 1, 1, (0, 1, 1, 0)),
    "turned right": ("wh", 1, -1, (0, -1, 1, 0)),
    "turned left": ("wh", -1, 1, (0, 1, -1, 0)),
    "transversed": ("wh", -1, -1, (0, -1, -1, 0)),
}


def picture() -> NDArray[np.uint8]:
    upright = scene("happy", "sad")
    upright[:, 160:] //= 3
    upright[:60] = np.maximum(upright[:60], 200)
    return upright


def first_image(clip: bytes) -> NDArray[np.uint8]:
    with VideoReader(clip) as reader:
        image = next(reader.frames()).image()
        assert (reader.facts.height, reader.facts.width) == image.shape[:2]
    return image


def difference(image: NDArray[np.uint8], expected: NDArray[np.uint8]) -> float:
    assert image.shape == expected.shape
    return float(np.abs(image.astype(int) - expected).mean())


def stored(order: str, rows: int, columns: int) -> NDArray[np.uint8]:
    upright = picture() if order == "hw" else picture().transpose(1, 0, 2)
    return np.ascontiguousarray(upright[::rows, ::columns])


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_every_right_angle_comes_upright(name: str) -> None:
    order, rows, columns, matrix = ORIENTATIONS[name]
    clip = with_matrix(make_clip([stored(order, rows, columns)] * 2), *matrix)
    assert difference(first_image(clip), picture()) < 3


@pytest.mark.parametrize(
    ("matrix", "like"),
    [
        ((0, 0, 0, 0), "as it is"),
        ((0.9, 0.4, -0.4, 0.9), "as it is"),
        ((0.3, 0.95, -0.95, 0.3), "turned left"),
        ((-0.5, 0, 0, 0.5), "mirrored"),
    ],
    ids=["nothing", "leaning", "almost a quarter", "mirrored and small"],
)
def test_of_other_matrices_the_nearest_right_angle_counts(
    matrix: tuple[float, float, float, float], like: str
) -> None:
    clip = make_clip([picture()] * 2)
    expected = first_image(with_matrix(clip, *ORIENTATIONS[like][3]))
    assert difference(first_image(with_matrix(clip, *matrix)), expected) == 0


ASPECTS = [Fraction(16, 9), Fraction(4, 3), Fraction(64, 45), Fraction(10, 11), Fraction(1, 2)]


@pytest.mark.parametrize("aspect", ASPECTS, ids=str)
@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts"])
def test_pixels_that_are_no_squares_are_stretched(container: str, aspect: Fraction) -> None:
    width = round(320 / aspect / 2) * 2
    squeezed = np.asarray(cv2.resize(picture(), (width, 240)), np.uint8)
    clip = make_clip([squeezed] * 2, container=container, pixel_aspect=aspect)
    image = first_image(clip)
    assert image.shape == (240, round(width * aspect), 3)
    expected = np.asarray(cv2.resize(picture(), image.shape[1::-1]), np.uint8)
    assert difference(image, expected) < 6


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_pixels_are_stretched_before_the_picture_is_turned(name: str) -> None:
    order, rows, columns, matrix = ORIENTATIONS[name]
    lying = stored(order, rows, columns)
    squeezed = np.asarray(cv2.resize(lying, (lying.shape[1] // 2, lying.shape[0])), np.uint8)
    clip = make_clip([squeezed] * 2, pixel_aspect=Fraction(2))
    assert difference(first_image(with_matrix(clip, *matrix)), picture()) < 6


@pytest.mark.parametrize(
    ("width", "height", "told"),
    [(1, 1000, ["Received: 1:1000."]), (1000, 1, ["Received: 1000:1."]), (0, 1, []), (1, 0, [])],
)
def test_a_shape_that_no_pixel_has_is_ignored(width: int, height: int, told: list[str]) -> None:
    clip = make_clip([picture()] * 2, pixel_aspect=Fraction(1, 2), codec="libx264")
    at = clip.index(b"pasp") + 4
    numbers = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    # If the container states nothing useful, the codec's value counts.
    expected_width = 320 if told else 160
    with VideoReader(clip[:at] + numbers + clip[at + 8 :]) as reader:
        assert (reader.facts.width, reader.facts.height) == (expected_width, 240)
        assert len(list(reader.frames())) == 2
        assert [
            notice[-len(end) :] for notice, end in zip(reader.notices(), told, strict=True)
        ] == told


def test_a_size_that_was_rounded_is_not_stretched() -> None:
    clip = make_clip([picture()] * 2, pixel_aspect=Fraction(639, 640))
    assert first_image(clip).shape == (240, 320, 3)


def test_stretched_pictures_keep_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_PIXELS", 320 * 240)
    with pytest.raises(InputRejected, match="Received: 1280 x 240 pixels") as error:
        VideoReader(make_clip([picture()] * 2, pixel_aspect=Fraction(4)))
    assert error.value.reason == "too_many_pixels"


def shape_written(clip: bytes, analyzer: Analyzer) -> tuple[int, ...]:
    file = io.BytesIO()
    assert annotate_video(clip, analyze_video(clip, analyzer), file)
    with av.open(io.BytesIO(file.getvalue()), "r") as container:
        frame = next(container.decode(video=0))
        assert container.streams.video[0].sample_aspect_ratio in (None, 1)
        return frame.height, frame.width


def test_boxes_and_the_clip_with_boxes_have_square_pixels(analyzer: Analyzer) -> None:
    squeezed = np.ascontiguousarray(squares(DARK)[:, ::2])
    clip = make_clip([squeezed] * 3, pixel_aspect=Fraction(2))
    timeline = analyze_video(clip, analyzer)
    np.testing.assert_allclose(timeline.faces.xyxy[0], [30, 30, 90, 90], atol=4)
    assert shape_written(clip, analyzer) == (120, 240)
    assert shape_written(turned(clip, 1), analyzer) == (240, 120)


def test_where_the_size_changes_the_clip_with_boxes_keeps_the_shape(analyzer: Analyzer) -> None:
    lying = squares(25)  # too dark to be detected and drawn on
    upright = np.ascontiguousarray(np.rot90(lying))
    clip = b"".join(make_clip([each] * 5, container="mpegts") for each in (lying, upright))
    file = io.BytesIO()
    assert annotate_video(clip, analyze_video(clip, analyzer), file)
    with av.open(io.BytesIO(file.getvalue()), "r") as container:
        last = [
            frame.to_ndarray(format="rgb24").max(axis=2) for frame in container.decode(video=0)
        ][-1]
    assert last.shape == (120, 240)
    # A square of 60 pixels in a picture that is twice as tall as there is room.
    rows, columns = np.nonzero(last > 15)
    assert np.ptp(columns) == pytest.approx(30, abs=6)
    assert np.ptp(rows) == pytest.approx(30, abs=6)
