"""A cut to another person ends a track; a flash, exposure change, pan or pause does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.faces import Detections
from fer_core.tracking.continuity import VIEW_SIDE, face_views
from fer_core.tracking.tracker import FaceTracker
from tests.people import BOX, person, place

Image = NDArray[np.uint8]
Change = Callable[[Image], Image]


def at(*boxes: Sequence[float]) -> Detections:
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(xyxy, np.ones(len(xyxy), np.float32))


def follow(frames: Sequence[tuple[Image, Detections]], *, step_s: float = 0.1) -> list[list[int]]:
    """Returns the tracks that are detected on each frame."""
    tracker = FaceTracker()
    seen = []
    for index, (image, detections) in enumerate(frames):
        tracks = tracker.update(detections, index * step_s, face_views(image, detections))
        seen.append([track.id for track in tracks if track.detection is not None])
    return seen


def in_the_middle(pictures: Sequence[Image]) -> list[tuple[Image, Detections]]:
    return [(picture, at(BOX)) for picture in pictures]


def exposed(factor: float, offset: float = 0.0) -> Change:
    return lambda image: np.clip(image * np.float32(factor) + offset, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("step_s", [1 / 30, 0.2, 1.0, 2.0])
def test_a_cut_to_another_person_ends_the_track_on_the_first_frame(step_s: float) -> None:
    first, second = person("happy"), person("neutral", looks=1, where=1)
    seen = follow(in_the_middle([first] * 4 + [second] * 4), step_s=step_s)
    assert seen == [[1]] * 4 + [[2]] * 4


@pytest.mark.parametrize("looks", range(2, 8))
@pytest.mark.parametrize("change", [exposed(1), exposed(0.4), exposed(1.8), exposed(1, -50)])
def test_a_cut_is_seen_in_any_light(looks: int, change: Change) -> None:
    pictures = [person("sad"), change(person("sad", looks=looks, where=looks))]
    assert follow(in_the_middle(pictures)) == [[1], [2]]


def test_a_cut_back_is_a_new_track_too_because_nobody_is_recognized() -> None:
    first, second = person(), person(looks=1, where=1)
    assert follow(in_the_middle([first, second, first])) == [[1], [2], [3]]


def test_a_cut_through_black_ends_the_track() -> None:
    black = np.zeros_like(person())
    frames = in_the_middle([person()] * 3)
    frames += [(black, at())] * 3 + in_the_middle([person(looks=1, where=1)] * 2)
    assert follow(frames) == [[1]] * 3 + [[]] * 3 + [[2]] * 2


@pytest.mark.parametrize("label", ["angry", "fear", "neutral", "sad", "surprise"])
def test_another_expression_is_no_cut(label: str) -> None:
    assert follow(in_the_middle([person("happy"), person(label)])) == [[1], [1]]


@pytest.mark.parametrize(
    "change",
    [
        exposed(0.25),
        exposed(0.5),
        exposed(1.5),
        exposed(2.5),
        exposed(1, 100),
        exposed(1, -70),
        lambda image: (255 * (image / 255.0) ** 0.4).astype(np.uint8),
        lambda image: (255 * (image / 255.0) ** 2.5).astype(np.uint8),
        lambda image: np.full_like(image, 255),
        lambda image: np.zeros_like(image),
    ],
)
def test_a_flash_and_another_exposure_end_no_track(change: Change) -> None:
    flash = in_the_middle([person(), change(person()), person()])
    assert follow(flash) == [[1]] * 3
    jump = in_the_middle([person()] * 2 + [change(person())] * 2)
    assert follow(jump) == [[1]] * 4


def test_an_exposure_ramp_ends_no_track() -> None:
    ramp = [exposed(factor)(person()) for factor in np.geomspace(0.2, 3, 12)]
    assert follow(in_the_middle(ramp)) == [[1]] * 12


@pytest.mark.parametrize("pixels", [5, 15, 30])
def test_a_pan_ends_no_track(pixels: int) -> None:
    wide = np.concatenate([place(5), person(), place(6)], axis=1)
    frames = []
    for left in range(480, 200, -pixels):
        x = 320 - left
        box = (BOX[0] + x, BOX[1], BOX[2] + x, BOX[3])
        frames.append((np.ascontiguousarray(wide[:, left : left + 320]), at(box)))
    frames = [each for each in frames if each[1].xyxy[0, 0] >= 0 and each[1].xyxy[0, 2] <= 320]
    assert len(frames) > 5
    assert follow(frames) == [[1]] * len(frames)


@pytest.mark.parametrize("pixels", [20, 80, 160])
def test_a_camera_that_follows_a_person_ends_no_track(pixels: int) -> None:
    pictures = [person(moved_x=pixels * step) for step in range(6)]
    assert follow(in_the_middle(pictures)) == [[1]] * 6


@pytest.mark.parametrize("covered", [slice(75, 120), slice(120, 165), slice(140, 240)])
def test_a_face_that_is_half_covered_ends_no_track(covered: slice) -> None:
    hidden = person()
    hidden[covered, 115:205] = 150
    assert follow(in_the_middle([person(), hidden, person()])) == [[1]] * 3


def test_a_dropped_second_ends_no_track() -> None:
    pictures = [person("happy"), person("sad", moved_x=10)]
    assert follow(in_the_middle(pictures), step_s=1.0) == [[1], [1]]


def test_noise_and_blur_end_no_track() -> None:
    random = np.random.default_rng(0)
    noisy = np.clip(person() + random.normal(0, 25, person().shape), 0, 255).astype(np.uint8)
    blurred = np.asarray(cv2.blur(person(), (25, 1)), np.uint8)
    assert follow(in_the_middle([person(), noisy, blurred, person()])) == [[1]] * 4


def test_of_two_tiles_only_the_one_that_changes_ends() -> None:
    """As in a video call, when another person starts to speak."""
    left, first, second = person(), person("sad", looks=1, where=1), person(looks=2, where=2)
    boxes = at(BOX, (BOX[0] + 320, BOX[1], BOX[2] + 320, BOX[3]))
    frames = [(np.concatenate([left, right], axis=1), boxes) for right in (first, first, second)]
    assert follow(frames) == [[1, 2], [1, 2], [1, 3]]


def test_a_person_passing_in_front_ends_no_track() -> None:
    frames = []
    for step in range(21):
        picture = place(0)
        front = person("happy", looks=1)[60:180, 100:220]
        back = person("neutral")[60:180, 100:220]
        x = 10 + 9 * step
        picture[60:180, 100:220] = back
        picture[60:180, x : x + 120] = front
        boxes = [(x + 15, 75, x + 105, 165)]
        if abs(x - 100) > 50:
            boxes.append((115, 75, 205, 165))
        frames.append((picture, at(*boxes)))
    seen = follow(frames, step_s=0.05)
    assert {track for each in seen for track in each} == {1, 2}
    assert all(len(each) == len(boxes) for each, (_, boxes) in zip(seen, frames, strict=True))


def test_views_are_small_and_of_any_picture() -> None:
    assert face_views(person(), at()).shape == (0, VIEW_SIDE, VIEW_SIDE)
    beyond = at((-40, -40, 30, 30), (300, 220, 400, 330), (5, 5, 6, 6), (0, 0, 320, 240))
    views = face_views(person(), beyond)
    assert views.shape == (4, VIEW_SIDE, VIEW_SIDE)
    assert views.dtype == np.uint8
    assert face_views(np.zeros((1, 1, 3), np.uint8), at((0, 0, 1, 1))).shape[0] == 1
