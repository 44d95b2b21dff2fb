from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.explain.explanation import Explainer, Explanation, load_explainer, occlusion_map
from fer_core.explain.grad_cam import GradCam
from fer_core.labels.emotions import FER2013
from fer_core.preprocessing.face_layout import EYES_AT, MOUTH_AT, REGIONS
from fer_core.preprocessing.preprocess import PreprocessingConfig
from fer_core.zoo.cards import Member, ModelCard, WeightsFile, members_checksum
from fer_core.zoo.classifier import Classifier, load_classifier

pytestmark = pytest.mark.usefixtures("models_dir")
SIDE = 48


def noise() -> NDArray[np.float32]:
    return np.random.default_rng(5).standard_normal((SIDE, SIDE, 1), np.float32)


def looks_at(top: int, left: int, size: int = 8) -> Classifier:
    """A classifier that is happy as far as one square of the face is bright, else neutral."""
    card = ModelCard.model_construct(
        name="square",
        labels=FER2013,
        action_units=(),
        input_shape=(SIDE, SIDE, 1),
        preprocessing=PreprocessingConfig(),
        temperature=None,
    )

    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        brightness = faces[:, top : top + size, left : left + size].mean(axis=(1, 2, 3))
        probabilities = np.zeros((len(faces), len(FER2013)), np.float32)
        probabilities[:, FER2013.index("happy")] = np.clip(brightness, 0, 1)
        probabilities[:, FER2013.index("neutral")] = 1 - np.clip(brightness, 0, 1)
        return probabilities

    return Classifier(card, run)


def bright_square(top: int, left: int, size: int = 8) -> NDArray[np.float32]:
    face = np.zeros((SIDE, SIDE, 1), np.float32)
    face[top : top + size, left : left + size] = 1.0
    return face


def center_of(map_: NDArray[np.float32]) -> tuple[float, float]:
    rows, columns = np.indices(map_.shape)
    return float((map_ * rows).sum() / map_.sum()), float((map_ * columns).sum() / map_.sum())


@pytest.mark.parametrize(("top", "left"), [(20, 20), (4, 30), (36, 8)])
def test_occlusion_finds_the_region_a_prediction_depends_on(top: int, left: int) -> None:
    found = occlusion_map(looks_at(top, left), bright_square(top, left), "happy")
    assert center_of(found.map) == pytest.approx((top + 3.5, left + 3.5), abs=1.5)
    assert found.map.max() == 1
    # Covered by the mean gray, only what that still gives is left.
    assert found.largest_drop == pytest.approx(1 - 64 / SIDE**2, abs=1e-4)
    outside = np.ones((SIDE, SIDE), bool)
    outside[max(0, top - 12) : top + 20, max(0, left - 12) : left + 20] = False
    assert not found.map[outside].any()


def test_where_nothing_speaks_for_a_class_the_map_is_empty() -> None:
    found = occlusion_map(looks_at(20, 20), bright_square(20, 20), "neutral")
    assert found.is_empty
    assert found.largest_drop == 0
    assert found.to_frame()["share"].sum() == 0


def test_grad_cam_gives_a_map_of_the_face_for_every_class() -> None:
    explainer = load_explainer("tiny_a")
    face = noise()
    maps = [explainer.explain(face, label) for label in FER2013]
    for found in maps:
        assert found.map.shape == (SIDE, SIDE)
        assert found.map.dtype == np.float32
        assert found.is_empty or (found.map.min() >= 0 and found.map.max() == 1)
        assert found.grid == (12, 12)
    assert len({found.map.tobytes() for found in maps}) > 1


def fixed(map_: list[list[float]]) -> GradCam:
    """A cut model with one channel that is always this map."""
    features = np.array(map_, np.float32)[np.newaxis, np.newaxis]
    weights = np.ones((len(FER2013), 1))
    return GradCam(lambda faces: features, lambda maps: maps, False, weights)


def test_an_ensembles_map_is_the_weighted_mean_of_its_members() -> None:
    card = load_classifier("tiny_a").card
    members = [(0.75, fixed([[0, 2], [0, 0]])), (0.25, fixed([[8, 0], [0, 0]]))]
    found = Explainer(card, members).explain(noise(), "happy").map
    assert found[0, -1] == 1
    assert found[0, 0] == pytest.approx(1 / 3)
    assert found[-1, 0] == 0


def test_an_ensemble_is_explained_by_all_its_members(own_models_dir: Path) -> None:
    cards = [load_classifier(name).card for name in ("tiny_a", "tiny_b")]
    members = {
        card.name: Member(weight=weight, sha256=card.weights.sha256)
        for card, weight in zip(cards, (0.25, 0.75), strict=True)
    }
    ensemble = dict(cards[0]) | {
        "name": "both",
        "training": None,
        "members": members,
        "weights": WeightsFile(sha256=members_checksum(members), size_bytes=1),
    }
    (own_models_dir / "both").mkdir()
    text = ModelCard.model_validate(ensemble).to_json()
    (own_models_dir / "both" / "card.json").write_text(text)

    face = noise()
    explained = load_explainer("both")
    for label in FER2013:
        maps = [load_explainer(card.name).explain(face, label).map for card in cards]
        mean = 0.25 * maps[0] + 0.75 * maps[1]
        expected = mean / (mean.max() or 1)
        np.testing.assert_allclose(explained.explain(face, label).map, expected, atol=1e-5)


@pytest.mark.parametrize("label", ["bored", ""])
def test_an_unknown_class_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="angry, disgust"):
        load_explainer("tiny_a").explain(noise(), label)


def test_a_face_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(48, 48, 1\)"):
        occlusion_map(load_classifier("tiny_a"), noise()[:40], "happy")


def test_regions_cover_the_face_once_and_hold_eyes_and_mouth() -> None:
    edges = [edge for region in REGIONS.values() for edge in region]
    assert edges == sorted(edges)
    assert edges[1:-1:2] == edges[2::2]
    assert (edges[0], edges[-1]) == (0, 1)
    for part, at in (("brows and eyes", EYES_AT), ("mouth", MOUTH_AT)):
        top, bottom = REGIONS[part]
        assert top < at < bottom


def test_shares_by_region_sum_to_1_and_follow_the_map() -> None:
    map_ = np.zeros((SIDE, SIDE), np.float32)
    map_[round(MOUTH_AT * SIDE), 20:28] = 1
    frame = Explanation(map_, "happy", "grad_cam", "a", (6, 6)).to_frame()
    assert frame.set_index("region")["share"]["mouth"] == pytest.approx(1)
    flat = Explanation(np.ones_like(map_), "happy", "grad_cam", "a", (6, 6)).to_frame()
    assert flat["share"].sum() == pytest.approx(1)
