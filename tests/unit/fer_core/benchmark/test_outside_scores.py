"""The included evaluations of the saved models on other datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from fer_core.benchmark import OutsideScore, outside_scores, shipped_evaluations
from fer_core.benchmark.summary import entry_scores
from fer_core.evaluation.scores import wilson
from fer_core.labels import split_title
from fer_core.paths import PROJECT
from fer_core.reports import outside_table
from fer_core.zoo.store import ModelStore

CARDS = ModelStore(PROJECT / "models").list_models().cards


ByName = dict[str, Mapping[str, OutsideScore | None]]


@pytest.fixture(scope="module")
def scores() -> ByName:
    return {each.card.name: each.by_set for each in outside_scores(CARDS, shipped_evaluations())}


def test_every_saved_model_was_evaluated_with_its_present_weights(scores: ByName) -> None:
    assert set(scores) == {card.name for card in CARDS}
    for card in CARDS:
        missing = {name for name, score in scores[card.name].items() if score is None}
        assert missing == (set() if card.task == "emotion" else {"JAFFE", "muxspace"}), card.name


def test_an_accuracy_has_one_interval_in_every_table(scores: ByName) -> None:
    for evaluation in shipped_evaluations():
        shown = scores["cnn"][split_title(evaluation.name)]
        assert shown is not None
        assert entry_scores(evaluation, "cnn").all_photos.accuracy == shown.accuracy


def test_models_of_ck_plus_are_out_of_fold_on_it_and_others_are_not(scores: ByName) -> None:
    out_of_fold = {
        name for name, by_set in scores.items() if (on := by_set["CK+48"]) and on.is_out_of_fold
    }
    assert out_of_fold == {card.name for card in CARDS if card.task != "emotion"}


def test_accuracy_counts_photos_without_a_face_as_errors() -> None:
    (muxspace,) = [each for each in shipped_evaluations() if each.name == "muxspace"]
    card = CARDS[0]
    (found,) = outside_scores([card], [muxspace])
    score = found.by_set["muxspace"]
    assert score is not None
    entry = muxspace.entries[card.name]
    hits = int(muxspace.predictions(card.name).is_correct.sum())
    assert score.accuracy == wilson(hits, len(muxspace.photos))
    assert score.detection_rate == len(entry.row) / len(muxspace.photos) < 1


def test_other_weights_have_no_score() -> None:
    card = CARDS[0]
    changed = card.model_copy(
        update={"weights": card.weights.model_copy(update={"sha256": "0" * 64})}
    )
    assert outside_scores([changed], shipped_evaluations()) == ()


def test_evaluations_hold_no_pictures_and_few_bytes() -> None:
    folder = PROJECT / "fer_core" / "assets" / "evaluations"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".parquet", ".npz"}
    assert sum(path.stat().st_size for path in files) < 2_000_000


def test_the_table_has_a_dash_where_a_model_was_not_evaluated() -> None:
    scores = outside_scores(CARDS, shipped_evaluations())
    text = outside_table(scores, caption="Other datasets")
    assert text.count("<tr>") == 1 + len(CARDS)
    assert text.count("–</td>") == 2 * sum(card.task != "emotion" for card in CARDS)
    first = replace(scores[0], by_set=dict.fromkeys(scores[0].by_set))
    assert outside_table([first], caption="None").count("–</td>") == len(first.by_set)
