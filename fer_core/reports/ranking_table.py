"""The saved models, ranked, as a table in plain HTML.

It is drawn at once, and on a phone its first columns are legible without scrolling. A grid to sort
and to choose from needs pandas, which Home does without; it stands on the Compare page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fer_core.plots import MODEL_COLORS
from fer_core.reports.templating import TEMPLATES
from fer_core.zoo import LatencyResult, ModelCard


def ranked_by_dataset(cards: Sequence[ModelCard]) -> dict[str, tuple[ModelCard, ...]]:
    """Returns the models of emotions alone, by the dataset whose faces they are measured on.

    Within a dataset the most accurate comes first; between datasets accuracies do not compare. A
    model that also reads action units is measured on posed peaks, and is in none.

    Args:
        cards: of any models; the datasets come in their order.
    """
    found: dict[str, list[ModelCard]] = {}
    for card in cards:
        if card.task == "emotion":
            found.setdefault(card.protocol.dataset, []).append(card)
    return {
        dataset: tuple(sorted(group, key=lambda card: -card.reported.accuracy.value))
        for dataset, group in found.items()
    }


def ranking_table(rows: Iterable[tuple[ModelCard, LatencyResult | None]], *, caption: str) -> str:
    """Draws models with their accuracy, its interval, and what they cost.

    Args:
        rows: the cards, the best first, and how long each takes for one face here if that is known.
        caption: what they have in common; read aloud, not seen.
    """
    template = TEMPLATES.get_template("ranking_table.html")
    return template.render(rows=rows, caption=caption, color=MODEL_COLORS[0])
