"""`python -m fer_core evaluate`, from a folder of photos to a saved evaluation and a report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fer_core.benchmark import EvaluationStore
from fer_core.cli.main import app
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


def test_a_package_needs_files(folder: Path, tmp_path: Path) -> None:
    result = run(tmp_path / "photos.zip", "--package", f"fake={Path('python')}:{folder}")
    assert result.exit_code != 0
