"""Two replicas behind nginx with deploy/nginx.conf, and what visitors see when one is killed."""

from __future__ import annotations

import shutil
import signal
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, FilePayload, Page, Playwright, TimeoutError, expect

from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import encode_png
from tests.browser.conftest import PROJECT, WAIT_MS, serving
from tests.browser.pages import settle, visit
from tests.ports import free_port

COVERS = (
    "app.py",
    "deploy/nginx.conf",
    "pages/session/consent.py",
    "pages/navigation.py",
)

pytestmark = pytest.mark.alone

HOST = "fer.example.org"
COOKIE = "fer_replica"
ITSELF_MS = 60_000


@dataclass(frozen=True)
class Site:
    """The app behind nginx.

    Attributes:
        address: as visitors know it.
        replicas: processes by the names that the cookie gives them.
    """

    address: str
    replicas: dict[str, subprocess.Popen[bytes]]


@pytest.fixture
def site(prepared_models_dir: Path, tmp_path: Path) -> Iterator[Site]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("no nginx on this machine (Debian: apt-get install nginx-light)")
    with ExitStack() as stack:
        replicas = {}
        ports = {"443": free_port()}
        for name, shipped in (("one", "8501"), ("two", "8502")):
            address, process = stack.enter_context(serving(prepared_models_dir))
            ports[shipped] = int(address.rpartition(":")[2])
            replicas[name] = process
        write_certificate(tmp_path)
        (tmp_path / "fer.conf").write_text(on_this_machine(tmp_path, ports))
        (tmp_path / "nginx.conf").write_text(
            f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
            f"http {{ access_log off; {temporary_folders(tmp_path)} include {tmp_path}/fer.conf; }}"
        )
        command = [
            nginx,
            "-c",
            str(tmp_path / "nginx.conf"),
            "-g",
            "daemon off; master_process off;",
        ]
        proxy = subprocess.Popen([*command, "-e", str(tmp_path / "error.log")])
        stack.callback(proxy.wait)
        stack.callback(proxy.terminate)
        wait_until_open(proxy, ports["443"])
        yield Site(f"https://{HOST}:{ports['443']}", replicas)


def on_this_machine(folder: Path, ports: dict[str, int]) -> str:
    """The shipped configuration, with other ports and a certificate of ours."""
    text = (PROJECT / "deploy/nginx.conf").read_text()
    changes = {f":{shipped}": f":{port}" for shipped, port in ports.items() if shipped != "443"}
    changes["listen 443 ssl"] = f"listen 127.0.0.1:{ports['443']} ssl"
    changes[f"/etc/letsencrypt/live/{HOST}"] = str(folder)
    for shipped, ours in changes.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    return text


def temporary_folders(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)


def write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def wait_until_open(proxy: subprocess.Popen[bytes], port: int) -> None:
    unverified = ssl._create_unverified_context()
    for _ in range(100):
        assert proxy.poll() is None, f"nginx ended with {proxy.returncode}"
        try:
            address = f"https://127.0.0.1:{port}/_stcore/health"
            with urllib.request.urlopen(address, timeout=30, context=unverified):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("nginx does not answer")


@pytest.fixture
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    arguments = ["--no-sandbox", f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
    yield browser
    browser.close()


def new_visitor(browser: Browser) -> Page:
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    return page


def replica_of(page: Page) -> str:
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    return cookies[COOKIE]


def upload(page: Page) -> None:
    photo = FilePayload(name="sheet.png", mimeType="image/png", buffer=encode_png(sample_sheet()))
    page.locator("input[type=file]").set_input_files([photo])
    expect(page.get_by_text("7 faces found")).to_be_visible()


def test_sessions_of_a_killed_replica_continue_on_the_other(site: Site, browser: Browser) -> None:
    visitors: dict[str, Page] = {}
    while len(visitors) < 2:
        page = new_visitor(browser)
        visit(page, site.address, "upload")
        assert replica_of(page) not in visitors, "two visitors went to one replica"
        upload(page)
        visitors[replica_of(page)] = page
    unlucky, lucky = visitors["one"], visitors["two"]

    site.replicas["one"].send_signal(signal.SIGKILL)
    # The new session has the consent, which the tab keeps, and none of the photos.
    empty = unlucky.get_by_text("No photo yet")
    try:
        empty.wait_for(timeout=ITSELF_MS)  # of itself, the page starts again at the other replica
    except TimeoutError:
        unlucky.reload()  # as a person would, on a machine so busy that it takes longer
        empty.wait_for()
    assert replica_of(unlucky) == "two"
    settle(unlucky)
    upload(unlucky)

    expect(lucky.get_by_text("7 faces found")).to_be_visible()  # and still has its own
    lucky.reload()
    visit(lucky, site.address, "upload")
    upload(lucky)
    assert replica_of(lucky) == "two"
