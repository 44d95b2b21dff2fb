"""A folder whose run is killed again and again."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pandas as pd

from fer_core.batch import BatchSummary, analyze_folder
from fer_core.batch.shards import Shards
from tests.unit.fer_core.batch.processes import as_process

COVERS = (
    "fer_core/files/locks.py",
    "fer_core/files/output_files.py",
    "fer_core/batch/*.py",
    "fer_core/recognition/photo_table.py",
)


def score(folder: Path, output: Path, **options: bool | int | float | str) -> BatchSummary:
    defaults: dict[str, bool | int | float | str] = {"detector": "haar", "workers": 1}
    return analyze_folder(folder, output, **(defaults | options))  # type: ignore[arg-type]


def test_repeated_kills_do_not_change_the_rows(large_album: Path, tmp_path: Path) -> None:
    score(large_album, tmp_path / "whole.csv", workers=2)
    output = tmp_path / "killed.csv"
    shards = Shards(output)
    kills = 0
    while not output.exists():
        before = len(list(shards.folder.glob("*.jsonl")))
        process = as_process(large_album, output, "--resume")
        while process.poll() is None and len(list(shards.folder.glob("*.jsonl"))) == before:
            time.sleep(0.005)
        if process.poll() is None and kills < 3:
            process.send_signal(signal.SIGKILL)
            kills += 1
        _, stderr = process.communicate(timeout=240)
        assert process.returncode in (0, -signal.SIGKILL), stderr
    assert kills == 3
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not shards.folder.exists()


def test_files_that_crash_or_hang_the_decoder_give_one_failed_row_each(
    album: Path, tmp_path: Path
) -> None:
    whole = (album / "a.png").read_bytes()
    for name, order in {"killer.png": b"KILL", "hanger.png": b"HANG", "m.png": b"KILL"}.items():
        (album / name).write_bytes(whole + order)
    process = as_process(album, tmp_path / "faces.csv", "--timeout", "3", hostile=True)
    stdout, _ = process.communicate(timeout=240)
    assert process.returncode == 0
    table = pd.read_csv(tmp_path / "faces.csv")
    failed = table.query("status == 'failed'").set_index("file")["reason"].to_dict()
    assert failed == {
        "hanger.png": "took too long",
        "killer.png": "worker died",
        "m.png": "worker died",
        "text.jpg": "unsupported_type",
        "torn.jpg": "corrupt",
    }
    assert (table["status"] == "face").sum() == 12
    assert "worker died" in stdout
