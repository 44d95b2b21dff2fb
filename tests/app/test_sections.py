"""A part of a page that runs by itself."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from fer_core.errors import ModelError
    from pages.components.sections import section

    @section
    def broken() -> None:
        raise ModelError("The model is gone.")

    broken()
    st.write("What stands below")


def test_what_goes_wrong_in_a_section_is_told_there_and_the_rest_of_the_page_stays() -> None:
    app = AppTest.from_function(_page).run()
    assert not app.exception
    assert [error.value for error in app.error] == ["The model is gone."]
    assert app.markdown[0].value == "What stands below"
