"""What reports, READMEs of models and the page of results say, section by section."""

from __future__ import annotations

import pytest

from tests.conftest import PROJECT
from tests.goldens.code import (
    list_models,
    render_readme,
    render_report,
    results_page,
)
from tests.goldens.golden_files import golden
from tests.goldens.page_text import html_sections, markdown_sections

CARDS = list_models(PROJECT / "models").cards


@pytest.mark.usefixtures("models_with_robustness")
@pytest.mark.parametrize("names", [("tiny_a",), ("tiny_a", "tiny_b"), ("tiny_units",)])
def test_a_report_says_the_same(names: tuple[str, ...]) -> None:
    now = html_sections(render_report(names))
    assert now == golden(f"reports/{'-'.join(names)}", now)


def test_the_readme_of_every_model_says_the_same() -> None:
    now = {card.name: markdown_sections(render_readme(card)) for card in CARDS}
    assert now == golden("reports/readmes", now)


def test_the_page_of_results_says_the_same() -> None:
    now = markdown_sections(results_page(CARDS, PROJECT / "models"))
    assert now == golden("reports/results", now)
