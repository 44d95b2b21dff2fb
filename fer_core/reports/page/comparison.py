"""The sections of a report about several models that answered the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from fer_core.evaluation import PROTOCOLS
from fer_core.evaluation.comparison import (
    AnswerTable,
    compare_all,
    confusion_difference,
    line_up,
    why_not_comparable,
)
from fer_core.plots import CURVE_TITLES, curves_figure, difference_figure, pareto_figure
from fer_core.reports import Html, join, tag
from fer_core.reports.page.inputs import Subject
from fer_core.reports.page.markup import details, figure, paragraph, plot_text, table
from fer_core.training_logs import best_epochs_frame, curve_band
from fer_core.zoo import COST_TITLES, Candidate, Cost, Leaderboard, calibration_error_as_served

_COSTS: tuple[Cost, ...] = ("size", "macs")
"""Times are of one machine, so a report has none."""


def comparable_groups(subjects: Iterable[Subject]) -> list[list[Subject]]:
    """Puts models together that answered the same rows of one split with the same labels.

    Returns:
        Each group with the most accurate model first; the largest group first.
    """
    groups: list[list[Subject]] = []
    for subject in sorted(subjects, key=lambda each: -each.card.reported.accuracy.value):
        for group in groups:
            if _same_rows(group[0], subject):
                group.append(subject)
                break
        else:
            groups.append([subject])
    return sorted(groups, key=len, reverse=True)


def comparison_section(group: Sequence[Subject], *, key: str) -> Html:
    """Returns the comparison of at least two models of one group.

    Args:
        group: see `comparable_groups`.
        key: prefix of the figures' keys, unique in the page.
    """
    split = group[0].predictions.split
    answers = line_up({each.card.name: each.predictions for each in group})
    titles = {each.card.name: each.card.title for each in group}
    return tag(
        "section",
        tag("h2", f"{len(group)} models on {split}"),
        paragraph(
            f"All answered the same {len(answers):,} rows of {split}. Everything here is plain, "
            "with one pass over each face, unless said otherwise."
        ),
        _leaderboard(group, split, key),
        _pairs(answers, titles),
        _differences(answers, titles, split, key),
        _curves(group, key),
        id=key,
    )


def _same_rows(first: Subject, second: Subject) -> bool:
    own, other = first.predictions, second.predictions
    return why_not_comparable(own, other) is None and np.array_equal(
        np.sort(own.row_id), np.sort(other.row_id)
    )


def _leaderboard(group: Sequence[Subject], split: str, key: str) -> Html:
    board = Leaderboard.of(
        Candidate(
            each.card,
            each.card.reported,
            calibration_error_as_served(each.predictions, "plain", each.card.fitted_calibration),
            latency=None,
        )
        for each in group
    )
    shown = board.to_frame().drop(columns="name").dropna(axis="columns", how="all")
    parts = [
        tag("h3", "Leaderboard"),
        table(shown, caption=f"Scores and costs on {split}"),
        table(accuracies_frame(group), caption="Accuracy by protocol, with 95 % intervals"),
    ]
    titles = {each.card.name: plot_text(each.card.title) for each in group}
    for cost in _COSTS:
        front = board.pareto(cost)
        if front is None:
            continue
        numbers = front.to_frame().rename(columns={"cost": COST_TITLES[cost]})
        parts.append(
            figure(
                pareto_figure(front, titles=titles, cost_title=COST_TITLES[cost]),
                key=f"{key}-{cost}",
                title=f"Accuracy against {COST_TITLES[cost]}",
                alt=f"Accuracy against {COST_TITLES[cost]}. On the front, where no other model is "
                "as accurate for less: "
                + ", ".join(point.model for point in front.front)
                + "; all numbers stand in the table below",
                under=details("Show as table", table(numbers, caption="The Pareto front")),
            )
        )
    return join(parts)


def accuracies_frame(group: Sequence[Subject]) -> pd.DataFrame:
    """Returns one row per model: its accuracy under every protocol, as texts for people."""
    rows: list[dict[str, str]] = []
    for each in group:
        scores = each.card.metrics[each.predictions.split]
        accuracies = {name: scores[name].accuracy.percent() for name in PROTOCOLS if name in scores}
        rows.append({"model": each.card.title} | accuracies)
    return pd.DataFrame(rows)


def _pairs(answers: AnswerTable, titles: dict[str, str]) -> Html:
    pairs = compare_all(answers).to_frame()
    named = pairs.assign(**{side: pairs[side].map(titles) for side in ("first", "second")})
    return join(
        [
            tag("h3", "Could a difference be chance?"),
            table(named, caption="Each pair of models"),
            paragraph(
                "The difference is the first model's accuracy minus the second's, with a 95% "
                f"interval that holds for all {len(pairs)} pairs together (Tango's score interval, "
                "Bonferroni). p is that of McNemar's test (mid-p); p (Holm) is corrected for the "
                "number of pairs and called significant below 5%."
            ),
        ]
    )


def _differences(answers: AnswerTable, titles: dict[str, str], split: str, key: str) -> Html:
    first, *others = answers.models
    figures = []
    for second in others:
        difference = confusion_difference(answers, first, second)
        title = f"{titles[first]} minus {titles[second]}"
        figures.append(
            figure(
                difference_figure(
                    difference, models=(plot_text(titles[first]), plot_text(titles[second]))
                ),
                key=f"{key}-{first}-{second}",
                title=f"{title}, points of each true label",
                alt=f"Confusion matrix of {title} on {split}; every cell stands in the table below",
                under=details(
                    "Show as table",
                    table(difference.to_frame(), caption=f"Cells of {title}"),
                ),
            )
        )
    return join(
        [
            tag("h3", "The most accurate model against each other one"),
            paragraph(
                "Blue: more often with the most accurate model. On the diagonal more is better, "
                "elsewhere worse. ★: not by chance, at 5 % for all cells of a matrix together "
                "(McNemar's test, Holm's correction)."
            ),
            *figures,
        ]
    )


def _curves(group: Sequence[Subject], key: str) -> Html:
    runs = {each.card.title: each.run for each in group if each.run is not None}
    if not runs:
        return Html()
    bands = {
        plot_text(title): curve_band([run.history], "val_accuracy") for title, run in runs.items()
    }
    best = {
        plot_text(title): [] if run.best_epoch is None else [run.best_epoch]
        for title, run in runs.items()
    }
    return join(
        [
            tag("h3", "Training curves"),
            figure(
                curves_figure(bands, best, "val_accuracy"),
                key=f"{key}-curves",
                title=f"{CURVE_TITLES['val_accuracy']} by epoch",
                alt=f"Validation accuracy by epoch for {', '.join(runs)}; each model at its best "
                "epoch stands in the table below, and every epoch with the models",
                under=table(best_epochs_frame(runs), caption="Each run at its best epoch"),
            ),
        ]
    )
