"""One process at a time writes an output, and a lock never outlives its process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fer_core.errors import OutputError
from fer_core.locks import held, writing_alone

KILLED = """
import os, pathlib, signal, sys
from fer_core.locks import held
with held(pathlib.Path(sys.argv[1]), "it"):
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""
PROJECT = Path(__file__).resolve().parents[3]


def test_the_second_is_told_who_is_first(tmp_path: Path) -> None:
    output = tmp_path / "faces.csv"
    with writing_alone(output):
        with pytest.raises(OutputError, match=f"in use by another run .process {os.getpid()} on"):
            writing_alone(output).__enter__()
        with writing_alone(tmp_path / "other.csv"):
            pass
    with writing_alone(output):
        pass
    assert not list(tmp_path.iterdir())


def test_another_spelling_of_the_output_is_locked_too(tmp_path: Path) -> None:
    (tmp_path / "real.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with (
        writing_alone(tmp_path / "link.csv"),
        pytest.raises(OutputError, match="in use"),
        writing_alone(tmp_path / "." / "real.csv"),
    ):
        pass


def test_a_lock_of_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(lock)], cwd=PROJECT, check=False)
    assert killed.returncode != 0
    assert lock.read_text().startswith("Locked by process ")
    with held(lock, "it"):
        assert lock.read_text().startswith(f"Locked by process {os.getpid()} ")
    assert not lock.exists()


def test_a_file_that_is_no_lock_is_not_touched(tmp_path: Path) -> None:
    lock = tmp_path / "faces.csv.lock"
    lock.write_bytes(b"\xff somebody's own file")
    with pytest.raises(OutputError, match="another file is there"), held(lock, "it"):
        pass
    assert lock.read_bytes() == b"\xff somebody's own file"


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"), held(tmp_path / "no" / "l", "it"):
        pass
