"""Recomputes every published number from the models' predictions.npz.

    python -m training.results

Rewrites the scores in every card, the README of every model folder, docs/results.md and the table
in README.md. It needs no dataset: everything is computed from files in the repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from fer_core.errors import FerError, ModelError
from fer_core.evaluation.comparison import PairwiseComparisons, align_predictions, compare_all
from fer_core.files import atomic_write_text
from fer_core.paths import PROJECT
from fer_core.reports import ranked_by_dataset
from fer_core.zoo import CARD_FILE, PREDICTIONS_FILE, ModelCard, ModelStore, rescored
from training.publishing import render_readme, render_results, render_results_page
from training.terminal import run

ROOT: Final = PROJECT
README: Final = ROOT / "README.md"
RESULTS_PAGE: Final = ROOT / "docs" / "results.md"


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


def main() -> None:
    """Recomputes every published number; see the module's docstring."""
    try:
        store = ModelStore.default()
        listing = store.list_models()
        if listing.broken:
            raise ModelError(listing.broken[0].message)
        cards = [rescore(store.model_folder(card.name), card) for card in listing.cards]
        pairs = compare_saved_models(cards, store)
    except FerError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
    table = render_results(cards)
    atomic_write_text(README, with_results(README.read_text("utf-8"), table))
    atomic_write_text(RESULTS_PAGE, render_results_page(cards, pairs))
    typer.echo(table)


if __name__ == "__main__":
    run(main)
