"""A fragment that runs again just after another run, whose last messages are on their way."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner import RerunData

from pages.components import fragment_runs

BY_HAND = RerunData(fragment_id="panel")
BY_TIMER = RerunData(fragment_id="panel", is_auto_rerun=True)
WHOLE_PAGE = RerunData()


class Run:
    """A script's run that takes no more requests, or all."""

    def __init__(self, *, has_ended: bool) -> None:
        self.has_ended = has_ended
        self.requests: list[RerunData] = []

    def request_rerun(self, request: RerunData) -> bool:
        if not self.has_ended:
            self.requests.append(request)
        return not self.has_ended


class Session:
    """What is used of a Streamlit session, whose loop does nothing until it is told to."""

    def __init__(self, run: Run | None) -> None:
        self._scriptrunner = run
        self._state = AppSessionState.APP_IS_RUNNING
        self._event_loop = SimpleNamespace(call_later=self._call_later)
        self._waiting: list[Callable[[], None]] = []

    def _call_later(self, _: float, what: Callable[..., None], *arguments: Any) -> None:
        self._waiting.append(lambda: what(*arguments))

    def turn_loop(self) -> bool:
        """Does what waits; False when nothing does."""
        waiting, self._waiting = self._waiting, []
        for what in waiting:
            what()
        return bool(waiting)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[RerunData]:
    """The runs that Streamlit began."""
    runs: list[RerunData] = []
    monkeypatch.setattr(fragment_runs, "_begin_run", lambda _, request: runs.append(request))
    return runs


def begin(session: Session, request: RerunData) -> None:
    fragment_runs._begin_in_turn(session, request)  # type: ignore[arg-type]


def test_it_begins_when_the_last_run_is_forgotten(begun: list[RerunData]) -> None:
    session = Session(Run(has_ended=True))
    begin(session, BY_HAND)
    assert session.turn_loop()
    assert begun == []
    session._scriptrunner = None
    assert session.turn_loop()
    assert begun == [BY_HAND]
    assert not session.turn_loop()


def test_a_timer_is_left_out_for_it_comes_again(begun: list[RerunData]) -> None:
    session = Session(Run(has_ended=True))
    begin(session, BY_TIMER)
    assert not session.turn_loop()
    assert begun == []


def test_a_run_that_came_meanwhile_takes_it_along(begun: list[RerunData]) -> None:
    session = Session(Run(has_ended=True))
    begin(session, BY_HAND)
    session._scriptrunner = later = Run(has_ended=False)
    session.turn_loop()
    assert later.requests == [BY_HAND]
    assert begun == []
    assert not session.turn_loop()


def test_nothing_begins_for_somebody_who_has_left(begun: list[RerunData]) -> None:
    session = Session(Run(has_ended=True))
    begin(session, BY_HAND)
    session._state = AppSessionState.SHUTDOWN_REQUESTED
    session._scriptrunner = None
    session.turn_loop()
    assert begun == []
    assert not session.turn_loop()


@pytest.mark.parametrize("request_", [BY_HAND, BY_TIMER, WHOLE_PAGE])
def test_without_a_run_it_begins_at_once(begun: list[RerunData], request_: RerunData) -> None:
    begin(Session(None), request_)
    assert begun == [request_]


def test_the_whole_page_waits_for_nothing(begun: list[RerunData]) -> None:
    begin(Session(Run(has_ended=True)), WHOLE_PAGE)
    assert begun == [WHOLE_PAGE]


def test_the_app_has_it_for_every_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppSession, "_create_scriptrunner", AppSession._create_scriptrunner)
    importlib.import_module("app")
    assert AppSession._create_scriptrunner is fragment_runs._begin_in_turn
