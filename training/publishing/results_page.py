"""Renders docs/results.md: protocols, every model's scores, published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fer_core.benchmark import PriorEffect, SetCoverage
from fer_core.evaluation.comparison import SIGNIFICANCE_LEVEL, OtherLabels, PairwiseComparisons
from fer_core.evaluation.dataset import HUMAN_ACCURACY, load_dataset_facts
from fer_core.reports import OUTSIDE_IN_WORDS, ferplus_counts, overlaps, rare_units_sentence
from fer_core.zoo import ModelCard, initial_weights, is_from_scratch
from training.publishing.markdown import render
from training.publishing.result_tables import shared_values


def render_results_page(
    cards: Sequence[ModelCard],
    pairs: PairwiseComparisons | None,
    *,
    noise: Mapping[str, OtherLabels],
    sets: Mapping[str, SetCoverage],
    priors: Mapping[str, Mapping[str, PriorEffect]],
    prior_power: float,
) -> str:
    """Returns the text of docs/results.md.

    Args:
        cards: of the saved models, in any order.
        pairs: of the FER2013 models, on PrivateTest, plain; None with fewer than two.
        noise: the FER2013 models against the labels of FER+, by name.
        sets: prediction sets, by name of the model.
        priors: effects of prior correction, by name of the model, then title of the dataset.
        prior_power: with which they were measured.
    """
    shared = shared_values(cards, root="../")
    facts = load_dataset_facts()
    duplicates = facts.duplicates.by_split["PrivateTest"]
    fer2013 = shared["by_dataset"].get("FER2013", ())
    ranked = [card for group in shared["by_dataset"].values() for card in group]
    trained = [card for card in (*ranked, *shared["ckplus"]) if card.training is not None]
    return render(
        "results_page.md",
        **shared,
        overlaps=overlaps(facts.duplicates),
        faces_without_duplicates=duplicates.images - duplicates.duplicates,
        fer2013=fer2013,
        differences=None if pairs is None else _differences(pairs),
        ferplus_counts=ferplus_counts(facts),
        ranked=ranked,
        on_duplicates=_on_duplicates(fer2013),
        rare_units_sentence=rare_units_sentence,
        trained=trained,
        initial_weights=initial_weights,
        epochs_from_scratch=[
            card.training.epochs
            for card in trained
            if card.training is not None and is_from_scratch(card.training)
        ],
        human_accuracy=HUMAN_ACCURACY,
        outside_in_words=OUTSIDE_IN_WORDS,
        noise=[(card, noise[card.name]) for card in fer2013 if card.name in noise],
        sets=[(card, sets[card.name]) for card in ranked if card.name in sets],
        priors=[(card, priors[card.name]) for card in ranked if card.name in priors],
        prior_power=prior_power,
    )


def _differences(pairs: PairwiseComparisons) -> dict[str, Any]:
    """Every pair, smallest p-value first, and which differences are significant."""
    by_p_value = sorted(pairs.comparisons.items(), key=lambda item: item[1].p_value)
    points: dict[bool, list[float]] = {True: [], False: []}
    for names, pair in pairs.comparisons.items():
        is_significant = pairs.p_holm[names] < SIGNIFICANCE_LEVEL
        points[is_significant].append(abs(pair.difference) * 100)
    return {
        "pairs": [(names, pair, pairs.p_holm[names]) for names, pair in by_p_value],
        "standard_errors": [pair.standard_error * 100 for _, pair in by_p_value],
        "significant": points[True],
        "others": points[False],
    }


def _on_duplicates(cards: Sequence[ModelCard]) -> dict[str, Any] | None:
    """Accuracy on validation faces that are duplicates of training faces, and on the others."""
    scores = [
        (all_rows, without)
        for card in cards
        if (without := (all_rows := card.selected_on).without_training_duplicates) is not None
        and without.rows < all_rows.rows
    ]
    if not scores:
        return None
    return {
        "faces": scores[0][0].rows - scores[0][1].rows,
        "seen": [
            (all_rows.accuracy.value * all_rows.rows - without.accuracy.value * without.rows)
            / (all_rows.rows - without.rows)
            for all_rows, without in scores
        ],
        "unseen": [without.accuracy.value for _, without in scores],
    }
