"""One HTML page that opens anywhere and loads nothing from a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd
from plotly.offline import get_plotlyjs

from fer_core.paths import ASSETS
from fer_core.reports import template_environment
from fer_core.reports.html_report.filters import cell_text, heading, plot_json, sha256

_ASSETS: Final = ASSETS / "report"
_TEMPLATES: Final = template_environment(Path(__file__).parent / "templates")
_TEMPLATES.filters.update(cell_text=cell_text, heading=heading, plot_json=plot_json, sha256=sha256)
_TEMPLATES.tests["numeric"] = pd.api.types.is_numeric_dtype


def render_page(template: str, **values: Any) -> str:
    """Renders a template that extends page.html, with the style and the scripts of figures.

    Args:
        template: its file name.
        **values: of the template, among them `title`.
    """
    return _TEMPLATES.get_template(template).render(
        style=(_ASSETS / "report.css").read_text(encoding="utf-8"),
        scripts=[get_plotlyjs(), (_ASSETS / "report.js").read_text(encoding="utf-8")],
        **values,
    )
