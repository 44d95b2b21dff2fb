"""Ray gives the rows that the local engine gives, whatever is killed on the way."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_core.batch import analyze_folder
from fer_core.batch.shards import FILES_PER_PART, Shards
from fer_core.errors import InputRejected
from tests.conftest import PROJECT
from tests.unit.fer_core.batch.processes import as_process, begin_and_stop

COVERS = (
    "fer_core/batch/**/*.py",
    "fer_core/recognition/photo_table.py",
)

RAY = ("--engine", "ray")

pytestmark = [
    pytest.mark.alone,
    pytest.mark.usefixtures("models_dir"),
    pytest.mark.timeout(900),
]
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


def finish(process: subprocess.Popen[str]) -> str:
    stdout, stderr = process.communicate(timeout=800)
    assert process.returncode == 0, stderr
    return stdout


def assert_same_rows(table: Path, expected: Path) -> None:
    one, other = pd.read_parquet(table), pd.read_parquet(expected)
    pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=0, atol=1e-5)


@needs_ray
def test_the_rows_are_those_of_the_local_engine_even_for_files_that_kill(
    album: Path, tmp_path: Path
) -> None:
    whole = (album / "a.png").read_bytes()
    for name, order in {"killer.png": b"KILL", "hanger.png": b"HANG"}.items():
        (album / name).write_bytes(whole + order)
    here, on_ray = tmp_path / "here.parquet", tmp_path / "ray.parquet"
    finish(as_process(album, here, "--timeout", "10", hostile=True))
    printed = finish(as_process(album, on_ray, "--timeout", "10", *RAY, hostile=True))
    assert "worker died" in printed
    assert pd.read_parquet(on_ray)["reason"].value_counts().to_dict() == {
        "worker died": 1,
        "took too long": 1,
        "corrupt": 1,
        "unsupported_type": 1,
    }
    assert_same_rows(on_ray, here)


@needs_ray
def test_a_table_of_photos_gives_the_same_rows(album: Path, tmp_path: Path) -> None:
    analyze_folder(album, tmp_path / "here.parquet", detector="haar", workers=1)
    files = pd.read_parquet(tmp_path / "here.parquet")["file"].drop_duplicates().tolist()
    data = [(album / file).read_bytes() for file in files]
    photos = tmp_path / "photos.parquet"
    pq.write_table(pa.table({"path": files, "bytes": data}), photos, row_group_size=4)
    finish(as_process(photos.as_uri(), tmp_path / "ray.parquet", *RAY))
    assert_same_rows(tmp_path / "ray.parquet", tmp_path / "here.parquet")


@needs_ray
def test_either_engine_resumes_a_run_of_the_other(large_album: Path, tmp_path: Path) -> None:
    whole, output = tmp_path / "whole.csv", tmp_path / "killed.csv"
    analyze_folder(large_album, whole, detector="haar", workers=2)
    begin_and_stop(large_album, output)
    finished = Shards(output).folder
    before = len(list(finished.glob("*.jsonl")))
    process = as_process(large_album, output, "--resume", *RAY)
    while process.poll() is None and len(list(finished.glob("*.jsonl"))) == before:
        time.sleep(0.005)
    assert process.poll() is None, "it was over before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    summary = analyze_folder(large_album, output, detector="haar", workers=2, resume=True)
    assert 0 < summary.scored < summary.files - FILES_PER_PART
    assert output.read_bytes() == whole.read_bytes()


@needs_ray
@pytest.mark.skipif(sys.platform != "linux", reason="the processes are found in /proc")
def test_every_photo_is_there_once_while_processes_are_killed() -> None:
    command = [sys.executable, "benchmarks/ray_soak.py", "--photos", "600", "--every-s", "1"]
    command += ["--kills", "4", "--model", "tiny_a", "--detector", "haar"]
    result = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=800, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "600 photos, each in the table once, 1 of them truncated" in result.stdout
    assert re.search(r"Killed: \d x ", result.stdout)


@needs_ray
def test_a_missing_cluster_is_reported(album: Path, tmp_path: Path) -> None:
    process = as_process(album, tmp_path / "faces.csv", *RAY, "--address", "127.0.0.1:1")
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "There is no Ray cluster at 127.0.0.1:1" in stderr
    assert "Traceback" not in stderr


def test_without_ray_the_message_says_how_to_install_it(album: Path, tmp_path: Path) -> None:
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "__init__.py").write_text("raise ImportError('there is none')")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "fer_core", "batch", str(album), *RAY]
    command += ["--out", str(tmp_path / "faces.csv"), "--detector", "haar"]
    result = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "pip install '.[ray]'" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("place", ["s3://bucket/photos", "photos.parquet"])
def test_the_local_engine_names_the_engine_for_other_sources(place: str, tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="--engine ray"):
        analyze_folder(place, tmp_path / "faces.csv")
