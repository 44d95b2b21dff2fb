"""A fragment that runs again just after another run, whose last messages are on their way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast
from unittest.mock import MagicMock

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache

from pages.compat import streamlit_runs

PAGE = """
import streamlit as st

st.fragment(lambda: st.write("panel"), run_every=60)()
st.write("end of the page")
"""

INSTALLED = """
import app
from pages.compat import streamlit_runs
from streamlit.runtime.app_session import AppSession
assert AppSession._create_scriptrunner is streamlit_runs._begin_after
takes = AppSession._handle_scriptrunner_event_on_event_loop
assert takes is streamlit_runs._take_event_of_either
"""


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run asks of the server beside its session, as in Streamlit's `AppTest`."""
    monkeypatch.setattr(Runtime, "_instance", MagicMock())


@pytest.fixture(autouse=True)
def as_streamlit_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions as they come, even where another test has loaded the app."""
    monkeypatch.setattr(AppSession, "_create_scriptrunner", streamlit_runs._begin_run)
    monkeypatch.setattr(
        AppSession, "_handle_scriptrunner_event_on_event_loop", streamlit_runs._take_event
    )


def delivered(page: Path, follow: Callable[[AppSession, str], None]) -> list[ForwardMsg]:
    """Runs a page, lets something follow before any of it has arrived, and returns what does."""

    async def visit() -> list[ForwardMsg]:
        files = MemoryUploadedFileManager("/upload")
        script = ScriptData(str(page), is_hello=False)
        session = AppSession(script, files, ScriptCache(), None, {})
        session.request_rerun(None)
        let_run_end(session)
        (fragment,) = cast(MemoryFragmentStorage, session._fragment_storage)._fragments
        follow(session, fragment)
        deadline = time.monotonic() + 60
        while session._scriptrunner is not None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        return session.flush_browser_queue()

    return asyncio.run(visit())


def let_run_end(session: AppSession) -> None:
    """Waits until its thread is over; the loop is late and does nothing meanwhile."""
    run = session._scriptrunner
    assert run is not None
    assert run._script_thread is not None
    run._script_thread.join(60)


def run_fragment(session: AppSession, fragment: str) -> None:
    session.request_rerun(ClientState(fragment_id=fragment, is_auto_rerun=True))


def run_fragment_twice(session: AppSession, fragment: str) -> None:
    """Each after a run that has ended."""
    run_fragment(session, fragment)
    let_run_end(session)
    run_fragment(session, fragment)


def texts(messages: list[ForwardMsg]) -> list[str]:
    return [
        message.delta.new_element.markdown.body
        for message in messages
        if message.delta.new_element.HasField("markdown")
    ]


def kinds(messages: list[ForwardMsg]) -> list[str]:
    return [str(message.WhichOneof("type")) for message in messages]


@pytest.mark.parametrize(
    ("follow", "runs"), [(run_fragment, 2), (run_fragment_twice, 3)], ids=["once", "twice"]
)
def test_all_of_the_page_arrives_and_its_timer(
    tmp_path: Path, follow: Callable[[AppSession, str], None], runs: int
) -> None:
    page = tmp_path / "page.py"
    page.write_text(PAGE, encoding="utf-8")
    streamlit_runs.deliver_all_runs()
    messages = delivered(page, follow)
    assert "end of the page" in texts(messages)
    assert kinds(messages).count("auto_rerun") == 1
    assert kinds(messages).count("new_session") == runs
    assert kinds(messages).count("script_finished") == runs
    assert kinds(messages).index("auto_rerun") < kinds(messages).index("script_finished")


def test_without_it_streamlit_drops_them(tmp_path: Path) -> None:
    """Should this fail after an update, `streamlit_runs.py` may go."""
    page = tmp_path / "page.py"
    page.write_text(PAGE, encoding="utf-8")
    messages = delivered(page, run_fragment)
    assert "end of the page" not in texts(messages)
    assert "auto_rerun" not in kinds(messages)


def test_the_app_has_it_for_every_session() -> None:
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", INSTALLED], cwd=root, check=True)
