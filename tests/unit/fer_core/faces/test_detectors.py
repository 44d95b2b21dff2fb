"""Both detectors on the sample faces; YuNet only if its file is available."""

import hashlib
import logging
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.faces import (
    DETECTORS,
    LIVE_SIDE,
    PHOTO_SIDE,
    Detector,
    HaarDetector,
    YuNetDetector,
    create_detector,
    face_square,
)
from fer_core.faces import yunet as yunet_module
from fer_core.faces.sample_faces import load_samples


@pytest.fixture(params=DETECTORS)
def detector(request: pytest.FixtureRequest) -> Detector:
    if request.param == "haar":
        return HaarDetector()
    found: YuNetDetector = request.getfixturevalue("yunet")
    return found


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_every_sample_face_is_found_once(detector: Detector) -> None:
    for label, image in load_samples().items():
        found = detector.detect(image)
        assert len(found) == 1, label
        left, top, right, bottom = found.xyxy[0]
        # The face fills the image except for a border of one eighth.
        assert right - left > 0.5 * image.shape[1]
        assert left < image.shape[1] / 2 < right
        assert top < image.shape[0] / 2 < bottom
        assert 0 < found.score[0] <= 1


def test_boxes_are_in_pixels_of_the_picture_at_any_size(detector: Detector) -> None:
    image = load_samples()["happy"]
    wide = np.concatenate([np.full_like(image, 128), image], axis=1)
    expected = detector.detect(wide).xyxy
    assert expected[0, 0] > len(image)
    for factor in (0.5, 1.5, 4.0):
        scaled = np.asarray(cv2.resize(wide, None, fx=factor, fy=factor), np.uint8)
        found = detector.detect(scaled).xyxy / factor
        np.testing.assert_allclose(found, expected, atol=25)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 3000), (3000, 2), (7, 5), (480, 640)])
def test_pictures_without_faces_give_zero_rows(detector: Detector, height: int, width: int) -> None:
    assert len(detector.detect(noise(height, width))) == 0
    assert len(detector.detect(np.zeros((height, width, 3), np.uint8))) == 0


@pytest.mark.parametrize(("height", "width"), [(1, 640), (20, 640), (60, 1280), (32, 640)])
def test_narrow_images_give_no_random_faces(yunet: YuNetDetector, height: int, width: int) -> None:
    strip, full = noise(height, width), noise(640, 640)
    for _ in range(8):
        yunet.detect(full)  # leaves data in memory that is reused
        assert len(yunet.detect(strip)) == 0
        assert len(YuNetDetector().detect(strip)) == 0


def test_a_small_picture_of_a_face_is_enough(detector: Detector) -> None:
    small = np.asarray(cv2.resize(load_samples()["happy"], (64, 64)), np.uint8)
    assert len(detector.detect(small)) == 1


def test_the_picture_is_not_changed(detector: Detector) -> None:
    image = load_samples()["sad"]
    before = image.copy()
    detector.detect(image)
    np.testing.assert_array_equal(image, before)


def test_threads_may_share_a_detector(detector: Detector) -> None:
    samples = load_samples()
    images = [samples["happy"], samples["sad"][:, 40:-40], np.zeros((50, 900, 3), np.uint8)]
    counts: list[list[int]] = []

    def work() -> None:
        counts.append([len(detector.detect(image)) for image in images])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [[1, 1, 0]] * 4


def test_yunet_gives_the_five_points_in_order(yunet: YuNetDetector) -> None:
    landmarks = yunet.detect(load_samples()["neutral"]).landmarks
    assert landmarks is not None
    right_eye, left_eye, nose, right_mouth, left_mouth = landmarks[0]
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < nose[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


@pytest.mark.parametrize("label", ["angry", "disgust", "neutral"])
def test_yunet_finds_tilted_faces_and_their_angle(yunet: YuNetDetector, label: str) -> None:
    image = load_samples()[label]
    side = len(image)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), -25, 0.8)  # clockwise, in OpenCV's sign
    tilted = cv2.warpAffine(image, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    found = yunet.detect(np.asarray(tilted, np.uint8))
    assert found.landmarks is not None
    assert face_square(found.xyxy[0], found.landmarks[0]).roll_deg == pytest.approx(25, abs=8)


def test_both_detectors_give_the_same_square(yunet: YuNetDetector) -> None:
    haar = HaarDetector()
    ratios = []
    for image in load_samples().values():
        by_points, by_box = yunet.detect(image), haar.detect(image)
        assert by_points.landmarks is not None
        one = face_square(by_points.xyxy[0], by_points.landmarks[0])
        other = face_square(by_box.xyxy[0])
        ratios.append(one.side / other.side)
        distance = np.hypot(*np.subtract(one.center_xy, other.center_xy))
        assert distance < 0.08 * one.side
    assert np.median(ratios) == pytest.approx(1, abs=0.1)
    assert 0.8 < min(ratios) <= max(ratios) < 1.4  # surprise opens the mouth


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_can_be_selected_by_name(name: str, request: pytest.FixtureRequest) -> None:
    if name == "yunet":
        request.getfixturevalue("yunet")
    detector = create_detector(name, longest_side=LIVE_SIDE)
    assert detector.name == name
    assert detector.notice is None
    assert len(detector.detect(load_samples()["happy"])) == 1


def test_an_unknown_name_is_refused_with_the_choices() -> None:
    with pytest.raises(ModelError, match="Expected one of yunet, haar"):
        create_detector("mtcnn")


def test_yunet_is_used_if_available(yunet: YuNetDetector) -> None:
    detector = create_detector()
    assert detector.name == "yunet"
    assert detector.notice is None


@pytest.mark.usefixtures("no_yunet")
def test_haar_replaces_a_missing_yunet_with_a_one_line_notice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    detector = create_detector(longest_side=PHOTO_SIDE)
    assert detector.name == "haar"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == detector.notice
    assert "FER_YUNET_MODEL" in record.getMessage()
    assert "\n" not in record.getMessage()


@pytest.mark.usefixtures("no_yunet")
def test_yunet_selected_by_name_does_not_fall_back_to_haar() -> None:
    with pytest.raises(ModelError, match=r"missing\.onnx"):
        create_detector("yunet")


def test_a_file_that_is_not_a_network_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "yunet.onnx").write_text("version https://git-lfs.github.com/spec/v1")
    monkeypatch.setenv("FER_YUNET_MODEL", str(tmp_path / "yunet.onnx"))
    with pytest.raises(ModelError, match="not a YuNet"):
        YuNetDetector()


def test_a_failed_fetch_is_not_tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_YUNET_MODEL", raising=False)
    asked = []

    def unreachable(source: str) -> Path:
        asked.append(source)
        raise ConnectionError("no network")

    monkeypatch.setattr(yunet_module, "_retrieve", unreachable)
    monkeypatch.setattr(yunet_module, "_fetcher", yunet_module._Fetcher())
    for _ in range(3):
        with pytest.raises(ModelError, match="could not be downloaded"):
            yunet_module.yunet_file()
    assert len(asked) == len(set(asked)) == len(yunet_module._SOURCES)


def test_a_fetched_file_is_checked_and_then_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FER_YUNET_MODEL", raising=False)
    monkeypatch.setenv("FER_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(yunet_module, "_fetcher", yunet_module._Fetcher())
    (tmp_path / "detectors").mkdir()
    cached = tmp_path / "detectors" / yunet_module._FILE
    cached.write_bytes(b"another file")
    monkeypatch.setattr(yunet_module, "_SOURCES", (cached.as_uri().replace("file", "unknown"),))
    with pytest.raises(ModelError, match="could not be downloaded"):
        yunet_module.yunet_file()

    monkeypatch.setattr(yunet_module, "_SHA256", hashlib.sha256(b"another file").hexdigest())
    monkeypatch.setattr(yunet_module, "_fetcher", yunet_module._Fetcher())
    assert yunet_module.yunet_file() == cached
