"""What the app must not be used for is said where people look."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.visit import visit, words

pytestmark = pytest.mark.usefixtures("models_dir")


def test_law_and_science_are_named_on_a_page(app: AppTest) -> None:
    visit(app, "models")
    said = words(app)
    law = ("Article 5(1)(f)", "work or in education", "Annex III, point 1(c)", "Article 50(3)")
    for subject in (*law, "Barrett"):
        assert subject in said
    assert "Use and limits" in [header.value for header in app.header]


def test_the_question_before_a_picture_says_what_this_is(app: AppTest) -> None:
    visit(app, "live", consent=False)
    said = words(app)
    assert "emotion recognition system" in said
    assert "Clear my data" in said
