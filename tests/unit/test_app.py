from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser


def test_streamlit_sends_no_usage_statistics() -> None:
    config = (Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    browser = tomllib.loads(config)["browser"]
    assert browser["gatherUsageStats"] is False
    assert browser["serverAddress"]  # else its address is looked up at checkip.amazonaws.com


def test_no_component_is_declared_before_the_server_runs() -> None:
    """Streamlit does not serve one that is: the live page would stay without its frame."""
    code = "import sys, app, pages.session, pages.links; print('streamlit_webrtc' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        text=True,
    )
    assert result.stdout.strip() == "False"


def test_a_large_upload_never_passes_through_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("app")

    def no_file(**_: object) -> None:
        raise AssertionError("A temporary file is opened")

    monkeypatch.setattr(tempfile, "TemporaryFile", no_file)
    photo = bytes(3 * 2**20)

    async def body() -> AsyncGenerator[bytes, None]:
        yield b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.jpg"\r\n\r\n'
        yield photo
        yield b"\r\n--x--\r\n"

    async def received() -> bytes:
        headers = Headers({"content-type": "multipart/form-data; boundary=x"})
        form = await MultiPartParser(headers, body()).parse()
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        data = await upload.read()
        await form.close()
        return data

    with ThreadPoolExecutor() as elsewhere:  # a browser test of this process may hold a loop here
        assert elsewhere.submit(asyncio.run, received()).result() == photo
