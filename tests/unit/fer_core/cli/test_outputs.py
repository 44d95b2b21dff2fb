"""`python -m fer_core` loses no data: every command checks its outputs before any work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from fer_core.cli.main import app
from fer_core.faces.sample_faces import load_samples
from fer_core.files.locks import exclusive_output
from fer_core.imaging import encode_png
from tests.clips import make_clip

pytestmark = pytest.mark.usefixtures("models_dir")


def fer(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refusal(*arguments: str | Path, code: int = 1) -> str:
    """Runs a command that must fail, and returns its one-line error message."""
    result = fer(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert "Errno" not in line
    return line


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(make_clip([np.full((64, 64, 3), shade, np.uint8) for shade in (90, 120)]))
    return path


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "happy.png").write_bytes(encode_png(load_samples()["happy"]))
    return folder


@pytest.fixture(autouse=True)
def unchanged(clip: Path) -> Iterator[None]:
    before = clip.read_bytes()
    yield
    assert clip.read_bytes() == before


@pytest.mark.parametrize("option", ["--csv", "--json", "--annotated"])
@pytest.mark.parametrize("more", [(), ("--overwrite",), ("--resume",)])
def test_a_clip_is_never_replaced(clip: Path, option: str, more: tuple[str, ...]) -> None:
    assert "must not be an input file" in refusal("video", clip, option, clip, *more)
    link = clip.with_name("link.mp4")
    os.link(clip, link)
    assert "must not be an input file" in refusal("video", clip, option, link, *more)


def test_results_of_a_clip_are_files_of_their_own(clip: Path, tmp_path: Path) -> None:
    line = refusal("video", clip, "--csv", tmp_path / "x", "--json", tmp_path / "x")
    assert "--csv and --json must be different files" in line


def test_a_finished_video_run_is_replaced_only_on_request(clip: Path, tmp_path: Path) -> None:
    table = tmp_path / "faces.csv"
    command = ("video", clip, "--csv", table, "--detector", "haar")
    assert fer(*command).exit_code == 0
    first = table.read_bytes()
    assert "--overwrite" in refusal(*command)
    table.write_text("notes")
    assert "--overwrite" in refusal(*command)
    assert table.read_text() == "notes"
    assert fer(*command, "--overwrite").exit_code == 0
    assert table.read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "faces.csv"]


@pytest.mark.parametrize("command", ["video", "batch"])
def test_without_a_run_to_resume_resume_replaces_nothing(
    album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "faces.csv"
    call = (*COMMANDS[command], "faces.csv", "--detector", "haar", "--resume")
    table.write_text("my notes")
    assert "Replace it with --overwrite" in refusal(*call)
    assert table.read_text() == "my notes"
    table.unlink()
    assert fer(*call).exit_code == 0
    finished = table.read_bytes()
    for more in ((), ("--threshold", "0.7")):
        assert "--overwrite" in refusal(*call, *more)
        assert table.read_bytes() == finished
    assert fer(*call, "--threshold", "0.7", "--overwrite").exit_code == 0
    assert set(pd.read_csv(table)["threshold"].dropna()) <= {0.7}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["album", "clip.mp4", "faces.csv"]


def test_another_file_at_the_checkpoint_path_is_not_touched(clip: Path, tmp_path: Path) -> None:
    state = tmp_path / "faces.csv.partial"
    state.write_bytes(b'{"notes": 1}\n{"more": 2}\n{"last": ')
    command = ("video", clip, "--csv", tmp_path / "faces.csv", "--detector", "haar")
    for more in ((), ("--resume",), ("--overwrite",)):
        assert "another file exists there" in refusal(*command, *more)
    assert state.read_bytes() == b'{"notes": 1}\n{"more": 2}\n{"last": '


def test_another_folder_at_the_partial_path_is_not_touched(album: Path, tmp_path: Path) -> None:
    (tmp_path / "faces.csv.partial").mkdir()
    notes = tmp_path / "faces.csv.partial" / "notes.txt"
    notes.write_text("mine")
    line = refusal("batch", album, "--out", tmp_path / "faces.csv", "--detector", "haar")
    assert "something else exists there" in line
    assert notes.read_text() == "mine"


def test_a_finished_batch_is_replaced_only_on_request(album: Path, tmp_path: Path) -> None:
    table = tmp_path / "faces.csv"
    table.write_text("of another day")
    command = ("batch", album, "--out", table, "--workers", "1", "--detector", "haar")
    assert "--overwrite" in refusal(*command)
    assert table.read_text() == "of another day"
    assert fer(*command, "--overwrite").exit_code == 0
    assert "happy.png" in table.read_text()


def test_a_batch_without_one_usable_photo_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    table = tmp_path / "faces.csv"
    result = fer("batch", tmp_path / "photos", "--out", table, "--workers", "1")
    assert result.exit_code == 1
    assert "No photo could be analyzed" in result.stderr
    assert pd.read_csv(table)["reason"].tolist() == ["corrupt"]


def test_a_batch_reports_the_threshold_chosen_for_an_accuracy(album: Path, tmp_path: Path) -> None:
    table = tmp_path / "faces.csv"
    options = ("--workers", "1", "--detector", "haar", "--model", "tiny_a", "--accuracy", "0.9")
    result = fer("batch", album, "--out", table, *options)
    (threshold,) = set(pd.read_csv(table)["threshold"])
    assert (
        f"Threshold {threshold:g}: the lowest with a selective accuracy of at least 90.0%"
        in result.stderr
    )


def test_a_table_of_photos_is_not_its_own_result(tmp_path: Path) -> None:
    table = tmp_path / "photos.parquet"
    table.write_bytes(b"PAR1")
    command = ("batch", table, "--engine", "ray", "--overwrite", "--out")
    assert "must not be an input file" in refusal(*command, table)
    folder = tmp_path / "many.parquet"
    folder.mkdir()
    (folder / "a.parquet").write_bytes(b"PAR1")
    command = ("batch", folder, "--engine", "ray", "--overwrite", "--out")
    assert "must not be an input file" in refusal(*command, folder / "a.parquet")
    assert "must not be in the folder" in refusal(*command, folder / "b.parquet")
    assert table.read_bytes() == b"PAR1"


def test_a_report_replaces_a_file_only_on_request(tmp_path: Path, own_models_dir: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("mine")
    assert "--overwrite" in refusal("report", "--model", "tiny_a", "--out", page)
    assert page.read_text() == "mine"
    assert fer("report", "--model", "tiny_a", "--out", page, "--overwrite").exit_code == 0
    assert "<h1>" in page.read_text(encoding="utf-8")
    card = own_models_dir / "tiny_a" / "card.json"
    line = refusal("report", "--model", "tiny_a", "--out", card, "--overwrite")
    assert "must not be an input file" in line


COMMANDS = {
    "video": ("video", "clip.mp4", "--csv"),
    "batch": ("batch", "album", "--out"),
    "report": ("report", "--model", "tiny_a", "--out"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("place", "words"),
    [("none/a.csv", "must exist"), ("folder.csv", "a folder"), ("link.csv", "broken link")],
)
def test_an_invalid_output_path_is_reported_before_any_work(
    album: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    place: str,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    # Any work begins with a model, and there is none.
    if command != "report":
        monkeypatch.setenv("FER_MODELS_DIR", str(tmp_path / "no_models"))
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "none" / "a.csv")
    assert words in refusal(*COMMANDS[command], place)


@pytest.mark.parametrize("command", COMMANDS)
def test_one_run_at_a_time(
    album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with exclusive_output(tmp_path / "faces.csv"):
        assert "in use by another run" in refusal(*COMMANDS[command], "faces.csv")
        if command in ("video", "batch"):
            assert "in use by another run" in refusal(*COMMANDS[command], "faces.csv", "--resume")
    assert not (tmp_path / "faces.csv").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--fps", "nan"),
        ("--fps", "inf"),
        ("--fps", "-inf"),
        ("--fps", "-1"),
        ("--fps", "0"),
        ("--fps", "1e308"),
        ("--every", "0"),
    ],
)
def test_numbers_of_a_video_are_checked(clip: Path, options: tuple[str, str]) -> None:
    result = fer("video", clip, *options)
    assert result.exit_code == 2
    assert options[0] in result.stderr


@pytest.mark.parametrize("timeout", ["nan", "inf", "-1", "1e300"])
def test_numbers_of_a_batch_are_checked(album: Path, tmp_path: Path, timeout: str) -> None:
    result = fer("batch", album, "--out", tmp_path / "a.csv", "--timeout", timeout)
    assert result.exit_code == 2
    assert "--timeout" in result.stderr


@pytest.mark.parametrize("option", ["--threshold", "--accuracy"])
@pytest.mark.parametrize("value", ["nan", "inf", "-0.1", "90"])
@pytest.mark.parametrize("command", ["analyze", "video"])
def test_an_invalid_fraction_is_reported(clip: Path, command: str, option: str, value: str) -> None:
    result = fer(command, clip, option, value)
    assert result.exit_code == 2
    said = " ".join(result.stderr.replace("│", " ").split())
    assert f"'{option}': must be from 0 to 1. Received: {float(value):g}" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("batch", "album", "--out", "a.csv", "--timeout", "nan"), "from 0.1 to 86400"),
        (("video", "clip.mp4", "--fps", "nan"), "above 0 and at most"),
        (("prepare", "--wait", "nan"), "0 or more"),
        (("prepare", "--wait", "-1"), "0 or more"),
    ],
)
def test_the_range_of_a_number_is_named(arguments: tuple[str, ...], words: str) -> None:
    result = fer(*arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize("purpose", ["a file", "a link to nothing"])
def test_an_unusable_cache_folder_is_reported(
    album: Path,
    tmp_path: Path,
    own_models_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    purpose: str,
) -> None:
    cache = tmp_path / "cache"
    if purpose == "a file":
        cache.touch()
    else:
        cache.symlink_to("/proc/nowhere")
    monkeypatch.setenv("FER_CACHE_DIR", str(cache))
    line = refusal("analyze", album / "happy.png", "--detector", "haar")
    assert line.startswith(f"The cache folder {cache} cannot be written: ")
    assert "FER_CACHE_DIR" in line
    assert refusal("prepare") == line


def test_other_errors_of_the_system_are_one_line_too(
    album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    monkeypatch.setenv("FER_MODELS_DIR", str(loop / "models"))
    assert "models" in refusal("analyze", album / "happy.png", "--detector", "haar")
    assert "folder does not exist" in refusal("batch", loop, "--out", tmp_path / "a.csv")


def test_a_photo_is_no_folder(album: Path, tmp_path: Path) -> None:
    line = refusal("batch", album / "happy.png", "--out", tmp_path / "a.csv")
    assert line.startswith("This is a file. Expected a folder")
    assert "python -m fer_core analyze" in line
    assert not (tmp_path / "a.csv").exists()


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.keras").mkdir()
    for folder in (tmp_path / "model.keras", tmp_path):
        assert "Received: a folder, but a .keras model is one file" in refusal(
            "import-model", folder
        )
