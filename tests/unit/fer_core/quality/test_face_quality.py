"""Measures of a face against pictures whose values are known."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from fer_core.quality import MEASURES, measure_face

BOX = np.array([50, 50, 150, 150], np.float32)
FRONTAL = np.array([[80, 90], [120, 90], [100, 110], [85, 130], [115, 130]], np.float32)


def gray_image(value: int = 100) -> np.ndarray:
    return np.full((200, 200, 3), value, np.uint8)


def noise() -> np.ndarray:
    gray = np.random.default_rng(0).integers(0, 256, (200, 200, 1), np.uint8)
    return np.repeat(gray, 3, axis=2)


def test_a_plain_picture_has_its_brightness_and_no_contrast() -> None:
    measured = measure_face(gray_image(100), BOX)
    assert (measured.brightness, measured.contrast, measured.sharpness) == (100, 0, 0)


def test_contrast_is_the_standard_deviation() -> None:
    image = gray_image(0)
    image[:, ::2] = 200
    assert measure_face(image, BOX).contrast == pytest.approx(100, abs=1)


def test_a_blurred_face_is_less_sharp() -> None:
    sharp = measure_face(noise(), BOX).sharpness
    blurred = measure_face(cv2.GaussianBlur(noise(), (0, 0), 3).astype(np.uint8), BOX).sharpness
    assert blurred < sharp / 10


def test_the_size_is_that_of_the_crop() -> None:
    assert measure_face(gray_image(), BOX).face_size_px == pytest.approx(107)
    assert measure_face(gray_image(), BOX, FRONTAL).face_size_px == pytest.approx(2.72 * 40)


def test_a_frontal_face_is_neither_turned_nor_tilted() -> None:
    measured = measure_face(gray_image(), BOX, FRONTAL)
    assert (measured.yaw_deg, measured.roll_deg) == (0, 0)


@pytest.mark.parametrize("side", [-1, 1])
def test_yaw_follows_the_nose_to_either_side(side: int) -> None:
    turned = FRONTAL.copy()
    turned[2, 0] += side * 10  # half of the way to an eye
    assert measure_face(gray_image(), BOX, turned).yaw_deg == pytest.approx(30)


@pytest.mark.parametrize("angle", [-20.0, 20.0])
def test_a_tilted_head_is_not_a_turned_one(angle: float) -> None:
    turn = cv2.getRotationMatrix2D((100, 100), angle, 1.0)
    tilted = (np.c_[FRONTAL, np.ones(5)] @ turn.T).astype(np.float32)
    measured = measure_face(gray_image(), BOX, tilted)
    assert measured.roll_deg == pytest.approx(20, abs=1e-3)
    assert measured.yaw_deg == pytest.approx(0, abs=1e-3)


def test_without_landmarks_the_pose_is_unknown() -> None:
    measured = measure_face(gray_image(), BOX, faces=3)
    assert math.isnan(measured.yaw_deg)
    assert math.isnan(measured.roll_deg)
    assert measured.faces_in_photo == 3


def test_the_names_are_those_of_the_columns() -> None:
    assert tuple(measure_face(gray_image(), BOX).to_dict()) == MEASURES
