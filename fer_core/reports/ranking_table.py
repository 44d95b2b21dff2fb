"""The saved models, ranked, as a table in plain HTML.

It is drawn at once, and on a phone its first columns are legible without scrolling. A grid to sort
and to choose from needs pandas, which Home does without; it stands on the Compare page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fer_core.plots import MODEL_COLORS
from fer_core.reports.html import Html, tag
from fer_core.zoo import LatencyResult, ModelCard

_LINE: Final = "1px solid rgba(128,132,149,0.3)"
_TABLE: Final = "width:100%;border-collapse:collapse;font-size:0.875rem;line-height:1.35rem"
_CELL: Final = f"padding:0.45rem 0.75rem 0.45rem 0;border-bottom:{_LINE}"
_WORDS: Final = f"{_CELL};text-align:left;font-weight:400"
_NUMBER: Final = (
    f"{_CELL};text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;font-weight:400"
)
_FAINT: Final = "opacity:0.7"
_HIDDEN: Final = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
_TRACK: Final = (
    "position:relative;height:0.5rem;min-width:3rem;border-radius:4px;"
    "background:rgba(128,132,149,0.2)"
)
_HEADS: Final = ("Macro-F1", "One face here", "Size", "Weights")


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


def ranking_table(rows: Iterable[tuple[ModelCard, LatencyResult | None]], *, caption: str) -> Html:
    """Draws models with their accuracy, its interval, and what they cost.

    Args:
        rows: the cards, the best first, and how long each takes for one face here if that is known.
        caption: what they have in common; read aloud, not seen.
    """
    heads = (
        tag("th", "Model", scope="col", style=f"{_WORDS};{_FAINT}"),
        tag("th", "Accuracy", scope="colgroup", colspan="2", style=f"{_WORDS};{_FAINT}"),
        *(tag("th", head, scope="col", style=f"{_NUMBER};{_FAINT}") for head in _HEADS),
    )
    inside = tag(
        "table",
        tag("caption", caption, style=_HIDDEN),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *(_row(card, latency) for card, latency in rows)),
        style=_TABLE,
    )
    style = "overflow-x:auto"
    return tag("div", inside, style=style, role="region", tabindex="0", aria_label=caption)


def _row(card: ModelCard, latency: LatencyResult | None) -> Html:
    accuracy = card.reported.accuracy
    value = tag("div", f"{accuracy.value:.1%}", style="font-weight:600")
    interval = tag("div", f"{accuracy.low:.1%} to {accuracy.high:.1%}", style=_FAINT)
    without = card.reported.without_training_twins
    unseen = (
        ()
        if without is None
        else (tag("div", f"{without.accuracy.value:.1%} without duplicates", style=_FAINT),)
    )
    numbers = (
        f"{card.reported.macro_f1.value:.3f}",
        "–" if latency is None else _time(latency),
        f"{card.weights.size_bytes / 1e6:.1f} MB",
        f"{card.parameters / 1e6:.1f} M",
    )
    return tag(
        "tr",
        tag("th", card.title, scope="row", style=f"{_WORDS};min-width:7rem"),
        tag("td", value, interval, *unseen, style=f"{_WORDS};white-space:nowrap"),
        tag("td", _bar(accuracy.low, accuracy.high), style=f"{_CELL};width:30%"),
        *(tag("td", number, style=_NUMBER) for number in numbers),
    )


def _time(latency: LatencyResult) -> Html:
    half = tag("div", f"{latency.p50_ms:.1f} ms")
    return Html(f"{half}{tag('div', f'95 % in {latency.p95_ms:.1f} ms', style=_FAINT)}")


def _bar(low: float, high: float) -> Html:
    """A bar from 0 to 100 %, pale where the interval is."""
    place = f"position:absolute;top:0;bottom:0;background:{MODEL_COLORS[0]}"
    sure = f"{place};left:0;width:{low:.2%};border-radius:4px 0 0 4px"
    unsure = f"{place};left:{low:.2%};width:{high - low:.2%};opacity:0.45"
    return tag(
        "div", tag("div", style=sure), tag("div", style=unsure), style=_TRACK, aria_hidden="true"
    )
