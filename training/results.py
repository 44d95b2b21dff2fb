"""Recomputes every published number from the models' predictions.npz.

    python -m training.results

Rewrites the scores in every card, the README of every model folder, docs/results.md and the table
in README.md. It needs no dataset: everything is computed from files in the repository.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import typer

from fer_core.benchmark import (
    PriorEffect,
    SetCoverage,
    has_calibration_split,
    prior_effects,
    set_coverage,
    shipped_evaluations,
)
from fer_core.errors import FerError, ModelError, PriorError
from fer_core.evaluation.comparison import (
    OtherLabels,
    PairwiseComparisons,
    against_other_labels,
    align_predictions,
    compare_all,
)
from fer_core.files import atomic_write_text
from fer_core.paths import PROJECT
from fer_core.reports import ranked_by_dataset
from fer_core.zoo import CARD_FILE, PREDICTIONS_FILE, ModelCard, ModelStore, rescored
from training.publishing import render_readme, render_results, render_results_page
from training.terminal import run

ROOT: Final = PROJECT
README: Final = ROOT / "README.md"
RESULTS_PAGE: Final = ROOT / "docs" / "results.md"

_COVERAGE: Final = 0.9
_PRIOR_POWER: Final = 0.5


def with_results(text: str, table: str, *, name: str = "results") -> str:
    """Returns the document with `table` between its markers, the comments `name:start/end`.

    Raises:
        ValueError: the document does not have both markers.
    """
    opening, closing = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before, start, rest = text.partition(opening)
    _, end, after = rest.partition(closing)
    if not (start and end):
        raise ValueError(f"The document needs the markers {opening} and {closing}.")
    return f"{before}{opening}\n{table}\n{closing}{after}"


def rescore(folder: Path, card: ModelCard) -> ModelCard:
    """Writes the card and README of a model folder with scores computed from its predictions.

    Raises:
        ModelError: predictions.npz cannot be read.
    """
    card = rescored(card, folder / PREDICTIONS_FILE)
    atomic_write_text(folder / CARD_FILE, card.to_json())
    atomic_write_text(folder / "README.md", render_readme(card))
    return card


def compare_saved_models(
    cards: Sequence[ModelCard], store: ModelStore
) -> PairwiseComparisons | None:
    """Compares the FER2013 models with each other on the test split, without augmentation.

    Args:
        cards: cards of the saved models, in any order.
        store: where they are.

    Returns:
        The comparison; None for fewer than two models.

    Raises:
        ModelError: predictions.npz cannot be read.
    """
    ranked = ranked_by_dataset(cards).get("FER2013", ())
    if len(ranked) < 2:
        return None
    predictions = {
        card.name: store.load_predictions(card.name)[card.protocol.report_split] for card in ranked
    }
    return compare_all(align_predictions(predictions))


def label_noise(cards: Sequence[ModelCard], store: ModelStore) -> dict[str, OtherLabels]:
    """Scores the FER2013 models on the test split against the FER+ majority of the same faces.

    Args:
        cards: of the saved models, in any order.
        store: where they are.

    Returns:
        By model, best first; empty without a model of FER+, whose predictions hold its labels.
    """
    by_dataset = ranked_by_dataset(cards)
    if not by_dataset.get("FER+"):
        return {}
    plus = by_dataset["FER+"][0]
    majority = store.load_predictions(plus.name)[plus.protocol.report_split]
    names = np.array(majority.labels)[majority.label]
    scores = {
        card.name: against_other_labels(
            store.load_predictions(card.name)[card.protocol.report_split], majority.row_id, names
        )
        for card in by_dataset.get("FER2013", ())
    }
    return {name: each for name, each in scores.items() if each is not None}


def set_coverages(cards: Sequence[ModelCard], store: ModelStore) -> dict[str, SetCoverage]:
    """Scores the prediction sets with 90% coverage of every model that can have them.

    Args:
        cards: of the saved models.
        store: where they are.
    """
    evaluations = shipped_evaluations()
    return {
        card.name: set_coverage(card, store.load_predictions(card.name), evaluations, _COVERAGE)
        for card in cards
        if has_calibration_split(card)
    }


def prior_effects_of(
    cards: Sequence[ModelCard], store: ModelStore
) -> dict[str, Mapping[str, PriorEffect]]:
    """Measures prior correction of every model whose class shares in training are known.

    Args:
        cards: of the saved models.
        store: where they are.
    """
    evaluations = shipped_evaluations()
    found = {}
    for card in cards:
        with suppress(PriorError):
            predictions = store.load_predictions(card.name)
            found[card.name] = prior_effects(card, predictions, evaluations, _PRIOR_POWER)
    return found


def results_page(cards: Sequence[ModelCard], store: ModelStore) -> str:
    """Returns the text of docs/results.md, computed from the cards and the saved predictions.

    Args:
        cards: of the saved models, in any order.
        store: where they are.
    """
    return render_results_page(
        cards,
        compare_saved_models(cards, store),
        noise=label_noise(cards, store),
        sets=set_coverages(cards, store),
        priors=prior_effects_of(cards, store),
        prior_power=_PRIOR_POWER,
    )


def main() -> None:
    """Recomputes every published number; see the module's docstring."""
    try:
        store = ModelStore.default()
        listing = store.list_models()
        if listing.broken:
            raise ModelError(listing.broken[0].message)
        cards = [rescore(store.model_folder(card.name), card) for card in listing.cards]
        page = results_page(cards, store)
    except FerError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
    table = render_results(cards)
    atomic_write_text(README, with_results(README.read_text("utf-8"), table))
    atomic_write_text(RESULTS_PAGE, page)
    typer.echo(table)


if __name__ == "__main__":
    run(main)
