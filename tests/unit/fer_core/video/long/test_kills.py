"""A clip whose run is killed again and again."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.clips import make_clip, scene
from tests.unit.fer_core.video.processes import as_process, fer

COVERS = (
    "fer_core/files/locks.py",
    "fer_core/files/output_files.py",
    "fer_core/video/*.py",
)


def test_repeated_kills_do_not_change_the_rows(tmp_path: Path) -> None:
    clip = tmp_path / "long.mp4"
    clip.write_bytes(make_clip([scene("happy", "sad"), scene("sad", "happy")] * 120))
    whole, killed = tmp_path / "whole.csv", tmp_path / "killed.csv"
    assert fer(clip, "--csv", whole).exit_code == 0
    checkpoint = tmp_path / "killed.csv.partial"

    def size() -> int:
        return checkpoint.stat().st_size if checkpoint.exists() else 0

    kills = 0
    while not killed.exists():
        before = size()
        process = as_process(clip, "--csv", killed, "--resume")
        while process.poll() is None and (kills == 2 or size() < before + 20_000):
            time.sleep(0.005)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        _, stderr = process.communicate(timeout=120)
        assert process.returncode in (0, -signal.SIGKILL), stderr
    assert kills == 2
    assert killed.read_bytes() == whole.read_bytes()
    assert not checkpoint.exists()
