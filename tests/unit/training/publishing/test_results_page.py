"""Tables of models: one per dataset, since scores on different datasets do not compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.benchmark import PriorEffect
from fer_core.evaluation.comparison.accuracy_comparison import compare_all, compare_correctness
from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions
from fer_core.evaluation.result_types import ClassScore
from fer_core.zoo.cards import ModelCard
from tests.scored_cards import read_scored_card
from training.publishing.markdown import row
from training.publishing.model_readme import render_readme
from training.publishing.result_tables import render_results
from training.publishing.results_page import render_results_page

NOTHING: dict[str, Any] = {"noise": {}, "sets": {}, "priors": {}, "prior_power": 0.5}


@pytest.fixture
def cards(tiny_units_dir: Path) -> list[ModelCard]:
    """Two models of FER2013, one of FER+ and one of CK+, with made-up scores."""
    first, second, units = (
        read_scored_card(tiny_units_dir / name / "card.json")
        for name in ("tiny_a", "tiny_b", "tiny_units")
    )
    protocol = first.protocol.model_copy(update={"dataset": "FER+"})
    changes = {"name": "plus", "protocol": protocol, "seven_classes": first.reported}
    return [first, second, first.model_copy(update=changes), units]


def test_each_dataset_has_a_table(cards: list[ModelCard]) -> None:
    fer2013, ferplus, ckplus, _ = render_results(cards).split("\n\n")
    for name, table in (("tiny_a", fer2013), ("plus", ferplus), ("tiny_units", ckplus)):
        assert name in table
        assert sum(name in each for each in (fer2013, ferplus, ckplus)) == 1
    seven = cards[2].seven_classes
    assert seven is not None
    assert seven.weighted_f1.percent() in ferplus
    assert "Accuracy, 7 classes" in ferplus


def test_results_page_has_the_same_tables(cards: list[ModelCard]) -> None:
    page = render_results_page(cards, None, **NOTHING)
    private_test, after = page.split("## FER+, test")
    assert "plus" not in private_test.split("## FER2013, PrivateTest")[1]
    assert "[plus](../models/plus/README.md)" in after
    assert "## FER+" not in render_results_page(cards[:2], None, **NOTHING)


def test_readme_of_a_model_states_its_score_in_seven_classes(cards: list[ModelCard]) -> None:
    assert "contempt merged into neutral" in render_readme(cards[2])
    assert "contempt merged into neutral" not in render_readme(cards[0])


def test_ckplus_models_are_compared_with_constant_baselines(
    cards: list[ModelCard],
) -> None:
    section = render_results_page(cards, None, **NOTHING).split("## CK+")[1].split("\n## ")[0]
    metrics = cards[3].ckplus
    assert metrics is not None
    baselines = metrics.baselines
    for name, averages in (
        ("all absent", baselines.all_absent),
        ("prevalence", baselines.prevalence),
    ):
        row = f"| {name} | macro, all 15 units | {averages.macro_all_units.accuracy:.3f} |"
        assert row in section
    assert f"| most frequent class | {baselines.emotion.accuracy.percent()} |" in section
    assert "Its averaging is not stated" in section
    assert "CK+" not in render_results_page(cards[:3], None, **NOTHING)


def test_results_page_has_every_paired_difference(
    cards: list[ModelCard],
) -> None:
    predicted = np.zeros((100, 3), int)
    predicted[:30, 1] = predicted[30:32, 2] = 1
    probabilities = np.eye(2, dtype=np.float32)[predicted]
    aligned = AlignedPredictions(
        ("a", "b"), ("x", "y", "z"), np.arange(100), np.zeros(100, int), probabilities
    )
    pairs = compare_all(aligned)
    page = render_results_page(cards, pairs, **NOTHING)
    section = page.split("## Paired differences")[1].split("\n## ")[0]
    assert "2 of 3 pairs differ significantly" in section
    assert "from 28.0 points on; of the others the largest difference is 2.0 points" in section
    pair = pairs.comparisons["x", "y"]
    assert f"| +30.0 [{pair.low * 100:+.1f}, {pair.high * 100:+.1f}] | 4.58 |" in section
    assert "## Paired differences" not in render_results_page(cards, None, **NOTHING)


def test_prior_correction_is_shown_without_models_of_ck_plus(cards: list[ModelCard]) -> None:
    effect = compare_correctness(np.arange(100) < 60, np.arange(100) < 57)
    effects = {"Home": PriorEffect(effect, None), "Elsewhere": PriorEffect(effect, effect)}
    given = NOTHING | {"priors": {"tiny_a": effects}}
    section = render_results_page(cards[:2], None, **given).split("## Prior correction")[1]
    assert "| Model | Own test split | Elsewhere |" in section
    cell = f"+3.0 [{effect.low * 100:+.1f}, {effect.high * 100:+.1f}]"
    name = "[tiny_a](../models/tiny_a/README.md)"
    assert f"| {name} | {cell} | {cell} |" in section
    assert f"| {name} |  | {cell} |" in section  # the estimate was refused at home


def test_table_cells_are_formatted_and_escaped() -> None:
    assert row(("a|b", 0.12345, 3589, None, float("nan"))) == r"| a\|b | 0.123 | 3,589 |  |  |"


def test_correct_predictions_of_contempt_are_counted(cards: list[ModelCard]) -> None:
    plus = cards[2]
    assert "contempt" not in render_results(cards[:2])
    scores = dict(plus.reported.per_class)
    some = next(iter(scores.values()))
    scores["contempt"] = some.model_copy(
        update={"support": 15, "recall": some.recall.model_copy(update={"value": 4 / 15})}
    )
    never = scores["contempt"].model_copy(
        update={"recall": some.recall.model_copy(update={"value": 0.0})}
    )
    said = render_results(
        [named(plus, "good", scores), named(plus, "bad", scores | {"contempt": never})]
    )
    assert "of the 15 test faces labeled contempt" in said
    assert "good 4" in said
    assert "bad none" in said


def named(card: ModelCard, name: str, per_class: dict[str, ClassScore]) -> ModelCard:
    """Returns the card with this name and these scores by class."""
    split = card.protocol.report_split
    reported = card.reported.model_copy(update={"per_class": per_class})
    metrics = {**card.metrics, split: {**card.metrics[split], "plain": reported}}
    return card.model_copy(update={"name": name, "metrics": metrics})


def test_epochs_and_teachers_are_listed(cards: list[ModelCard]) -> None:
    first, second = cards[:2]
    assert first.training is not None
    recipe = first.training.recipe | {"distillation": {"teachers": ["../tiny_b"]}}
    training = first.training.model_copy(update={"recipe": recipe, "epochs": 7})
    distilled = first.model_copy(update={"training": training})
    section = render_results_page([distilled, second], None, **NOTHING).split(
        "## How they were trained"
    )[1]
    assert "1 of 2 models were distilled" in section
    assert "| [tiny_a](../models/tiny_a/README.md) | random weights | tiny_b | 7" in section
    assert "| tiny_b |" in render_results([distilled, second])
