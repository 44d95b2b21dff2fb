from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.comparison.aligned_predictions import align_predictions
from fer_core.evaluation.dataset.embedding_map import MAP_SPLIT, FeatureMap
from fer_core.zoo.artifacts import MAP_FILE, write_feature_map
from fer_core.zoo.store import ModelStore
from tests.tiny_map import tiny_map, write_tiny_map

STORE = ModelStore(Path(__file__).resolve().parents[5] / "models")
MAPPED = [
    card.name
    for card in STORE.list_models().cards
    if not card.members and card.protocol.report_split == MAP_SPLIT
]


def test_what_was_written_is_read(own_models_dir: Path) -> None:
    written = write_tiny_map("tiny_a")
    found = ModelStore.default().load_feature_map("tiny_a")
    assert found is not None
    assert found.row_id.tolist() == written.row_id.tolist()
    assert found.trustworthiness == written.trustworthiness
    for projection, xy in written.xy.items():
        np.testing.assert_array_equal(found.xy[projection], xy)


@pytest.mark.usefixtures("models_dir")
def test_a_model_may_have_no_map() -> None:
    assert ModelStore.default().load_feature_map("tiny_a") is None


def test_a_map_of_other_weights_is_refused(own_models_dir: Path) -> None:
    write_feature_map(own_models_dir / "tiny_a" / MAP_FILE, tiny_map("tiny_b"))
    with pytest.raises(ModelError, match="computed with other weights than those of 'tiny_a'"):
        ModelStore.default().load_feature_map("tiny_a")


def test_a_damaged_map_is_refused(own_models_dir: Path) -> None:
    path = own_models_dir / "tiny_a" / MAP_FILE
    path.write_bytes(b"PK no archive")
    with pytest.raises(ModelError, match=r"map\.npz cannot be read"):
        ModelStore.default().load_feature_map("tiny_a")
    np.savez(path, weights_sha256=np.array("0"))
    with pytest.raises(ModelError, match="trustworthiness' is missing"):
        ModelStore.default().load_feature_map("tiny_a")


def test_places_must_be_finite_and_one_for_each_row() -> None:
    xy = np.zeros((3, 2), np.float32)
    for wrong in (xy[:2], np.full_like(xy, np.nan)):
        with pytest.raises(ValueError, match="tsne must be 3 pairs of finite numbers"):
            FeatureMap("0", np.arange(3), {"pca": xy, "tsne": wrong}, {"pca": 1.0, "tsne": 1.0})


@pytest.mark.usefixtures("models_dir")
def test_predictions_are_matched_to_rows_in_any_order() -> None:
    feature_map = tiny_map("tiny_a")
    aligned = align_predictions(
        {"tiny_a": ModelStore.default().load_predictions("tiny_a")[MAP_SPLIT]}
    )
    some = aligned.take(np.array([5, 0, 3]))
    frame = feature_map.of(some, "tiny_a", "pca").to_frame()
    place = dict(zip(feature_map.row_id.tolist(), feature_map.xy["pca"].tolist(), strict=True))
    assert frame[["x", "y"]].to_numpy().tolist() == [place[row] for row in some.row_id.tolist()]
    assert frame["predicted"].tolist() == [some.labels[at] for at in some.predicted_by("tiny_a")]
    assert frame["is_correct"].tolist() == (~some.is_error("tiny_a")).tolist()


@pytest.mark.usefixtures("models_dir")
def test_predictions_not_covered_by_the_map_are_an_error() -> None:
    aligned = align_predictions(
        {"tiny_a": ModelStore.default().load_predictions("tiny_a")[MAP_SPLIT]}
    )
    whole = tiny_map("tiny_a")
    for rows in (len(aligned) - 1, 0):
        xy = {projection: places[:rows] for projection, places in whole.xy.items()}
        part = FeatureMap(whole.weights_sha256, whole.row_id[:rows], xy, whole.trustworthiness)
        with pytest.raises(ModelError, match="does not cover all its predictions"):
            part.of(aligned, "tiny_a", "tsne")


@pytest.mark.parametrize("name", MAPPED)
def test_a_saved_models_map_is_of_its_weights_and_rows(name: str) -> None:
    found = STORE.load_feature_map(name)
    assert found is not None, "make it with python -m training.artifacts.embedding_map"
    assert found.weights_sha256 == STORE.load_scored_card(name).weights.sha256
    covered = STORE.load_predictions(name)[MAP_SPLIT]
    assert sorted(found.row_id.tolist()) == sorted(covered.row_id.tolist())
    for projection, xy in found.xy.items():
        assert xy.std(axis=0).min() > 0
        assert 0.7 < found.trustworthiness[projection] <= 1


@pytest.mark.parametrize("name", MAPPED)
def test_a_saved_models_map_keeps_equal_predictions_together(name: str) -> None:
    """Nearest neighbors on a map of this model mostly have the same prediction."""
    from sklearn.neighbors import NearestNeighbors

    found = STORE.load_feature_map(name)
    assert found is not None
    aligned = align_predictions({name: STORE.load_predictions(name)[MAP_SPLIT]})
    points = found.of(aligned, name, "tsne")
    nearest = NearestNeighbors(n_neighbors=2).fit(points.xy).kneighbors(return_distance=False)
    assert (points.predicted[nearest] == points.predicted[:, None]).mean() > 0.7
