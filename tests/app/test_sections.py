"""Parts of a page that run by themselves."""

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


def _page_with_a_table() -> None:
    import pandas as pd

    from pages.components.figures import show_table

    show_table(pd.DataFrame({"number": [7]}), key="numbers", alt="Numbers")


def test_a_table_is_made_when_it_is_opened() -> None:
    app = AppTest.from_function(_page_with_a_table).run()
    assert not app.dataframe
    assert not app.get("download_button")
    app.session_state["numbers_show"] = True
    app.run()
    assert app.dataframe[0].value["number"].tolist() == [7]
    (download,) = app.get("download_button")
    assert download.proto.label == "Download CSV"
