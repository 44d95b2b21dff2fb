"""The session of a closed tab, when its time is over and nobody else comes."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from fer_core.machine import Job
from pages.compat import streamlit_expiry
from pages.session.jobs import KeptJob, Label

KEPT_S = 0.05
WAIT_S = 60

INSTALLED = """
import gc
import app
from pages.compat import streamlit_expiry
from streamlit.runtime.memory_session_storage import MemorySessionStorage
assert MemorySessionStorage.save is streamlit_expiry._save_until_it_expires
assert gc.get_freeze_count() > 100_000
"""


@pytest.fixture(autouse=True)
def as_streamlit_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The storage as it comes, even where another test has loaded the app."""
    monkeypatch.setattr(Runtime, "_instance", MagicMock())  # as in Streamlit's `AppTest`
    monkeypatch.setattr(MemorySessionStorage, "save", streamlit_expiry._save)


def kept_after(tabs: int) -> list[str]:
    """Closes tabs that hold a photo, one after the other, and returns what is left of them."""

    async def visit() -> list[str]:
        storage = MemorySessionStorage(ttl_seconds=KEPT_S)  # type: ignore[arg-type]
        files = MemoryUploadedFileManager("/upload")
        photos = []
        for _ in range(tabs):
            session = AppSession(ScriptData("page.py", False), files, ScriptCache(), None, {})
            photo = np.zeros((8, 8, 3), np.uint8)
            session.session_state["photo"] = photo
            files.add_file(session.id, UploadedFileRec(session.id, "a.jpg", "image/jpeg", b"a"))
            photos.append((session.id, weakref.ref(photo)))
            storage.save(SessionInfo(None, session, 1))
            del session, photo
            await asyncio.sleep(KEPT_S)
        await asyncio.sleep(10 * KEPT_S)
        left = []
        for session_id, photo_ref in photos:
            left += ["photo"] * (photo_ref() is not None)
            left += ["file"] * len(files.get_files(session_id, [session_id]))
        return left

    gc.disable()  # as on a server where nothing happens
    try:
        return asyncio.run(visit())
    finally:
        gc.enable()


@pytest.mark.parametrize("tabs", [1, 3])
def test_nothing_of_it_is_left(tabs: int) -> None:
    streamlit_expiry.expire_sessions()
    assert kept_after(tabs) == []


def test_its_work_stops() -> None:
    streamlit_expiry.expire_sessions()
    started = threading.Event()

    def work(report: Callable[[float], None], should_stop: Callable[[], bool]) -> str:
        started.set()
        while not should_stop():
            time.sleep(0.01)
        return ""

    async def visit() -> Job[float, str]:
        storage = MemorySessionStorage(ttl_seconds=KEPT_S)  # type: ignore[arg-type]
        files = MemoryUploadedFileManager("/upload")
        session = AppSession(ScriptData("page.py", False), files, ScriptCache(), None, {})
        job = Job(work, None)
        kept = KeptJob("", Label("", lambda _: (0.0, ""), ""), lambda: job, job)
        session.session_state["jobs"] = {"work": kept}
        del kept
        assert started.wait(WAIT_S)
        assert not job.is_asked_to_stop
        storage.save(SessionInfo(None, session, 1))
        del session
        await asyncio.sleep(10 * KEPT_S)
        return job

    assert asyncio.run(visit()).wait(WAIT_S)


def test_without_it_streamlit_keeps_photo_and_file() -> None:
    """Should this fail after an update, `streamlit_expiry.py` may go."""
    assert kept_after(1) == ["photo", "file"]


def test_the_app_has_it_and_leaves_modules_out_of_garbage_collection() -> None:
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", INSTALLED], cwd=root, check=True)
