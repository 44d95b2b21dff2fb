"""Only one process writes an output at a time, and a lock never outlives its process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fer_core.errors import OutputError
from fer_core.files.locks import exclusive_output, file_lock

KILLED = """
import os, pathlib, signal, sys
from fer_core.files.locks import file_lock
with file_lock(pathlib.Path(sys.argv[1]), "it"):
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""
TAKING_TURNS = """
import os, pathlib, sys
from fer_core.errors import OutputError
from fer_core.files.locks import file_lock
lock, inside = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
turns = 0
while turns < 50:
    try:
        with file_lock(lock, "it"):
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
            inside.unlink()
            turns += 1
    except OutputError as error:
        if "in use by another run" not in str(error):
            raise
"""
WITHOUT_RIGHTS = """
import os, pathlib, sys
from fer_core.errors import OutputError
from fer_core.files.locks import exclusive_output
if os.geteuid() == 0:
    os.seteuid(65534)
for output in sys.argv[1:]:
    try:
        with exclusive_output(pathlib.Path(output)):
            print("file_lock")
    except OutputError as error:
        print(error)
"""
PROJECT = Path(__file__).resolve().parents[4]


def test_the_second_process_learns_the_holder(tmp_path: Path) -> None:
    output = tmp_path / "faces.csv"
    with exclusive_output(output):
        with pytest.raises(OutputError, match=f"in use by another run .process {os.getpid()} on"):
            exclusive_output(output).__enter__()
        with exclusive_output(tmp_path / "other.csv"):
            pass
    with exclusive_output(output):
        pass
    assert not list(tmp_path.iterdir())


def test_another_spelling_of_the_output_is_locked_too(tmp_path: Path) -> None:
    (tmp_path / "real.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with (
        exclusive_output(tmp_path / "link.csv"),
        pytest.raises(OutputError, match="in use"),
        exclusive_output(tmp_path / "." / "real.csv"),
    ):
        pass


def test_a_lock_of_a_killed_process_blocks_nobody(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(lock)], cwd=PROJECT, check=False)
    assert killed.returncode != 0
    assert lock.read_text().startswith("Locked by process ")
    with file_lock(lock, "it"):
        assert lock.read_text().startswith(f"Locked by process {os.getpid()} ")
    assert not lock.exists()


def test_a_file_that_is_no_lock_is_not_touched(tmp_path: Path) -> None:
    lock = tmp_path / "faces.csv.lock"
    lock.write_bytes(b"\xff somebody's own file")
    with pytest.raises(OutputError, match="another file exists there"), file_lock(lock, "it"):
        pass
    assert lock.read_bytes() == b"\xff somebody's own file"


def test_a_lock_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="cannot be written"),
        file_lock(tmp_path / "no" / "l", "it"),
    ):
        pass


def test_a_lock_that_was_removed_and_taken_by_another_stays_the_other_s(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with file_lock(lock, "it"):
        lock.unlink()
        other = file_lock(lock, "it")
        other.__enter__()
    assert lock.exists()
    with pytest.raises(OutputError, match="in use"), file_lock(lock, "it"):
        pass
    other.__exit__(None, None, None)
    assert not lock.exists()


def test_a_lock_that_others_removed_or_wrote_over_ends_no_work(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with file_lock(lock, "it"):
        lock.unlink()
    with file_lock(lock, "it"):
        lock.write_text("somebody's own file")
    assert lock.read_text() == "somebody's own file"


def test_processes_that_make_and_remove_one_lock_never_hold_it_together(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TAKING_TURNS, str(tmp_path / "lock"), str(tmp_path / "inside")]
    processes = [
        subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [process.communicate()[1] for process in processes] == ["", ""]
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes with a place in a folder")
def test_what_is_no_file_is_no_lock(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    os.mkfifo(lock)
    with pytest.raises(OutputError, match="cannot be written"), file_lock(lock, "it"):
        pass
    lock.unlink()
    lock.mkdir()
    with pytest.raises(OutputError, match="cannot be written"), file_lock(lock, "it"):
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows knows other rights")
def test_missing_permissions_are_reported() -> None:
    with TemporaryDirectory() as name:  # for a test's own folder is closed to other users
        modes = {"may not be written": 0o555, "may not be read": 0o333, "another's": 0o777}
        folders = [Path(name) / folder for folder in modes]
        for folder in folders:
            folder.mkdir()
        of_another = folders[-1] / "faces.csv.lock"
        of_another.write_text("Locked by process 1 on elsewhere\n")
        of_another.chmod(0o444)
        for folder, mode in zip(folders, modes.values(), strict=True):
            folder.chmod(mode)
        Path(name).chmod(0o711)
        outputs = [str(folder / "faces.csv") for folder in folders]
        command = [sys.executable, "-c", WITHOUT_RIGHTS, *outputs]
        ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
        for folder in folders:
            folder.chmod(0o700)
    read_only, unread, others = ran.stdout.splitlines()
    assert "cannot be written: Permission denied." in read_only
    assert unread == "file_lock"
    assert "left from a run of another user" in others
