"""The largest face counts, or the one that overlaps the labeled box most."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fer_core.faces import choose_face

FACES = [(0, 0, 10, 10), (20, 0, 60, 40), (100, 0, 130, 40), (0, 0, 200, 200)]

Box = tuple[int, int, int, int]
BOXES = st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(1, 12)] * 2).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


def test_the_largest_face_is_chosen() -> None:
    assert choose_face(FACES[:3]) == 1
    assert choose_face(FACES) == 3
    assert choose_face([FACES[1], FACES[1]]) == 0


def test_the_labeled_face_is_chosen_also_inside_a_larger_one() -> None:
    assert choose_face(FACES, (95, 5, 125, 45)) == 2
    assert choose_face(FACES, (0, 0, 11, 11)) == 0


def test_there_may_be_no_such_face() -> None:
    assert choose_face(np.empty((0, 4), np.float32)) is None
    assert choose_face([], (0, 0, 10, 10)) is None
    assert choose_face(FACES[:3], (300, 300, 400, 400)) is None
    assert choose_face(FACES[:3], (10, 0, 20, 10)) is None  # it only touches two of them


def pixels(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}


@given(st.lists(BOXES, min_size=1, max_size=4), BOXES)
def test_overlap_is_intersection_over_union(faces: list[Box], labeled: Box) -> None:
    overlap = [
        len(pixels(face) & pixels(labeled)) / len(pixels(face) | pixels(labeled)) for face in faces
    ]
    expected = int(np.argmax(overlap)) if max(overlap) else None
    assert choose_face(faces, labeled) == expected
