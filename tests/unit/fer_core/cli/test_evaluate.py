"""`python -m fer_core evaluate`, from a folder of photos to a saved evaluation and a report."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from fer_core.benchmark import EvaluationStore
from fer_core.benchmark.photos import FaceFinder
from fer_core.cli.main import app
from fer_core.files import exclusive_output
from tests.unit.fer_core.benchmark.packages.fake_package import fake_package
from tests.unit.fer_core.benchmark.photos.labeled import photo_folder

pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FER_EVALUATIONS_DIR", str(tmp_path / "evaluations"))
    return photo_folder(tmp_path / "mine")


def run(*arguments: object) -> Result:
    options = [*map(str, arguments), "--detector", "haar", "--workers", "1"]
    return CliRunner().invoke(app, ["evaluate", *options])


def test_from_a_folder_to_scores_a_report_and_a_saved_evaluation(
    folder: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    models = ("--model", "tiny_a", "--model", "tiny_b")
    result = run(folder, *models, "--save", "mine", "--report", report)
    assert result.exit_code == 0, result.output
    assert "8 photos: 2 angry, 4 happy, 2 sad." in result.output
    saved = EvaluationStore.default().load("mine")
    assert list(saved.entries) == ["tiny_a", "tiny_b"]
    accuracy = saved.is_correct("tiny_a").mean()
    assert f"{accuracy:.1%}" in result.output
    assert "Significance" in report.read_text(encoding="utf-8")
    again = run(folder, *models, "--save", "mine")
    assert again.exit_code == 1
    assert "--overwrite" in again.output


def test_names_that_are_not_exact_are_shown_and_must_be_confirmed(folder: Path) -> None:
    (folder / "happy").rename(folder / "Happiness")
    result = run(folder, "--model", "tiny_a")
    assert result.exit_code == 1
    assert re.search(r"Happiness\s*│ happy", result.output)
    assert "--accept-classes" in result.output
    assert run(folder, "--model", "tiny_a", "--accept-classes").exit_code == 0
    assert run(folder, "--model", "tiny_a", "--classes", "Happiness=happy").exit_code == 0


def test_unknown_classes_are_named_and_can_be_left_out(folder: Path) -> None:
    (folder / "happy").rename(folder / "bored")
    result = run(folder, "--model", "tiny_a")
    assert result.exit_code == 1
    assert "bored is no known class" in result.output
    left_out = run(folder, "--model", "tiny_a", "--classes", "bored=")
    assert "4 photos: 2 angry, 2 sad." in left_out.output


def test_another_package_is_run_beside_the_models(folder: Path, tmp_path: Path) -> None:
    (folder / "angry").rename(tmp_path / "angry")  # which the package does not know
    command = fake_package(tmp_path)
    for each in ("happy", "sad"):
        (folder / each / "0.png").rename(folder / each / f"{each}.png")
        for photo in ("1.png", "torn.jpg", "wall.png"):
            (folder / each / photo).unlink(missing_ok=True)
    package = f"fake={command.interpreter}:{command.adapter}"
    result = run(folder, "--model", "tiny_a", "--package", package, "--save", "both")
    assert result.exit_code == 0, result.output
    assert EvaluationStore.default().load("both").is_correct("fake").all()
    assert "Classes of fake 1.2 that are left out: bored" in " ".join(result.output.split())


def test_one_run_at_a_time_writes_a_file(folder: Path, tmp_path: Path) -> None:
    photos = tmp_path / "mine.csv"
    with exclusive_output(photos):
        result = run(folder, "--model", "tiny_a", "--csv", photos)
    assert result.exit_code == 1
    assert "in use by another run" in result.output
    assert not photos.exists()


def test_scores_and_photos_are_written_as_json_and_csv(folder: Path, tmp_path: Path) -> None:
    facts, scores, photos = (tmp_path / name for name in ("facts.csv", "mine.json", "mine.csv"))
    facts.write_text("file,site,label\nwall.png,north,x\n", encoding="utf-8")
    models = ("--model", "tiny_a", "--model", "tiny_b")
    files = ("--json", scores, "--csv", photos)
    result = run(folder, *models, "--metadata", facts, *files, "--save", "mine")
    assert result.exit_code == 0, result.output
    saved = EvaluationStore.default().load("mine")
    written = json.loads(scores.read_text(encoding="utf-8"))
    assert written["classes"] == {"angry": 2, "happy": 4, "sad": 2}
    for entry in written["entries"]:
        correct = saved.is_correct(entry["entry"])
        assert entry["accuracy"] == pytest.approx(correct.mean())
        assert entry["no_prediction"]["no face"] == 1
        assert sum(entry["no_prediction"].values()) == 2
        assert {each["value"] for each in entry["slices"] if each["column"] == "site"} <= {"north"}
    (pair,) = written["comparisons"]
    assert {pair["first"], pair["second"]} == {"tiny_a", "tiny_b"}
    frame = pd.read_csv(photos, index_col="file")
    assert frame.index.tolist() == list(saved.photos.id)
    wall = frame.to_dict("index")["happy/wall.png"]
    expected = {"label": "happy", "tiny_a": "no face", "site": "north", "label_column": "x"}
    assert {name: wall[name] for name in expected} == expected
    assert (frame["label"] == frame["tiny_b"]).tolist() == saved.is_correct("tiny_b").tolist()
    again = run(folder, "--model", "tiny_a", "--json", scores)
    assert again.exit_code == 1
    assert "--overwrite" in again.output


def test_resume_needs_a_name(folder: Path) -> None:
    result = run(folder, "--model", "tiny_a", "--resume")
    assert result.exit_code == 2
    assert "needs --save" in result.output


def test_after_a_failed_package_the_models_are_not_run_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = tmp_path / "broken.py"
    adapter.write_text("raise SystemExit(3)", encoding="utf-8")
    command = (folder, "--model", "tiny_a", "--save", "mine")
    failed = run(*command, "--package", f"broken={sys.executable}:{adapter}")
    assert failed.exit_code == 1
    monkeypatch.setattr(FaceFinder, "find", None)  # no photo is analyzed any more
    result = run(*command, "--resume")
    assert result.exit_code == 0, result.output
    assert len(EvaluationStore.default().load("mine").photos) == 8


def test_two_entries_of_one_name_are_refused_before_any_work(folder: Path) -> None:
    result = run(folder, "--model", "tiny_a", "--package", f"tiny_a={sys.executable}:fer")
    assert result.exit_code == 2
    assert "two entries are named tiny_a" in result.output


def test_a_package_needs_files(folder: Path, tmp_path: Path) -> None:
    result = run(tmp_path / "photos.zip", "--package", f"fake={Path('python')}:{folder}")
    assert result.exit_code != 0


@pytest.mark.parametrize("option", ["--csv", "--json", "--report"])
def test_a_photo_is_never_replaced_by_an_output(folder: Path, option: str) -> None:
    photo = next(folder.rglob("*.png"))
    before = photo.read_bytes()
    result = run(folder, "--pre-cropped", option, photo, "--overwrite")
    assert result.exit_code == 1
    assert "must not be an input file" in result.output
    assert photo.read_bytes() == before
