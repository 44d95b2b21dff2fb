"""What a run of a page has on its way to the browser arrives, whatever runs next.

When a fragment is to run again just after a run that has ended, Streamlit begins a new run and from
then on listens to that one alone. What the one before still had on its way is dropped: whole parts
of a page, and with them the timers of `run_every`, which then stand still. On a busy server seconds
are on their way.
"""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakSet

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent

_begin_run = AppSession._create_scriptrunner
_take_event = AppSession._handle_scriptrunner_event_on_event_loop

_ended: Final[WeakSet[ScriptRunner]] = WeakSet()
"""Runs that another one has followed before all of theirs had arrived."""


def let_runs_arrive() -> None:
    """Has every session listen to both; to be called before the server starts."""
    private: Any = AppSession
    private._create_scriptrunner = _begin_after
    private._handle_scriptrunner_event_on_event_loop = _take_event_of_either


def _begin_after(session: AppSession, request: RerunData) -> None:
    """Begins a run; notes the one before, if it has ended and is not forgotten yet."""
    before = session._scriptrunner
    if before is not None and not before._execing:  # else somebody has stopped it
        _ended.add(before)
    _begin_run(session, request)


def _take_event_of_either(
    session: AppSession,
    sender: ScriptRunner | None,
    event: ScriptRunnerEvent,
    *details: Any,
) -> None:
    """Takes what a run tells. What an ended one does was on its way before the next one began."""
    if sender not in _ended or event is ScriptRunnerEvent.SHUTDOWN:
        _take_event(session, sender, event, *details)
        return
    current, session._scriptrunner = session._scriptrunner, sender
    try:
        _take_event(session, sender, event, *details)
    finally:
        session._scriptrunner = current
