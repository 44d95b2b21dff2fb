"""What `make` installs is held to the checksums of the locks, the installer included."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
case "$*" in *uv.txt*) exit {uv_fails};; esac
"""


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("uv_fails", [0, 1])
def test_uv_is_installed_by_its_checksums_and_pip_does_it_where_uv_cannot(
    tmp_path: Path, uv_fails: int
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"python": PYTHON.format(uv_fails=uv_fails), "uv": PYTHON}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    made = tmp_path / ".app-installed"
    subprocess.run(["make", f"VENV={tmp_path}", str(made)], cwd=ROOT, check=True, text=True)
    assert made.exists()

    installs_uv, installs_app = (programs / "calls").read_text().splitlines()
    assert f"--require-hashes --requirement {tmp_path / 'uv.txt'}" in installs_uv
    assert installs_app.startswith("-m pip" if uv_fails else "pip install")
    assert "--require-hashes --requirement requirements.txt" in installs_app

    uv, *checksums = (tmp_path / "uv.txt").read_text().splitlines()
    assert uv.startswith("uv==")
    assert checksums
    assert all(line.strip().startswith("--hash=sha256:") for line in checksums)
    assert not checksums[-1].endswith("\\")
