"""Any file name, in any locale: every file has its row, and terminals get escaped text."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fer_core.batch import analyze_folder
from fer_core.cli.main import app
from fer_core.faces.sample_faces import load_samples
from fer_core.imaging import encode_png

PROJECT = Path(__file__).resolve().parents[4]
ODD_NAMES = {
    "北京 😀.png": "北京 😀.png",
    "two\nlines\r.png": "two\nlines\r.png",
    "\x1b[31mred\x1b]0;title\x07.png": "\x1b[31mred\x1b]0;title\x07.png",
    "=1+1.png": "./=1+1.png",
    "raw\udcff\udcfe.png": "raw\\xff\\xfe.png",
}
"""File names, and their form in a CSV file."""

pytestmark = [
    pytest.mark.usefixtures("models_dir"),
    pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names"),
]


@pytest.fixture
def odd_photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    photo = encode_png(load_samples()["happy"])
    for name in ODD_NAMES:
        (folder / name).write_bytes(photo)
    return folder


def run(folder: Path, *options: str, charset: str = "cp1252") -> str:
    """Runs `analyze` in that folder as in a terminal with another encoding."""
    runner = CliRunner(charset=charset)
    result = runner.invoke(app, ["analyze", *ODD_NAMES, "--detector", "haar", *options])
    assert result.exit_code == 0, result.stderr_bytes
    return result.stdout_bytes.decode("utf-8")


@pytest.mark.parametrize("charset", ["cp1252", "ascii"])
def test_csv_has_each_name_as_it_is(
    odd_photos: Path, monkeypatch: pytest.MonkeyPatch, charset: str
) -> None:
    monkeypatch.chdir(odd_photos)
    text = run(odd_photos, "--format", "csv", charset=charset)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    assert [row["file"] for row in rows] == list(ODD_NAMES.values())


def test_json_has_each_name_as_it_is(odd_photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(odd_photos)
    files = [entry["file"] for entry in json.loads(run(odd_photos, "--format", "json"))]
    assert files == [name.removeprefix("./") for name in ODD_NAMES.values()]


def test_no_name_reaches_a_terminal_raw(odd_photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(odd_photos)
    table = run(odd_photos)
    for words in ("北京 😀", r"two\nlines\r.png", r"\x1b[31mred\x1b]0;", r"raw\xff\xfe.png"):
        assert words in "".join(
            line.split("│")[1].strip() for line in table.splitlines() if "│" in line
        )
    assert not any(ord(letter) < 32 and letter != "\n" for letter in table)


def test_no_name_reaches_a_terminal_raw_in_an_error(tmp_path: Path) -> None:
    name = "\x1b[2J\nnone\udcff"
    commands = (
        ["analyze", name, "--detector", "haar"],
        ["batch", name, "--out", str(tmp_path / "a.csv")],
        ["batch", str(tmp_path), "--out", f"{name}/a.csv"],
        ["report", "--model", "tiny_a", "--out", f"{name}/a.html"],
        ["import-model", name],
        ["video", str(tmp_path), "--csv", f"{name}/a.csv"],
    )
    for command in commands:
        result = CliRunner(charset="ascii").invoke(app, command)
        assert result.exit_code == 1
        (line,) = result.stderr_bytes.decode("utf-8").splitlines()
        assert r"\x1b[2J\nnone\xff" in line
        assert line.isprintable()


def test_a_batch_has_a_row_for_each(odd_photos: Path, tmp_path: Path) -> None:
    output = tmp_path / "faces.csv"
    summary = analyze_folder(odd_photos, output, detector="haar", workers=1)
    assert (summary.files, summary.failed) == (len(ODD_NAMES), 0)
    text = output.read_bytes().decode("utf-8")
    files = [row["file"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert sorted(files) == sorted(ODD_NAMES.values())


def test_a_process_in_another_locale_loses_nothing(odd_photos: Path) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(PROJECT),
        "LANG": "C",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    }
    command = [sys.executable, "-m", "fer_core", "analyze", *ODD_NAMES, "--detector", "haar"]
    result = subprocess.run(
        [*command, "--format", "csv"],
        cwd=odd_photos,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, b"")
    rows = csv.DictReader(io.StringIO(result.stdout.decode("utf-8"), newline=""))
    assert [row["file"] for row in rows] == list(ODD_NAMES.values())
