"""Prediction sets in words."""

from __future__ import annotations

from collections.abc import Sequence

from fer_core.benchmark import SetCoverage


def either_of(labels: Sequence[str]) -> str:
    """Returns labels joined by commas and `or`: `angry, disgust or fear`.

    Args:
        labels: at least one.
    """
    *first, last = labels
    return f"{', '.join(first)} or {last}" if first else last


def coverage_sentence(found: SetCoverage, home: str) -> str:
    """Returns how often the sets hold the labeled expression, at home and outside, as Markdown.

    Args:
        found: of a model.
        home: title of its test split.
    """
    wanted, scores = found.sets.coverage, found.home
    sentence = (
        f"On {home}, the set holds the labeled expression of **{scores.coverage.value:.1%}** of "
        f"the faces ({wanted:.0%} requested), with {scores.mean_size:.1f} expressions on average."
    )
    broken = [
        f"{title} ({each.coverage.value:.0%})"
        for title, each in found.outside.items()
        if each.coverage.high < wanted
    ]
    if broken:
        sentence += f" It does not reach {wanted:.0%} on {' and '.join(broken)}."
    return sentence
