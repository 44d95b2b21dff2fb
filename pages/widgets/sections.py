"""Sections of a page that rerun on their own, so that a widget reruns only what it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import NoReturn, ParamSpec

import streamlit as st

from fer_core.errors import FerError

Parameters = ParamSpec("Parameters")


class _Ended(Exception):
    """The page or section has nothing more to draw."""


def end_page() -> NoReturn:
    """Ends the current page or section.

    Unlike `st.stop`, the parts that all pages share are still drawn, such as the message about
    invalid values of a link.
    """
    raise _Ended


@contextmanager
def error_boundary() -> Iterator[None]:
    """Shows the message of an error in place of the content that could not be drawn."""
    try:
        yield
    except _Ended:
        return
    except FerError as error:
        st.error(str(error), icon=":material/error:")


def section(show: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Makes a function a section of its page: its widgets rerun only this function.

    Its arguments stay as they were when the page ran. So it must not contain a widget on which
    another part of the page depends.
    """

    @st.fragment
    @wraps(show)
    def shown(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        with error_boundary():
            show(*args, **kwargs)

    return shown
