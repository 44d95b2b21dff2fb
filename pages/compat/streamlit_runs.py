"""Delivers all messages of a run to the browser, even if the next run starts immediately.

When a fragment reruns right after a run has ended, Streamlit starts a new run and from then on
listens only to that one. Messages of the previous run that are still queued are dropped: whole
parts of a page, and with them the timers of `run_every`, which then stop. On a busy server, the
queue contains seconds of messages.
"""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakSet

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent

_begin_run = AppSession._create_scriptrunner
_take_event = AppSession._handle_scriptrunner_event_on_event_loop

_ended: Final[WeakSet[ScriptRunner]] = WeakSet()
"""Runs that were followed by another one before all their messages had arrived."""


def deliver_all_runs() -> None:
    """Makes every session listen to both runs; call it before the server starts."""
    private: Any = AppSession
    private._create_scriptrunner = _begin_after
    private._handle_scriptrunner_event_on_event_loop = _take_event_of_either


def _begin_after(session: AppSession, request: RerunData) -> None:
    """Starts a run; records the previous one, if it has ended and still exists."""
    before = session._scriptrunner
    if before is not None and not before._execing:  # else it was stopped
        _ended.add(before)
    _begin_run(session, request)


def _take_event_of_either(
    session: AppSession,
    sender: ScriptRunner | None,
    event: ScriptRunnerEvent,
    *details: Any,
) -> None:
    """Handles an event of a run; an ended one sent it before the next one started."""
    if sender not in _ended or event is ScriptRunnerEvent.SHUTDOWN:
        _take_event(session, sender, event, *details)
        return
    current, session._scriptrunner = session._scriptrunner, sender
    try:
        _take_event(session, sender, event, *details)
    finally:
        session._scriptrunner = current
