"""Deletes the session of a closed tab when it expires, not only when the next tab is closed.

Streamlit keeps the session of a closed tab for two minutes (`server.disconnectedSessionTTL`), in
case only the connection was lost. After that no one can return to it, but it stays in memory until
the next tab is closed, and then until Python collects garbage. On an idle server that may take
hours.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any, Final

from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo

_LATER_S: Final = 0.1
"""A timer may fire slightly early, when the session is still valid."""

_save = MemorySessionStorage.save


def expire_sessions() -> None:
    """Makes every closed session expire in time; call it before the server starts."""
    private: Any = MemorySessionStorage
    private.save = _save_until_it_expires


def _save_until_it_expires(storage: MemorySessionStorage, session_info: SessionInfo) -> None:
    """Keeps a session whose connection ended; called on the event loop."""
    sessions: Any = storage._cache
    _end_expired(sessions)  # saving would drop them without ending them
    _save(storage, session_info)
    asyncio.get_running_loop().call_later(sessions.ttl + _LATER_S, _end_expired, sessions)


def _end_expired(sessions: Any) -> None:
    expired = sessions.expire()
    for _, session_info in expired:
        session_info.session.shutdown()  # uploaded files, shown pictures, caches of the session
        session_info.session.session_state.clear()
    if expired:
        del expired, session_info
        gc.collect()  # a session is a reference cycle that keeps its last messages alive
