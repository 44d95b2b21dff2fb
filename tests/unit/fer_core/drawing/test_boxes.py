import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fer_core.drawing.boxes import draw_faces
from fer_core.labels.emotions import COLORS, FER2013
from fer_core.recognition.faces import FaceResult
from tests.photo_faces import faces_called, faces_with


def face(
    xyxy: tuple[float, float, float, float], label: str = "happy", confidence: float = 0.9
) -> FaceResult:
    return faces_called((label, confidence), boxes=[xyxy])[0]


def blank(height: int = 480, width: int = 640, level: int = 90) -> NDArray[np.uint8]:
    return np.full((height, width, 3), level, np.uint8)


def rgb(label: str) -> list[int]:
    return list(bytes.fromhex(COLORS[label].removeprefix("#")))


def changed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((before != after).any(axis=-1))


def test_the_picture_given_is_left_alone() -> None:
    image = blank()
    draw_faces(image, [face((100, 100, 200, 220))])
    np.testing.assert_array_equal(image, blank())


def test_without_faces_nothing_is_drawn() -> None:
    image = blank()
    drawn = draw_faces(image, [])
    np.testing.assert_array_equal(drawn, image)
    assert drawn is not image


@pytest.mark.parametrize("label", FER2013)
def test_the_box_has_the_color_of_the_label(label: str) -> None:
    drawn = draw_faces(blank(), [face((100, 100, 200, 220), label)])
    assert drawn[160, 100].tolist() == rgb(label)
    assert drawn[220, 150].tolist() == rgb(label)


def test_an_uncertain_face_has_no_emotions_color() -> None:
    uncertain = face((100, 100, 200, 220), "happy", 0.4)
    assert draw_faces(blank(), [uncertain], threshold=0.3)[160, 100].tolist() == rgb("happy")
    gray = draw_faces(blank(), [uncertain], threshold=0.5)[160, 100]
    assert gray.min() == gray.max()


def test_the_face_itself_stays_visible() -> None:
    boxes = [(60, 100, 160, 220), (170, 100, 270, 220), (280, 100, 380, 220), (200, 300, 330, 440)]
    drawn = draw_faces(blank(), [face(box) for box in boxes])
    for left, top, right, bottom in boxes:
        inside = (slice(top + 8, bottom - 8), slice(left + 8, right - 8))
        assert not changed(blank()[inside], drawn[inside]).any()


def test_a_longer_bar_means_more_probable() -> None:
    drawn = draw_faces(blank(), [face((100, 100, 200, 220), "sad", 0.6)])
    panel = drawn[100:220, 205:330].astype(int)
    lengths = {
        label: (np.abs(panel - rgb(label)).sum(axis=-1) == 0).sum(axis=1).max() for label in FER2013
    }
    assert max(lengths, key=lengths.__getitem__) == "sad"
    assert lengths["sad"] > 4 * lengths["happy"] > 0


def test_lines_and_letters_grow_with_the_picture() -> None:
    small = draw_faces(blank(), [face((100, 100, 200, 220))])
    large = draw_faces(blank(1920, 2560), [face((400, 400, 800, 880))])
    part_small = changed(blank(), small).mean()
    part_large = changed(blank(1920, 2560), large).mean()
    assert part_large == pytest.approx(part_small, rel=0.15)


def test_the_same_faces_are_drawn_the_same() -> None:
    faces = [face((100, 100, 200, 220)), face((300, 100, 400, 220), "fear")]
    np.testing.assert_array_equal(draw_faces(blank(), faces), draw_faces(blank(), faces))


@given(
    st.integers(1, 400),
    st.integers(1, 400),
    st.lists(st.tuples(*[st.floats(0, 1, width=32)] * 4), max_size=5),
)
def test_boxes_anywhere_can_be_drawn(
    height: int, width: int, corners: list[tuple[float, float, float, float]]
) -> None:
    image = blank(height, width)
    faces = [
        face((x * width, y * height, x * width + w * width + 1, y * height + h * height + 1))
        for x, y, w, h in corners
    ]
    drawn = draw_faces(image, faces)
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert changed(image, drawn).any() == bool(faces)


def test_a_style_leaves_things_out() -> None:
    image, one = blank(), face((100, 100, 200, 220))
    full, boxes = (draw_faces(image, [one], style=style) for style in ("full", "boxes"))
    np.testing.assert_array_equal(draw_faces(image, [one], style="none"), image)
    assert changed(image, full).sum() > changed(image, boxes).sum() > 0
    assert boxes[160, 100].tolist() == rgb("happy")


def test_in_a_mirror_faces_change_sides_and_letters_stay_readable() -> None:
    image = blank()
    image[:, :50] = 0
    drawn = draw_faces(image, [face((100, 100, 200, 220))], style="boxes", mirror=True)
    assert (drawn[300:, -50:] == 0).all()
    assert drawn[160, 640 - 100].tolist() == rgb("happy")
    there = draw_faces(blank(), [face((440, 100, 540, 220))], style="boxes")
    np.testing.assert_array_equal(drawn[:300, :500], there[:300, :500])


def test_a_label_of_another_model_is_drawn_too() -> None:
    probabilities = np.array([[0.9, 0.1]], np.float32)
    calm = faces_with(probabilities, labels=("calm", "tired"), boxes=[(100, 100, 200, 220)])
    assert changed(blank(), draw_faces(blank(), calm)).any()
