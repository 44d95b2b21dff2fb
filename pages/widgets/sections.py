"""Parts of a page that run by themselves, so that an answer to a widget costs only what changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import NoReturn, ParamSpec

import streamlit as st

from fer_core.errors import FerError

Parameters = ParamSpec("Parameters")


class _Ended(Exception):
    """There is nothing more to draw."""


def end_page() -> NoReturn:
    """Ends the page, or the section, that is drawn; what every page has is still drawn.

    After `st.stop` nothing more is: neither what a link asks for in vain.
    """
    raise _Ended


@contextmanager
def errors_shown() -> Iterator[None]:
    """Shows a person what went wrong, in place of what could not be drawn."""
    try:
        yield
    except _Ended:
        return
    except FerError as error:
        st.error(str(error), icon=":material/error:")


def section(show: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Makes a function a part of its page: its widgets run it again, and nothing else.

    What it is called with stays as it was when the page ran, so a widget on which another part of
    the page depends has no place in it.
    """

    @st.fragment
    @wraps(show)
    def shown(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        with errors_shown():
            show(*args, **kwargs)

    return shown
