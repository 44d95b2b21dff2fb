from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_core.errors import DatasetError
from fer_core.faces import crop_faces
from fer_core.imaging import read_image
from fer_core.labels.action_units import CKPLUS_ACTION_UNITS
from fer_core.labels.emotions import CKPLUS, HIGH_LEVEL
from fer_core.preprocessing.preprocess import PreprocessingConfig, stages
from tests.long_paths import put_unreadable_folder
from tests.stand_ins import FixedDetector
from tests.tiny_ckplus import UNITS_OF, face, write_cropped, write_release
from training.datasets.ckplus import CkPlusDataset, read_ckplus
from training.datasets.ckplus.dataset import UNKNOWN


def units_of(dataset: CkPlusDataset, row: int) -> set[str]:
    present = dataset.action_units[row] == 1
    return {unit for unit, there in zip(CKPLUS_ACTION_UNITS, present, strict=True) if there}


def test_cropped_frames_carry_labels_subject_and_sequence(tmp_path: Path) -> None:
    dataset = read_ckplus(write_cropped(tmp_path))
    assert len(dataset) == 4 * 7 * 3
    assert dataset.frame.tolist() == sorted(dataset.frame.tolist())
    row = dataset.frame.tolist().index("S002_004_00000012")
    assert CKPLUS[dataset.label[row]] == "happy"
    assert HIGH_LEVEL[dataset.high_level[row]] == "positive"
    assert units_of(dataset, row) == set(UNITS_OF["happy"])
    assert (dataset.subject[row], dataset.sequence[row]) == ("S002", "S002_004")
    np.testing.assert_array_equal(dataset.images[row], face(2, "happy", 1))
    assert dataset.is_coded.all()
    assert "28 labeled sequences of 4 subjects" in dataset.notes[0]


def test_the_folder_of_pictures_may_be_named_itself(tmp_path: Path) -> None:
    write_cropped(tmp_path, subjects=1)
    assert len(read_ckplus(tmp_path / "CK+48")) == 21


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "CK+48" / name).unlink()


def _edit(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "data_labels.csv"
        file.write_text(file.read_text().replace(old, new, 1))

    return change


def _enlarge(folder: Path) -> None:
    cv2.imwrite(str(folder / "CK+48/fear/S000_003_00000012.png"), np.zeros((64, 50), np.uint8))


def _move(folder: Path) -> None:
    frame = folder / "CK+48/fear/S000_003_00000012.png"
    frame.rename(folder / "CK+48/happy" / frame.name)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_remove("fear/S000_003_00000012.png"), r"S000_003 must have 3 peak frames.*_00000013"),
        (_remove("fear/S000_003_00000013.png"), r"S000_003_00000013, which is not in"),
        (_enlarge, r"S000_003_00000012\.png: expected a face of 48x48.*50x64"),
        (_move, "frames of sequence S000_003 must have the same label"),
        (_edit("S000,S000_003", "S000,S077_003"), "none for S000_003"),
        (_edit(",negative", ",angry"), "line 2, column high_level_emotion.*'angry'"),
        (_edit("AU12", "AU13"), "Received: no AU12"),
        (_edit(",0,negative", ",2,negative"), "column AU1: expected 0 or 1"),
        (_edit("S001_001_", "S000_001_"), "second row for sequence S000_001"),
    ],
)
def test_an_error_is_named(tmp_path: Path, damage: Callable[[Path], None], message: str) -> None:
    write_cropped(tmp_path, subjects=2)
    damage(tmp_path)
    with pytest.raises(DatasetError, match=message):
        read_ckplus(tmp_path)


def test_a_missing_ckplus_names_the_expected_files(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"CK\+48/ and data_labels.csv, or one with cohn-kanade"):
        read_ckplus(tmp_path)


def test_the_release_gives_the_last_three_frames_cropped_as_in_the_app(tmp_path: Path) -> None:
    detector = FixedDetector((2, 2, 12, 12), (30, 20, 90, 80))
    dataset = read_ckplus(write_release(tmp_path), detector=detector)
    assert len(dataset) == 2 * 7 * 3
    first = dataset.frame[dataset.sequence == "S001_004"].tolist()
    assert first == [f"S001_004_0000000{number}" for number in (3, 4, 5)]
    row = dataset.frame.tolist().index("S001_004_00000005")
    assert CKPLUS[dataset.label[row]] == "happy"
    assert HIGH_LEVEL[dataset.high_level[row]] == "positive"
    assert units_of(dataset, row) == set(UNITS_OF["happy"])
    frame = read_image(tmp_path / "cohn-kanade-images/S001/004/S001_004_00000005.png")
    crop = crop_faces(frame, detector.detect(frame))[1]  # the larger of the two
    expected = stages(crop, PreprocessingConfig()).resized
    np.testing.assert_array_equal(dataset.images[row], expected)


@pytest.mark.parametrize("suffix", [".bmp", ".tif", ""])
def test_cropped_frames_may_have_another_format(tmp_path: Path, suffix: str) -> None:
    expected = read_ckplus(write_cropped(tmp_path)).images
    for path in (tmp_path / "CK+48/happy").iterdir():
        with Image.open(path) as picture:
            picture.save(path.with_suffix(suffix), "BMP" if suffix == ".bmp" else "TIFF")
        path.unlink()
    np.testing.assert_array_equal(read_ckplus(tmp_path).images, expected)


@pytest.mark.skipif(sys.platform != "linux", reason="the longest path is Linux's")
@pytest.mark.parametrize("folder", ["CK+48/happy", "Emotion/S000", "FACS/S001/002"])
def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path, folder: str) -> None:
    if folder.startswith("CK+48"):
        write_cropped(tmp_path)
    else:
        write_release(tmp_path)
    put_unreadable_folder(tmp_path / folder)
    with pytest.raises(DatasetError, match=r"xxx.*the folder cannot be read"):
        read_ckplus(tmp_path, detector=FixedDetector((30, 20, 90, 80)))


def test_a_sequence_without_facs_has_unknown_action_units(tmp_path: Path) -> None:
    dataset = read_ckplus(write_release(tmp_path), detector=FixedDetector((30, 20, 90, 80)))
    assert dataset.sequence[~dataset.is_coded].tolist() == ["S000_001"] * 3
    assert (dataset.action_units[~dataset.is_coded] == UNKNOWN).all()
    assert any("1 of 14 sequences have no FACS file" in note for note in dataset.notes)


def test_neutral_peaks_are_excluded_and_reported(tmp_path: Path) -> None:
    write_release(tmp_path)
    (file,) = (tmp_path / "Emotion/S001/002").iterdir()
    file.write_text("   0.0000000e+00\n")
    dataset = read_ckplus(tmp_path, detector=FixedDetector((30, 20, 90, 80)))
    assert "S001_002" not in dataset.sequence
    assert any("neutral: S001_002" in note for note in dataset.notes)


def test_frames_without_a_face_are_reported(tmp_path: Path) -> None:
    write_release(tmp_path, subjects=1)
    with pytest.raises(DatasetError, match="no usable sequence"):
        read_ckplus(tmp_path, detector=FixedDetector())


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("Emotion/S001/002/S001_002_00000005_emotion.txt", "9", "emotion from 0 to 7.*9"),
        ("Emotion/S001/002/S001_002_00000005_emotion.txt", "1 2", "expected 1 numbers per line"),
        ("FACS/S001/002/S001_002_00000005_facs.txt", "12", "expected 2 numbers per line"),
        ("FACS/S001/002/S001_002_00000005_facs.txt", "12 C", "expected numbers only"),
    ],
)
def test_a_broken_label_file_is_named(tmp_path: Path, file: str, text: str, message: str) -> None:
    write_release(tmp_path)
    (tmp_path / file).write_text(text)
    with pytest.raises(DatasetError, match=message) as caught:
        read_ckplus(tmp_path, detector=FixedDetector((30, 20, 90, 80)))
    assert Path(file).name in str(caught.value)


def test_real_ckplus_has_its_published_counts(real_ckplus: Path) -> None:
    dataset = read_ckplus(real_ckplus)
    assert dataset.notes == ()
    assert len(np.unique(dataset.subject)) == 118
    counts = dict(zip(CKPLUS, (np.bincount(dataset.label) // 3).tolist(), strict=True))
    assert counts == {
        **{"angry": 45, "contempt": 18, "disgust": 59, "fear": 25},
        **{"happy": 69, "sad": 28, "surprise": 83},
    }
    assert dataset.action_units.sum(axis=0)[CKPLUS_ACTION_UNITS.index("AU12")] == 3 * 80
