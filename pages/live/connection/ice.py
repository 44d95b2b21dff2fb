"""The STUN and TURN servers through which browser and app connect."""

from __future__ import annotations

import json
import os
from typing import Any

import streamlit as st

from fer_core.errors import FerError


def ice_servers() -> list[dict[str, Any]]:
    """Returns the configured STUN and TURN servers; none by default.

    They are a JSON list in the environment variable `FER_ICE_SERVERS`, or `ice_servers` in
    Streamlit's secrets. Without any, the video connects on the same machine or local network, and
    no third party is contacted.

    Raises:
        FerError: the setting is not a list of servers with `urls`.
    """
    named = os.environ.get("FER_ICE_SERVERS")
    try:
        servers = json.loads(named) if named else _from_secrets()
        return [dict(server) | {"urls": server["urls"]} for server in servers]
    except (KeyError, TypeError, ValueError) as error:
        # Without the received value, which may contain a password.
        raise FerError(
            'FER_ICE_SERVERS must be a JSON list like [{"urls": "stun:stun.example.org"}], and '
            "so must `ice_servers` in the secrets."
        ) from error


def has_relay(servers: list[dict[str, Any]]) -> bool:
    """Returns whether one of the servers is a relay (TURN), not only STUN."""
    urls = [server["urls"] for server in servers]
    each = [url for some in urls for url in ([some] if isinstance(some, str) else some)]
    return any(url.startswith(("turn:", "turns:")) for url in each)


def _from_secrets() -> list[dict[str, Any]]:
    try:
        return list(st.secrets["ice_servers"])
    except (FileNotFoundError, KeyError):
        return []
