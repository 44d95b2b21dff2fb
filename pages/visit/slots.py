"""How many people may use the live video at once."""

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
"""A place is free again when its holder was not heard of for so long."""


def max_live_sessions() -> int:
    """Returns the cap: `FER_MAX_LIVE_SESSIONS`, or what this machine's cores can carry.

    Raises:
        FerError: the setting is no whole number above 0.
    """
    named = os.environ.get("FER_MAX_LIVE_SESSIONS", "")
    if not named:
        return max(1, SESSIONS_PER_CORE * available_processors())
    if not named.isdecimal() or int(named) == 0:
        raise FerError(f"FER_MAX_LIVE_SESSIONS must be a whole number above 0. Received: {named!r}")
    return int(named)


class LiveSlots:
    """The places; each is held by a key that is renewed now and then. For all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._renewed_s: dict[object, float] = {}

    def acquire(self, key: object, limit: int) -> bool:
        """Takes a place for `key`, or keeps the one it has; False when all are taken."""
        with self._lock:
            self._expire()
            if key not in self._renewed_s and len(self._renewed_s) >= limit:
                return False
            self._renewed_s[key] = time.monotonic()
            return True

    def renew(self, key: object) -> None:
        """Says that the holder is still there."""
        with self._lock:
            if key in self._renewed_s:
                self._renewed_s[key] = time.monotonic()

    def release(self, key: object) -> None:
        """Gives the place back; does nothing without one."""
        with self._lock:
            self._renewed_s.pop(key, None)

    def taken(self) -> int:
        """Returns how many places are held."""
        with self._lock:
            self._expire()
            return len(self._renewed_s)

    def _expire(self) -> None:
        limit = time.monotonic() - EXPIRES_S
        self._renewed_s = {key: when for key, when in self._renewed_s.items() if when > limit}


@st.cache_resource(max_entries=1)
def live_slots() -> LiveSlots:
    """Returns the places of this server."""
    return LiveSlots()
