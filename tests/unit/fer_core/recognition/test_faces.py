from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.recognition.face_columns import UNCERTAIN
from fer_core.recognition.face_table import RunInfo, face_table, rows_of
from fer_core.recognition.faces import Faces
from tests.live_results import tracked_faces
from tests.photo_faces import faces_called

RUN = RunInfo(model="m", model_checksum="ab", detector="d", threshold=0.5)
POINTS = np.arange(30, dtype=np.float32).reshape(3, 5, 2)


def three() -> Faces:
    faces = faces_called(("happy", 0.9), ("sad", 0.4), ("fear", 0.7))
    crops = tuple(np.full((side, side, 3), side, np.uint8) for side in (1, 2, 3))
    return dataclasses.replace(faces, landmarks=POINTS, crops=crops)


def test_it_is_a_sequence_of_faces() -> None:
    faces = three()
    assert len(faces) == 3
    assert [face.label for face in faces] == ["happy", "sad", "fear"]
    assert faces[-1] == faces[2] != faces[0]
    assert [face.label for face in faces[1:]] == ["sad", "fear"]
    assert "label='happy'" in repr(faces[0])
    with pytest.raises(IndexError):
        faces[3]


@pytest.mark.parametrize("rows", [[2, 0], np.array([2, 0]), slice(None, None, -2)])
def test_rows_are_taken_whole_and_in_order(rows: slice | list[int]) -> None:
    taken = three().take(rows)
    assert taken.prediction(0).tolist() == ["fear", "happy"]
    assert [face.crop.shape[0] for face in taken] == [3, 1]
    np.testing.assert_array_equal(taken.landmarks, POINTS[[2, 0]])
    assert len(three().take([])) == 0


def test_parts_are_joined() -> None:
    faces = three()
    none = dataclasses.replace(faces[:0], landmarks=None)
    joined = Faces.concatenate([faces[:1], none, faces[1:]])
    assert joined.prediction().tolist() == faces.prediction().tolist()
    np.testing.assert_array_equal(joined.landmarks, POINTS)
    assert joined.crops == faces.crops
    without = dataclasses.replace(faces, landmarks=None, crops=())
    mixed = Faces.concatenate([faces, without])
    assert (len(mixed), mixed.landmarks, mixed.crops) == (6, None, ())
    assert len(Faces.concatenate([none, none])) == 0


@given(
    st.lists(st.tuples(st.sampled_from(["happy", "sad"]), st.floats(0.25, 1.0)), max_size=4),
    st.floats(0, 1),
)
def test_all_at_once_and_one_by_one_give_the_same(
    called: list[tuple[str, float]], threshold: float
) -> None:
    tracked = tracked_faces(dict(enumerate(called, 1)))
    for faces in (faces_called(*called), tracked):
        predictions = faces.prediction(threshold).tolist()
        assert predictions == [face.prediction(threshold) for face in faces]
        assert faces.confidence.tolist() == [face.confidence for face in faces]
        uncertain = [face.is_uncertain(threshold) for face in faces]
        assert uncertain == [prediction == UNCERTAIN for prediction in predictions]
    assert [face.track_id for face in tracked] == list(range(1, len(called) + 1))
    assert {face.track_id for face in faces_called(*called)} <= {0}


def test_columns_without_a_value_are_none_and_places_are_one_for_all_or_one_each() -> None:
    faces = dataclasses.replace(three(), landmarks=None)
    place: dict[str, Any] = {"file": "a.png", "frame": np.array([4, 5, 6]), "width": 9}
    names = ["file", "frame", "width", "message", "nose_x", "prediction", "threshold"]
    table = face_table(faces, names, place, RUN)
    assert list(table) == names
    assert rows_of(table)[1] == {
        "file": "a.png",
        "frame": 5,
        "width": 9,
        "message": None,
        "nose_x": None,
        "prediction": UNCERTAIN,
        "threshold": 0.5,
    }


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="Expected one row per face"):
        dataclasses.replace(three(), label=np.array([1]))
