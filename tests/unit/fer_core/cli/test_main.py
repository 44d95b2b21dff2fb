import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from fer_core.cli.main import app
from fer_core.faces.sample_faces import load_samples, sample_sheet
from fer_core.imaging import encode_png
from fer_core.labels.emotions import FER2013
from fer_core.recognition.threshold_choice import threshold_for_accuracy
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.store import ModelStore, list_models
from tests.clips import make_clip
from tests.squares import squares

PROJECT = Path(__file__).resolve().parents[4]

pytestmark = pytest.mark.usefixtures("models_dir")


def fer(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def as_process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fer_core", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "happy.png"
    path.write_bytes(encode_png(load_samples()["happy"]))
    return path


@pytest.fixture
def empty_room(tmp_path: Path) -> Path:
    path = tmp_path / "empty room.png"
    path.write_bytes(encode_png(np.full((200, 300, 3), 120, np.uint8)))
    return path


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "text.jpg"
    path.write_text("no picture at all\n" * 100)
    return path


def test_csv_has_one_row_per_face(tmp_path: Path, photo: Path, empty_room: Path) -> None:
    sheet = tmp_path / "sheet.png"
    sheet.write_bytes(encode_png(sample_sheet()))
    result = fer("analyze", empty_room, photo, sheet, "--detector", "haar", "--format", "csv")
    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["file"] for row in rows] == [str(photo)] + [str(sheet)] * 7
    assert [row["face_id"] for row in rows] == ["1", *"1234567"]
    for row in rows:
        assert row["prediction"] in (*FER2013, "uncertain")
        assert row["top_label"] in FER2013
        total = sum(float(row[f"p_{label}"]) for label in FER2013)
        assert total == pytest.approx(1, abs=1e-4)


def test_csv_of_no_faces_has_the_header_alone(empty_room: Path) -> None:
    result = fer("analyze", empty_room, "--detector", "haar", "--format", "csv")
    assert result.exit_code == 0
    (header,) = result.stdout.splitlines()
    assert header.startswith("file,face_id,x1,y1,x2,y2,detection_score,prediction,top_label")


def test_json_holds_every_file(photo: Path, empty_room: Path) -> None:
    options = ("--detector", "haar", "--format", "json", "--model", "tiny_a")
    result = fer("analyze", photo, empty_room, *options)
    assert result.exit_code == 0
    first, second = json.loads(result.stdout)
    assert (first["file"], first["model"], first["detector"]) == (str(photo), "tiny_a", "haar")
    assert first["threshold"] == 0.5
    assert len(first["faces"]) == 1
    assert second["faces"] == []


def test_the_table_names_file_and_expression(photo: Path, empty_room: Path) -> None:
    result = fer("analyze", photo, empty_room, "--detector", "haar")
    assert result.exit_code == 0
    # The tiny model is never confident.
    assert "uncertain" in result.stdout
    assert "no face found" in result.stdout
    assert (
        result.stdout.splitlines()[-1] == "Predictions with a confidence below 0.5 are uncertain."
    )


def test_brackets_in_a_name_are_shown_as_they_are(tmp_path: Path, photo: Path) -> None:
    odd = photo.rename(tmp_path / "[red]a[b].png")
    result = fer("analyze", odd, "--detector", "haar")
    assert result.exit_code == 0
    assert "[red]a[b].png" in "".join(
        line.split("│")[1].strip() for line in result.stdout.splitlines() if "│" in line
    )


def test_a_rejected_file_gives_one_line_and_the_others_are_analyzed(
    photo: Path, text_file: Path, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.jpg"
    result = fer("analyze", text_file, missing, photo, "--detector", "haar", "--format", "csv")
    assert result.exit_code == 1
    about_text, about_missing = result.stderr.splitlines()
    assert about_text.startswith(f"{text_file}: This type of file is not supported.")
    assert about_missing.startswith(f"{missing}: There is no such file.")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["file"] == str(photo)


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_when_every_file_is_rejected_the_output_is_still_well_formed(
    text_file: Path, output: str
) -> None:
    result = fer("analyze", text_file, "--detector", "haar", "--format", output)
    assert result.exit_code == 1
    assert result.stdout.strip() == ("[]" if output == "json" else "")


def test_a_threshold_or_an_accuracy_may_be_given(photo: Path) -> None:
    options = ("analyze", photo, "--detector", "haar", "--model", "tiny_a", "--format", "json")
    for chosen in (("--threshold", "0"), ("--threshold", "1"), ("--accuracy", "0.9")):
        (result,) = json.loads(fer(*options, *chosen).stdout)
        (face,) = result["faces"]
        is_uncertain = face["confidence"] < result["threshold"]
        assert face["prediction"] == ("uncertain" if is_uncertain else face["top_label"])
        if chosen[0] == "--threshold":
            assert result["threshold"] == float(chosen[1])
        else:
            assert result["threshold"] == threshold_for_accuracy(
                ModelStore.default().load_scored_card("tiny_a"), 0.9
            )
            said = fer(*options, *chosen).stderr
            assert said.startswith(f"Threshold {result['threshold']:g}: the lowest")
    for wrong in (("--threshold", "0.5", "--accuracy", "0.9"), ("--accuracy", "90")):
        assert fer(*options, *wrong).exit_code == 2


@pytest.mark.parametrize("command", ["analyze", "batch", "video"])
def test_an_accuracy_out_of_reach_ends_with_one_line_and_no_file(
    command: str, photo: Path, own_models_dir: Path, tmp_path: Path
) -> None:
    (own_models_dir / "tiny_a" / "predictions.npz").unlink()
    source, out = photo, tmp_path / "out" / "faces.csv"
    out.parent.mkdir()
    if command == "video":
        source = tmp_path / "clip.mp4"
        source.write_bytes(make_clip([squares()]))
    outputs = {"analyze": (), "batch": ("--out", out), "video": ("--csv", out)}[command]
    if command == "batch":
        source = photo.parent
    options = ("--detector", "haar", "--model", "tiny_a", "--accuracy", "0.9")
    result = fer(command, source, *outputs, *options)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "validation split of tiny_a, whose predictions cannot be read" in line
    assert not list(out.parent.iterdir())


def test_an_unknown_format_is_a_usage_error(photo: Path) -> None:
    assert fer("analyze", photo, "--format", "xml").exit_code == 2


def test_a_missing_model_ends_with_one_line(photo: Path) -> None:
    result = as_process("analyze", photo, "--model", "none_such")
    assert result.returncode == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert "none_such" in line
    assert "tiny_a, tiny_b" in line


def test_the_fallback_to_haar_is_reported_in_one_line(photo: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.onnx")
    result = as_process("analyze", photo, "--format", "json", FER_YUNET_MODEL=missing)
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()
    assert "Haar" in line
    assert json.loads(result.stdout)[0]["detector"] == "haar"


def test_models_lists_them_with_their_accuracy() -> None:
    result = fer("models")
    assert result.exit_code == 0
    assert "tiny_a" in result.stdout
    assert "tiny_b" in result.stdout
    assert "%" in result.stdout


def test_models_come_best_first(own_models_dir: Path) -> None:
    names = ["tiny_a", "tiny_b"]
    accuracy = {
        name: ModelStore.default().load_scored_card(name).reported.accuracy.value for name in names
    }
    lines = fer("models").stdout.splitlines()
    shown = [name for line in lines for name in names if f" {name} " in line]
    assert shown == sorted(names, key=lambda name: -accuracy[name])
    assert len(set(accuracy.values())) == 2


@pytest.mark.parametrize("width", ["60", "80"])
def test_models_are_grouped_by_test_set_and_nothing_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("FER_MODELS_DIR", str(PROJECT / "models"))
    monkeypatch.setenv("COLUMNS", width)
    text = fer("models").stdout
    assert "…" not in text
    assert all(len(line) <= int(width) for line in text.splitlines())
    listed = set()
    for section in text.split("Test set: ")[1:]:
        shown: dict[str, str] = {}
        for line in section.splitlines():
            if line.startswith("│"):
                name, _, accuracy, *_ = (cell.strip() for cell in line.split("│")[1:])
                name = name or list(shown)[-1]  # a cell that wraps
                shown[name] = shown.get(name, "") + accuracy.replace(" ", "")
        cards = [ModelStore.default().load_scored_card(name) for name in shown]
        scores = [card.reported.accuracy for card in cards]
        assert list(shown.values()) == [score.percent().replace(" ", "") for score in scores]
        assert scores == sorted(scores, key=lambda score: -score.value)
        (dataset,) = {card.protocol.dataset for card in cards}
        assert section.startswith(dataset)
        listed |= set(shown)
    assert listed == {card.name for card in list_models().cards}


def test_a_model_of_ckplus_is_named_by_its_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_MODELS_DIR", str(PROJECT / "models"))
    card = ModelStore.default().load_scored_card("ckplus_cnn")
    assert card.ckplus is not None
    (line,) = [line for line in fer("models").stdout.splitlines() if "ckplus_cnn" in line]
    assert f"{card.ckplus.by_sequence.emotion.accuracy.value:.1%}" in line


def test_a_broken_model_is_named_and_hides_no_other(own_models_dir: Path) -> None:
    (own_models_dir / "tiny_a" / "card.json").write_text("{")
    result = fer("models")
    assert result.exit_code == 0
    assert "tiny_b" in result.stdout
    assert result.stderr.startswith("tiny_a: The model card")


def test_without_models_the_command_names_their_folder(no_models_dir: Path) -> None:
    result = fer("models")
    assert result.exit_code == 0
    assert str(no_models_dir) in result.stdout


def test_prepare_exports_every_usable_model(
    own_models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_YUNET_MODEL", str(tmp_path / "missing.onnx"))
    (own_models_dir / "tiny_b" / "model.keras").write_bytes(b"damaged")
    result = fer("prepare", "--wait", "0")
    assert result.exit_code == 0
    assert "tiny_b: " in result.stderr
    assert "haar" in result.stdout

    exports: list[str] = []
    load_classifier("tiny_a", progress=lambda part, text: exports.append(text))
    assert exports == []


def test_report_writes_one_file_about_the_named_models(tmp_path: Path) -> None:
    out = tmp_path / "models.html"
    result = fer("report", "--model", "tiny_b", "--out", out)
    assert result.exit_code == 0
    assert str(out) in result.stdout
    text = out.read_text(encoding="utf-8")
    assert "<h1>Tiny tiny_b: report</h1>" in text
    assert "Tiny tiny_a" not in text


def test_report_compares_all_models_where_none_is_named(
    own_models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_models_dir / "broken").mkdir()
    monkeypatch.chdir(tmp_path)
    result = fer("report")
    assert result.exit_code == 0
    assert "broken: The model card" in result.stderr
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h1>2 models: a comparison</h1>" in text


def test_report_names_the_error(own_models_dir: Path, tmp_path: Path) -> None:
    unwritable = fer("report", "--model", "tiny_a", "--out", tmp_path / "missing" / "report.html")
    assert unwritable.exit_code == 1
    assert "The folder of --out must exist" in unwritable.stderr
    (own_models_dir / "tiny_a" / "predictions.npz").unlink()
    result = as_process("report", "--model", "tiny_a", "--out", tmp_path / "report.html")
    assert result.returncode == 1
    assert "predictions.npz cannot be read" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "report.html").exists()
