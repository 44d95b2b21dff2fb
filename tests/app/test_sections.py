"""Parts of a page that run by themselves."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from fer_core.errors import ModelError
    from pages.widgets.sections import section

    @section
    def broken() -> None:
        raise ModelError("The model is gone.")

    broken()
    st.write("What stands below")


def test_an_error_in_a_section_is_shown_there_and_the_rest_of_the_page_stays() -> None:
    app = AppTest.from_function(_page).run()
    assert not app.exception
    assert [error.value for error in app.error] == ["The model is gone."]
    assert app.markdown[0].value == "What stands below"


def _page_with_a_table() -> None:
    import pandas as pd

    from pages.widgets.figures import show_table

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


def _page_with_a_list() -> None:
    import streamlit as st

    from pages.widgets.paging import pick_page

    listed = st.session_state.get("list", "first")
    st.text(str(pick_page(5, key="list_page", listed=listed)))


def test_another_list_begins_with_its_first_page_and_a_link_with_its_own() -> None:
    app = AppTest.from_function(_page_with_a_list)
    app.session_state["list_page"] = 3  # as a link does
    assert app.run().text[0].value == "3"
    assert app.run().text[0].value == "3"
    app.session_state["list"] = "second"
    assert app.run().text[0].value == "1"
    assert not app.exception
