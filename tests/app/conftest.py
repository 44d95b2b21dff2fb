"""The whole app in this process, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "pages" / "navigation.py"
TIMEOUT_S = 120


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppTest]:
    """The app before its first run, without YuNet's file: Haar finds the faces."""
    monkeypatch.setenv("FER_YUNET_MODEL", str(tmp_path / "no_such_file.onnx"))
    st.cache_data.clear()
    st.cache_resource.clear()
    # streamlit-webrtc asks the running server for its session, which a test has none of.
    with mock.patch("streamlit_webrtc.component.get_this_session_info", return_value=None):
        yield AppTest.from_file(str(APP), default_timeout=TIMEOUT_S)
