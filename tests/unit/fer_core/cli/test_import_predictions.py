"""`import-predictions` and `evaluations` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fer_core.benchmark import EvaluationStore
from fer_core.cli.main import app
from fer_core.zoo.store import ModelStore

SAVED = ModelStore(Path(__file__).resolve().parents[4] / "models")
GOOD = "id,label,p_happy,p_sad\na.jpg,happy,0.9,0.1\nb.jpg,sad,0.6,0.4\n"


def fer(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def evaluations_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FER_EVALUATIONS_DIR", str(tmp_path / "evaluations"))
    monkeypatch.setenv("FER_MODELS_DIR", str(SAVED.folder))
    return tmp_path / "evaluations"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "My model.csv"
    path.write_text(GOOD)
    return path


def test_rows_of_a_split_are_compared_with_the_saved_models(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    frame = SAVED.load_predictions("ensemble")["fer2013_private_test"].to_frame()
    frame.drop(columns="label")[5:].to_csv(path, index=False)
    result = fer("import-predictions", path, "--split", "fer2013_private_test", "--title", "Mine")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "Mine: 3,584 predictions for 3,589 photos of FER2013 test (PrivateTest)."
    assert lines[1] == "5 photos have no prediction and count as errors."
    correct = EvaluationStore.default().load("mine").is_correct("mine")
    assert lines[2].startswith(f"Accuracy: {correct.mean():.1%} [")
    (ensemble,) = (line for line in lines if "Ensemble of 4" in line)
    assert "72.9%" in ensemble
    assert "-0.1 [" in ensemble
    assert lines[-1].startswith("Saved as mine in ")


def test_ones_own_photos_are_saved_under_the_name_of_the_file(file: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("id,label,age\na.jpg,happy,4\nb.jpg,sad,5\nc.jpg,fear,6\n")
    result = fer("import-predictions", file, "--labels", labels)
    assert result.exit_code == 0, result.stderr
    assert "1 photos of fear are left out" in result.stdout
    assert "Accuracy: 50.0%" in result.stdout
    assert EvaluationStore.default().load("my_model").photos.columns["age"].tolist() == [4, 5]


def test_classes_are_shown_and_confirmed(file: Path, evaluations_dir: Path) -> None:
    file.write_text(GOOD.replace("p_happy", "p_Joy"))
    result = fer("import-predictions", file)
    assert result.exit_code == 1
    (row,) = (line for line in result.stdout.splitlines() if "p_Joy" in line)
    assert "happy" in row
    (line,) = result.stderr.splitlines()
    assert "p_Joy is read as happy" in line
    assert line.endswith("add --accept-classes.")
    assert not evaluations_dir.exists()
    assert fer("import-predictions", file, "--accept-classes").exit_code == 0


def test_what_is_refused_ends_with_one_line(file: Path, evaluations_dir: Path) -> None:
    bad = file.with_name("bad.csv")
    bad.write_text(GOOD.replace("0.9", "0.7"))
    for arguments, reason in (
        ((bad,), "bad.csv, line 2: the probabilities sum to 0.8 instead of 1"),
        ((file.with_name("none.csv"),), "No such file"),
        ((file.parent,), "Is a directory"),
        ((file, "--name", "../mine"), "name of an evaluation"),
        ((file, "--split", "none"), "has predictions for 'none'"),
    ):
        result = fer("import-predictions", *arguments)
        assert result.exit_code == 1
        (line,) = result.stderr.splitlines()
        assert reason in line
    assert fer("import-predictions", file, "--split", "a", "--labels", file).exit_code == 2
    assert not evaluations_dir.exists()


def test_an_evaluation_is_replaced_only_on_request(file: Path) -> None:
    assert fer("import-predictions", file).exit_code == 0
    result = fer("import-predictions", file)
    assert result.exit_code == 1
    assert "--overwrite" in result.stderr
    assert fer("import-predictions", file, "--overwrite").exit_code == 0


def test_saved_evaluations_are_listed_with_those_that_are_damaged(
    file: Path, evaluations_dir: Path
) -> None:
    assert "no usable evaluation" in fer("evaluations").stdout
    for name in ("good", "bad"):
        assert (
            fer("import-predictions", file, "--name", name, "--title", "A [title]").exit_code == 0
        )
    (evaluations_dir / "bad" / "evaluation.json").write_text("{")
    result = fer("evaluations")
    assert result.exit_code == 0
    (row,) = (line for line in result.stdout.splitlines() if "good" in line)
    assert "A [title]" in row
    assert result.stderr.startswith("bad: The evaluation")
