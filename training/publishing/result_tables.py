"""Tables of the saved models for README.md and docs/results.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fer_core.benchmark import OutsideScores, outside_scores, shipped_evaluations
from fer_core.evaluation.scores import CKPLUS_PROTOCOL_IN_WORDS
from fer_core.reports import ranked_by_dataset
from fer_core.zoo import ModelCard
from training.publishing.markdown import render

_CONTEMPT: Final = "contempt"


def render_results(cards: Sequence[ModelCard]) -> str:
    """Returns the Markdown tables of README.md, one per dataset."""
    return render("readme_results.md", **shared_values(cards, root="")).strip()


def shared_values(cards: Sequence[ModelCard], *, root: str) -> dict[str, Any]:
    """Returns the template values that both documents share.

    Args:
        cards: of the saved models, in any order.
        root: path from the document to the project, such as `../`.
    """
    by_dataset = ranked_by_dataset(cards)
    ferplus = by_dataset.get("FER+", ())
    contempt = {
        card.name: card.reported.per_class[_CONTEMPT]
        for card in ferplus
        if _CONTEMPT in card.reported.per_class
    }
    ckplus = [card for card in cards if card.ckplus is not None]
    ranked = [card for group in by_dataset.values() for card in group]
    outside = outside_scores([*ranked, *ckplus], shipped_evaluations())
    return {
        "root": root,
        "by_dataset": by_dataset,
        "ferplus": ferplus,
        "contempt": [
            f"{name} {round(score.recall.value * score.support) or 'none'}"
            for name, score in contempt.items()
        ],
        "contempt_faces": next((score.support for score in contempt.values()), None),
        "ckplus": ckplus,
        "ckplus_protocol": CKPLUS_PROTOCOL_IN_WORDS,
        "outside": outside,
        "outside_ranges": _ranges(outside),
        "rare_units": dict.fromkeys(
            unit
            for card in ckplus
            if card.ckplus is not None
            for unit in card.ckplus.by_sequence.action_units.rare_units
        ),
    }


def _ranges(outside: Sequence[OutsideScores]) -> dict[str, tuple[float, float]]:
    """Lowest and highest accuracy by dataset, without models trained or selected on it."""
    found: dict[str, list[float]] = {}
    for each in outside:
        for name, score in each.by_set.items():
            if score is not None and not score.remark:
                found.setdefault(name, []).append(score.accuracy.value)
    return {name: (min(values), max(values)) for name, values in found.items()}
