"""Markdown documents from the templates in this folder."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from fer_core.labels import split_title
from fer_core.reports import template_environment
from fer_core.zoo import ModelCard, epochs_run, teachers

_TEMPLATES: Final = template_environment(Path(__file__).parent / "templates")


def render(template: str, **values: object) -> str:
    """Returns a template rendered with `values`."""
    return _TEMPLATES.get_template(template).render(values)


def row(cells: Iterable[object]) -> str:
    r"""Returns a table row such as `| cnn | 0.921 | 3,589 |`; None and NaN give empty cells.

    Args:
        cells: texts, in which `|` is escaped; floats, written with three decimals; integers.
    """
    return f"| {' | '.join(map(_cell, cells))} |"


def link(card: ModelCard, root: str) -> str:
    """Returns a link to a model's README; `root` is the path to the project, such as `../`."""
    return f"[{card.name}]({root}models/{card.name}/README.md)"


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case float():
            return "" if math.isnan(value) else f"{value:.3f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value).replace("|", "\\|")


_TEMPLATES.filters.update(
    row=row, link=link, split_title=split_title, teachers=teachers, epochs_run=epochs_run
)
