"""Large photos, made of the bundled average faces, or of squares for a detector of squares."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fer_core.faces import (
    DETECTORS,
    LIVE_SIDE,
    PHOTO_SIDE,
    Detections,
    HaarDetector,
    YuNetDetector,
    create_detector,
)
from fer_core.faces.detector import scale_for_detection
from fer_core.faces.sample_faces import load_samples
from fer_core.faces.tiles import SHRINKING, TiledDetector, tile_spans
from fer_core.labels.emotions import FER2013
from fer_core.recognition.analyzer import Analyzer
from tests.scenes import PlacedFace, sample_scene
from tests.stand_ins import brightness_classifier

SMALLEST = 12


class SquareFinder:
    """Finds every bright square of at least 12 pixels, also the part of one that it is shown.

    Like a detector it shrinks what is larger than `PHOTO_SIDE`.
    """

    name = "squares"
    notice: str | None = None

    def __init__(self) -> None:
        self.looked_at: list[tuple[int, int]] = []

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        scaled = scale_for_detection(image, PHOTO_SIDE)
        self.looked_at.append(scaled.image.shape[:2])
        found = cv2.connectedComponentsWithStats((scaled.image[..., 0] > 127).astype(np.uint8))[2]
        boxes = np.array([row for row in found[1:, :4] if row[2:4].max() >= SMALLEST], np.float32)
        score = np.linspace(0.7, 0.9, len(boxes), dtype=np.float32)
        points = np.repeat(boxes[:, None, :2], 5, axis=1) if len(boxes) else None
        return scaled.to_original(boxes.reshape(-1, 4), score, points)


def tiled() -> tuple[TiledDetector, SquareFinder]:
    finder = SquareFinder()
    return TiledDetector(finder, tile_side=PHOTO_SIDE, smallest_face=SMALLEST), finder


def picture(width: int, height: int, *squares: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Returns a black image with white squares, each given as left, top and side."""
    image = np.zeros((height, width, 3), np.uint8)
    for left, top, side in squares:
        image[top : top + side, left : left + side] = 255
    return image


def panorama(side: int = 160) -> tuple[NDArray[np.uint8], list[tuple[float, float]]]:
    """Returns an image of 5000x800 with twelve faces, and their positions from left to right."""
    centers = [(200.0 + 400 * index, 250.0 + 250 * (index % 2)) for index in range(12)]
    faces = [
        PlacedFace(FER2013[index % len(FER2013)], center, side)
        for index, center in enumerate(centers)
    ]
    return sample_scene(faces, width=5000, height=800), centers


@pytest.mark.parametrize("name", DETECTORS)
def test_small_faces_on_a_panorama_are_found_once_each(
    name: str, request: pytest.FixtureRequest
) -> None:
    plain = request.getfixturevalue("yunet") if name == "yunet" else HaarDetector()
    image, centers = panorama()
    assert len(plain.detect(image)) == 0

    found = create_detector(name).detect(image)

    middles = (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2
    np.testing.assert_allclose(middles, centers, atol=30)
    assert ((found.xyxy[:, 2:] - found.xyxy[:, :2]) < 160).all()
    if found.landmarks is not None:
        assert (found.landmarks.min(axis=1) > found.xyxy[:, :2]).all()
        assert (found.landmarks.max(axis=1) < found.xyxy[:, 2:]).all()


def test_each_of_them_is_classified() -> None:
    image, centers = panorama()
    analysis = Analyzer(brightness_classifier(), create_detector("haar")).analyze(image)
    assert len(analysis.faces) == len(centers)


def test_a_tile_edge_through_a_face_makes_no_second_face(yunet: YuNetDetector) -> None:
    # 40 positions around the edges of the second of three tiles.
    edges = [SHRINKING * edge for edge in tile_spans(1250, PHOTO_SIDE, 62)[1]]
    faces = [
        PlacedFace("happy", (edge - 180 + 18 * row, 100 + 190 * row), 160)
        for edge in edges
        for row in range(20)
    ]
    found = create_detector("yunet").detect(sample_scene(faces, width=5000, height=4000))
    middles = (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2
    expected = np.array([face.center_xy for face in faces])
    distance = np.linalg.norm(middles[:, None] - expected[None], axis=2)
    assert len(found) == len(faces)
    assert distance.min(axis=0).max() < 40


def test_a_face_that_fills_many_tiles_is_one(yunet: YuNetDetector) -> None:
    faces = [PlacedFace("happy", (1200.0, 1200.0), 2200), PlacedFace("sad", (3900.0, 500.0), 160)]
    image = sample_scene(faces, width=6500, height=2400)
    assert len(yunet.detect(image)) == 1
    found = create_detector("yunet").detect(image)
    np.testing.assert_allclose(
        (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2, [(1200, 1200), (3900, 500)], atol=200
    )


@pytest.mark.parametrize("seed", range(4))
def test_squares_of_all_sizes_are_each_found_whole_and_once(seed: int) -> None:
    random = np.random.default_rng(seed)
    width, height = ((6000, 1500), (1000, 9000), (4400, 2900), (14000, 600))[seed]
    placed: list[tuple[int, int, int]] = []
    for _ in range(200):
        side = round(float(np.exp(random.uniform(np.log(60), np.log(min(width, height) - 10)))))
        left, top = (int(random.integers(0, limit - side)) for limit in (width, height))
        if all(
            left + side + 12 < x or x + s + 12 < left or top + side + 12 < y or y + s + 12 < top
            for x, y, s in placed
        ):
            placed.append((left, top, side))
    detector, finder = tiled()

    found = detector.detect(picture(width, height, *placed))

    expected = np.array([(x, y, x + s, y + s) for x, y, s in placed], np.float32)
    assert len(found) == len(expected)
    assert (np.diff(found.xyxy[:, 0]) >= 0).all()
    distance = np.abs(found.xyxy[:, None] - expected[None]).max(axis=2)
    # As exact as the detection: the whole image shows large faces more coarsely.
    assert (distance.min(axis=0) <= max(width, height) / PHOTO_SIDE + SHRINKING).all()
    assert found.landmarks is not None
    np.testing.assert_allclose(found.landmarks[:, 0], found.xyxy[:, :2], atol=0.01)
    assert max(max(shape) for shape in finder.looked_at) <= PHOTO_SIDE


@pytest.mark.parametrize(
    ("on_whole", "in_tile", "kept"),
    [
        ((100, 100, 380, 380), (200, 200, 280, 280), (100, 100, 380, 380)),  # whole, and its part
        (
            (100, 100, 140, 140),
            (104, 104, 144, 144),
            (104, 104, 144, 144),
        ),  # seen at higher resolution
        ((100, 100, 140, 140), (300, 300, 340, 340), None),  # two faces
    ],
)
def test_large_faces_come_from_the_whole_image_and_small_ones_from_tiles(
    on_whole: tuple[int, ...], in_tile: tuple[int, ...], kept: tuple[int, ...] | None
) -> None:
    class TwoLooks:
        name = "two looks"
        notice: str | None = None
        looks = 0

        def detect(self, image: NDArray[np.uint8]) -> Detections:
            self.looks += 1
            boxes = {1: [on_whole], 2: [in_tile]}.get(self.looks, [])
            score = np.full(len(boxes), 0.5 + 0.2 * self.looks, np.float32)
            return Detections(np.array(boxes, np.float32).reshape(-1, 4), score)

    detector = TiledDetector(TwoLooks(), tile_side=PHOTO_SIDE, smallest_face=SMALLEST)
    found = detector.detect(picture(4800, 1600))
    expected = [on_whole, in_tile] if kept is None else [kept]
    np.testing.assert_allclose(found.xyxy, SHRINKING * np.array(expected))


@pytest.mark.parametrize(
    ("width", "height", "squares", "is_closer"),
    [
        (3000, 2000, [(100, 100, 60)], False),  # small enough
        (6000, 4000, [(100, 100, 900), (2000, 300, 300)], False),  # a group, near
        (6000, 4000, [(100, 100, 900), (2000, 300, 160)], True),  # one of them small
        (6000, 4000, [], True),
        (9000, 2000, [(100, 100, 900)], True),  # a panorama
    ],
)
def test_tiles_are_processed_only_where_they_may_show_more(
    width: int, height: int, squares: list[tuple[int, int, int]], is_closer: bool
) -> None:
    detector, finder = tiled()
    detector.detect(picture(width, height, *squares))
    assert (len(finder.looked_at) > 1) == is_closer


@pytest.mark.parametrize(("height", "width"), [(1, 1), (480, 640), (1200, 1920), (10, 3800)])
def test_smaller_photos_give_what_they_gave(height: int, width: int) -> None:
    sample = np.asarray(cv2.resize(load_samples()["happy"], (width, height)), np.uint8)
    plain, other = HaarDetector().detect(sample), create_detector("haar").detect(sample)
    np.testing.assert_array_equal(plain.xyxy, other.xyxy)
    np.testing.assert_array_equal(plain.score, other.score)


def test_live_frames_are_detected_without_tiles() -> None:
    image, _ = panorama()
    assert len(create_detector("haar", longest_side=LIVE_SIDE).detect(image)) == 0


@given(st.data(), st.integers(1, 20_000), st.integers(50, 1000))
def test_tiles_cover_everything_and_overlap(data: st.DataObject, length: int, side: int) -> None:
    overlap = data.draw(st.integers(0, side // 2))
    spans = tile_spans(length, side, overlap)
    assert spans[0][0] == 0
    assert spans[-1][1] == length
    assert all(0 < end - start <= side for start, end in spans)
    assert all(before[1] - after[0] >= overlap for before, after in pairwise(spans))
    assert len(spans) <= max(1, -(-(length - overlap) // (side - overlap)))
