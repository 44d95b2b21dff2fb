"""The sections of a report about worse pictures: one for each split that models were tried on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from fer_core.evaluation.trust import (
    BASELINES,
    Robustness,
    corruption_errors,
    robustness_differences,
)
from fer_core.imaging import AUGMENTATION_NOTE
from fer_core.plots import accuracy_figure
from fer_core.reports import Html, join, tag
from fer_core.reports.page.inputs import Subject
from fer_core.reports.page.markup import details, figure, paragraph, plot_text, table


def robustness_sections(subjects: Sequence[Subject]) -> list[Html]:
    """Returns a section for each split on which some of the models have current results."""
    by_split: dict[str, dict[str, Robustness]] = {}
    for each in subjects:
        if each.robustness is not None:
            by_split.setdefault(each.robustness.split, {})[each.card.title] = each.robustness
    return [
        _section(split, results, key=f"robustness{number}")
        for number, (split, results) in enumerate(by_split.items(), 1)
    ]


def _section(split: str, results: Mapping[str, Robustness], *, key: str) -> Html:
    """Returns the section of one split, with the results by the models' titles."""
    everything = pd.concat(
        [result.to_frame().assign(model=title) for title, result in results.items()],
        ignore_index=True,
    )
    everything.insert(0, "model", everything.pop("model"))
    first = next(iter(results.values()))
    return tag(
        "section",
        tag("h2", f"Robustness on {split}"),
        paragraph(
            f"{first.rows:,} faces of {split}, drawn once by a seed and stratified by label: as "
            "they are (severity 0), and made worse in ten ways, each in five severities. "
            f"{AUGMENTATION_NOTE}"
        ),
        figure(
            accuracy_figure({plot_text(title): each for title, each in results.items()}, None),
            key=f"{key}-accuracy",
            title="Accuracy by severity, averaged over all corruptions",
            alt=f"Accuracy by severity on {split} for {', '.join(results)}; accuracies by "
            "corruption stand in the table below",
            under=details(
                "Show as table",
                table(everything, caption=f"Accuracy by corruption and severity on {split}"),
            ),
        ),
        _errors(results),
        _differences(results),
        id=key,
    )


def _errors(results: Mapping[str, Robustness]) -> Html:
    errors = corruption_errors(list(results.values()))
    if errors is None:
        return paragraph(
            "Corruption errors are relative to a baseline, and neither "
            f"{' nor '.join(f'“{name}”' for name in BASELINES)} is among these."
        )
    titles = {result.model: title for title, result in results.items()}
    frame = errors.to_frame()
    return join(
        [
            tag("h3", "Corruption errors"),
            table(
                frame.assign(model=frame["model"].map(titles)),
                caption=f"Errors relative to those of {titles[errors.baseline]}",
            ),
            paragraph(
                "Errors over all five severities, relative to those of "
                f"{titles[errors.baseline]}: below 1 is more robust (Hendrycks and Dietterich "
                "2019). The clean error is that on undisturbed faces. Intervals: 95% bootstrap "
                "over faces."
            ),
        ]
    )


def _differences(results: Mapping[str, Robustness]) -> Html:
    titles = {result.model: title for title, result in results.items()}
    frame = pd.DataFrame(robustness_differences(list(results.values())))
    if frame.empty:
        return Html("")
    return join(
        [
            tag("h3", "Differences between models"),
            table(
                frame.assign(first=frame["first"].map(titles), second=frame["second"].map(titles)),
                caption="First minus second, on the same faces",
            ),
            paragraph(
                "Accuracy over all corruptions and severities. Intervals: 95% paired bootstrap "
                "over faces, not corrected for the number of pairs."
            ),
        ]
    )
