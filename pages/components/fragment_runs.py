"""Fragments that run again only when all of the run before has reached the browser's queue.

Streamlit drops what a run of the page still has on its way when a fragment is to run again just
after it: it begins a new run and listens to nobody else from then on. On a busy server seconds are
on their way: whole parts of a page, and with them the timers of `run_every`, which then stand
still. What is private of Streamlit for that is named here alone.
"""

from __future__ import annotations

from typing import Final

from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner import RerunData

ASK_AGAIN_S: Final = 0.02

_begin_run = AppSession._create_scriptrunner


def let_runs_arrive() -> None:
    """Has every session wait for its last run; to be called before the server starts."""
    AppSession._create_scriptrunner = _begin_in_turn  # type: ignore[method-assign]


def _begin_in_turn(session: AppSession, request: RerunData) -> None:
    """Begins a run, or for a fragment waits until the last one, which has ended, is forgotten."""
    if session._scriptrunner is None or not request.fragment_id:
        _begin_run(session, request)
    elif not request.is_auto_rerun:  # a timer comes again by itself
        session._event_loop.call_later(ASK_AGAIN_S, _ask_again, session, request)


def _ask_again(session: AppSession, request: RerunData) -> None:
    if session._state is AppSessionState.SHUTDOWN_REQUESTED:
        return
    run = session._scriptrunner
    if run is None or not run.request_rerun(request):
        _begin_in_turn(session, request)
