"""The models of CK+ beside predictions that look at no face and beside a published figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fer_core.evaluation import Score
from fer_core.evaluation.scores import ActionUnitAverages, ActionUnitMetrics, CkPlusMetrics
from fer_core.reports.markdown.syntax import markdown_table
from fer_core.zoo import ModelCard

_ACTION_UNITS: Final = """\
Action units, beside predictions that look at no face and beside a published figure. *Micro* pools
the predictions of all units; *macro* is the mean over units. *All absent* says that no unit is ever
there. *Prevalence* gives each unit its share of the sequences as probability: its pooled ROC AUC is
above 0.5 although it cannot tell one face from another."""

_EMOTIONS: Final = "Emotions, beside always predicting the most frequent class."

_PUBLISHED: Final = """\
The published figure has no paper to cite: it comes from the README of a public project, "Facial
Emotion Detection", a ResNet50 on CK+ at 224x224 pixels. It is of one test set of unstated size,
split by person, and so of other faces. Its averaging is not stated. Its F1 is the harmonic mean of
its precision and recall, and its four scores of the three classes are equal, which is so for micro
averages, so compare it with those. By them its action units are about where *prevalence* is, and
its three classes about where the most frequent class is."""

_PUBLISHED_UNITS: Final = (
    "published figure, other faces",
    "not stated, as of micro",
    *("0.778", "0.516", "0.154", "0.237", "0.663"),
)
_PUBLISHED_CLASSES: Final = ("published figure, other faces", "", "", "51.6 %", "")


def render_ckplus_comparison(cards: Sequence[ModelCard]) -> list[str]:
    """Returns Markdown sections for docs/results.md, or nothing without a model scored on CK+.

    Args:
        cards: models of any kind.
    """
    scored = {card.name: card.ckplus for card in cards if card.ckplus is not None}
    if not scored:
        return []
    first = next(iter(scored.values()))
    # The baselines follow from the labels alone, which all these models share.
    baselines, units = first.baselines, first.by_sequence.action_units
    unit_rows = [
        *_unit_rows("all absent", baselines.all_absent, units),
        *_unit_rows("prevalence", baselines.prevalence, units),
        _PUBLISHED_UNITS,
    ]
    class_rows = [
        _class_row("most frequent class", baselines.emotion, baselines.high_level),
        _PUBLISHED_CLASSES,
    ]
    for name, metrics in scored.items():
        link, scores = f"[{name}](../models/{name}/README.md)", metrics.by_sequence
        unit_rows += _unit_rows(link, scores.action_units, scores.action_units)
        class_rows.append(_class_row(link, scores.emotion, scores.high_level))
    return [
        f"{_ACTION_UNITS}\n\n{rare_units_sentence(first)}".strip(),
        markdown_table(
            ("Who", "Average", "Accuracy", "Precision", "Recall", "F1", "ROC AUC"), unit_rows
        ),
        _EMOTIONS,
        markdown_table(
            (
                *("Who", "Accuracy, 7 classes", "Macro F1, 7 classes"),
                *("Accuracy, 3 classes", "Macro F1, 3 classes"),
            ),
            class_rows,
        ),
        _PUBLISHED,
    ]


def rare_units_sentence(metrics: CkPlusMetrics) -> str:
    """Returns which action units the averages leave out, and why; empty where none is."""
    units = metrics.by_sequence.action_units
    if not units.rare_units:
        return ""
    counted = [f"{name} ({units.per_unit[name].positive_sequences})" for name in units.rare_units]
    return (
        "Averages leave out units that are there in fewer than "
        f"{units.least_positive_sequences} sequences, {', '.join(counted)}, unless they say "
        '"all units".'
    )


def _unit_rows(
    who: str, averages: ActionUnitAverages, units: ActionUnitMetrics
) -> list[tuple[str, ...]]:
    every = len(units.per_unit)
    common = every - len(units.rare_units)
    named = (
        (f"micro, {common} units", averages.micro),
        (f"macro, {common} units", averages.macro),
        (f"micro, all {every} units", averages.micro_all_units),
        (f"macro, all {every} units", averages.macro_all_units),
    )
    return [
        (
            who,
            name,
            *(f"{each:.3f}" for each in (scores.accuracy, scores.precision, scores.recall)),
            f"{scores.f1:.3f}",
            "" if scores.roc_auc is None else f"{scores.roc_auc:.3f}",
        )
        for name, scores in named
        if scores is not None
    ]


def _class_row(who: str, emotion: Score, high_level: Score) -> tuple[str, ...]:
    return (
        who,
        *(emotion.accuracy.percent(), emotion.macro_f1.percent()),
        *(high_level.accuracy.percent(), high_level.macro_f1.percent()),
    )
