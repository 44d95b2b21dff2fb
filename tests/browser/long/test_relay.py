"""Video through a relay: a real coturn on this machine, which may work, refuse or be gone."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import running_app
from tests.browser.video.test_live import (
    ONLY_BY_RELAY,
    expect_a_label,
    expect_failure,
    press_start,
    start_video,
)
from tests.ports import free_port

COVERS = ("pages/live/**/*",)

pytestmark = [pytest.mark.alone, pytest.mark.flaky(reruns=1)]  # a real network

USER, PASSWORD = "visitor", "a-password-for-tests"

WRONG_PASSWORD = ONLY_BY_RELAY.replace(
    "...configuration,",
    """...configuration, iceServers: configuration.iceServers.map(
      server => ({...server, credential: "another"})),""",
)


@pytest.fixture(scope="module")
def turn_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def relay(
    turn_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[bytes]]:
    """A running coturn that takes `USER` and `PASSWORD`."""
    binary = shutil.which("turnserver")
    if binary is None:
        pytest.skip("no coturn on this machine (Debian: apt-get install coturn)")
    folder = tmp_path_factory.mktemp("coturn")
    command = [binary, "-n", "--listening-ip=127.0.0.1", f"--listening-port={turn_port}"]
    command += ["--relay-ip=127.0.0.1", "--lt-cred-mech", f"--user={USER}:{PASSWORD}"]
    command += ["--realm=localhost", "--no-tls", "--no-dtls", "--no-cli", "--log-file=stdout"]
    command += ["--allow-loopback-peers", f"--userdb={folder / 'users'}"]
    command += [f"--pidfile={folder / 'pid'}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_until_open(server, turn_port, folder / "log")
        yield server
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_until_open(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"coturn does not answer: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def app_behind_relay(
    relay: subprocess.Popen[bytes], turn_port: int, prepared_models_dir: Path
) -> Iterator[str]:
    servers = [
        {
            "urls": f"turn:127.0.0.1:{turn_port}?transport=udp",
            "username": USER,
            "credential": PASSWORD,
        }
    ]
    with running_app(prepared_models_dir, FER_ICE_SERVERS=json.dumps(servers)) as address:
        yield address


def test_video_passes_through_the_relay(
    app_behind_relay: str, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_page(sample_camera)
    page.add_init_script(ONLY_BY_RELAY)
    start_video(page, app_behind_relay)
    expect_a_label(page)


def test_a_relay_that_rejects_the_login_is_reported(
    app_behind_relay: str, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_page(sample_camera)
    page.add_init_script(WRONG_PASSWORD)
    press_start(page, app_behind_relay)
    expect_failure(page, "Relay server login failed")


def test_an_unreachable_relay_is_reported(
    app_behind_relay: str,
    relay: subprocess.Popen[bytes],
    open_page: Callable[..., Page],
    sample_camera: Path,
) -> None:
    relay.terminate()
    relay.wait(timeout=10)
    page = open_page(sample_camera)
    page.add_init_script(ONLY_BY_RELAY)
    press_start(page, app_behind_relay)
    expect_failure(page, "Relay server not reachable")
