"""The saved models, ranked, as a table in plain HTML.

It loads fast, and on a phone its first columns are legible without scrolling. A sortable grid needs
pandas, which Home avoids; the Compare page has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fer_core.plots import MODEL_COLORS
from fer_core.reports.templating import TEMPLATES
from fer_core.zoo import LatencyResult, ModelCard, RunnableCard


def ranked_by_dataset(cards: Sequence[ModelCard]) -> dict[str, tuple[ModelCard, ...]]:
    """Returns the emotion-only models by the dataset they are evaluated on, most accurate first.

    Accuracies on different datasets do not compare. Models that also predict action units are
    evaluated on posed peak frames and are left out.

    Args:
        cards: of any models; datasets keep their order.
    """
    found: dict[str, list[ModelCard]] = {}
    for card in cards:
        if card.task == "emotion":
            found.setdefault(card.protocol.dataset, []).append(card)
    return {
        dataset: tuple(sorted(group, key=lambda card: -card.reported.accuracy.value))
        for dataset, group in found.items()
    }


def ranking_table(
    rows: Iterable[tuple[RunnableCard, LatencyResult | None]], *, caption: str
) -> str:
    """Draws models with their accuracy, its interval, and their cost; dashes without scores.

    Args:
        rows: cards, best first, each with its latency on this machine if known.
        caption: for screen readers only.
    """
    template = TEMPLATES.get_template("ranking_table.html")
    return template.render(rows=rows, caption=caption, color=MODEL_COLORS[0])
