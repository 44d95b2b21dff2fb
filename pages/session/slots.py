"""The limit of concurrent live videos."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

import streamlit as st

from fer_core.errors import FerError
from fer_core.machine import available_processors

SESSIONS_PER_CORE: Final = 2
"""Measured with `benchmarks/live_connects.py`; see docs/deployment.md."""

EXPIRES_S: Final = 40.0
"""A slot expires when it was not renewed for this long."""


def max_live_sessions() -> int:
    """Returns the limit: `FER_MAX_LIVE_SESSIONS`, or a default for this machine's cores.

    Raises:
        FerError: the setting is not a whole number above 0.
    """
    named = os.environ.get("FER_MAX_LIVE_SESSIONS", "")
    if not named:
        return max(1, SESSIONS_PER_CORE * available_processors())
    if not named.isdecimal() or int(named) == 0:
        raise FerError(f"FER_MAX_LIVE_SESSIONS must be a whole number above 0. Received: {named!r}")
    return int(named)


class LiveSlots:
    """The slots; each is held by a key that is renewed regularly. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._renewed_s: dict[object, float] = {}

    def acquire(self, key: object, limit: int) -> bool:
        """Acquires or renews the slot of `key`; returns False if all are taken."""
        with self._lock:
            self._expire()
            if key not in self._renewed_s and len(self._renewed_s) >= limit:
                return False
            self._renewed_s[key] = time.monotonic()
            return True

    def renew(self, key: object) -> None:
        """Renews the slot of `key`."""
        with self._lock:
            if key in self._renewed_s:
                self._renewed_s[key] = time.monotonic()

    def release(self, key: object) -> None:
        """Releases the slot of `key`; does nothing without one."""
        with self._lock:
            self._renewed_s.pop(key, None)

    def taken(self) -> int:
        """Returns how many slots are taken."""
        with self._lock:
            self._expire()
            return len(self._renewed_s)

    def _expire(self) -> None:
        limit = time.monotonic() - EXPIRES_S
        self._renewed_s = {key: when for key, when in self._renewed_s.items() if when > limit}


@st.cache_resource(max_entries=1)
def live_slots() -> LiveSlots:
    """Returns the slots of this server."""
    return LiveSlots()
