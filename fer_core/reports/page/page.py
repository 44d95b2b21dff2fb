"""The whole report: one HTML file that opens anywhere and asks no network for anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from string import Template
from typing import Final

import pandas as pd
from plotly.offline import get_plotlyjs

from fer_core.paths import ASSETS
from fer_core.reports import Html, join, tag
from fer_core.reports.page.comparison import comparable_groups, comparison_section
from fer_core.reports.page.inputs import Subject, load_subject
from fer_core.reports.page.markup import listing, paragraph, table
from fer_core.reports.page.model import model_section
from fer_core.reports.page.robustness import robustness_sections
from fer_core.zoo import ModelStore, with_distinct_titles

_ASSETS: Final = ASSETS / "report"

_PAGE: Final = Template(
    """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="$policy">
$title
$style
</head>
<body>
$body
$scripts
</body>
</html>
"""
)


def render_report(names: Sequence[str]) -> str:
    """Returns a report of one saved model, or of several and how they compare, as HTML.

    The same models give the same report: no clock is in it and nothing is measured.

    Args:
        names: of at least one saved model.

    Raises:
        ModelError: there is no such model, or its card or predictions.npz is not valid.
        ValueError: there is no name.
    """
    if not names:
        raise ValueError("Expected the name of at least one saved model. Received: none")
    store = ModelStore.default()
    cards = with_distinct_titles([store.load_card(name) for name in dict.fromkeys(names)])
    subjects = [load_subject(card) for card in cards]
    title = f"{cards[0].title}: report" if len(cards) == 1 else f"{len(cards)} models: a comparison"
    comparisons = [
        comparison_section(group, key=f"group{number}")
        for number, group in enumerate(comparable_groups(subjects), 1)
        if len(group) > 1
    ]
    main = tag(
        "main",
        tag("h1", title),
        paragraph(
            "Facial expression recognition: apparent expression in a picture, never what somebody "
            "feels."
        ),
        *_overview(subjects),
        *comparisons,
        *robustness_sections(subjects),
        *map(model_section, subjects),
    )
    return _page(title, main)


def _overview(subjects: Sequence[Subject]) -> list[Html]:
    frame = pd.DataFrame(
        [
            {
                "model": each.card.title,
                "name": each.card.name,
                "predictions of": each.finished and each.finished.isoformat(),
                "split": each.predictions.split,
                "rows": len(each.predictions),
                "accuracy, plain": each.card.reported.accuracy.percent(),
                "SHA-256 of predictions.npz": f"{each.checksum[:12]}…",
            }
            for each in subjects
        ]
    )
    parts = [
        table(frame, caption="Models in this report"),
        paragraph(
            "Predictions are of the day the weights were finished. Scores are those of the model "
            "cards; every figure is computed from the predictions."
        ),
    ]
    if len(subjects) > 1:
        links = (tag("a", each.card.title, href=f"#{each.card.name}") for each in subjects)
        parts.append(tag("nav", listing(links), aria_label="Models"))
    return parts


def _page(title: str, main: Html) -> str:
    scripts = [get_plotlyjs(), (_ASSETS / "report.js").read_text(encoding="utf-8")]
    # Only these two scripts may run, whatever a card says, and nothing may be fetched.
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return _PAGE.substitute(
        policy=policy,
        title=tag("title", title),
        style=tag("style", Html((_ASSETS / "report.css").read_text(encoding="utf-8"))),
        body=join([main]),
        scripts=join(tag("script", Html(script)) for script in scripts),
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
