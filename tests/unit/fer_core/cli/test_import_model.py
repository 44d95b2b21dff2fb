from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from typer.testing import CliRunner

from fer_core.cli.main import app
from fer_core.zoo.store import ModelStore
from tests.onnx_models import onnx_model


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fer plus.onnx"
    onnx.save(onnx_model((1, 1, 64, 64)), path)
    return path


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["import-model", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


def test_without_labels_it_only_describes(file: Path, no_models_dir: Path) -> None:
    code, output = run(file)
    assert code == 0
    assert "To add it to the saved models, name its --labels." in output
    assert not list(no_models_dir.iterdir())


def test_guesses_need_a_confirmation(file: Path, no_models_dir: Path) -> None:
    code, output = run(file, "--labels", "ferplus")
    assert code == 1
    assert "Some settings are guesses" in output
    assert "a guess: as models of FER+" in output
    assert not list(no_models_dir.iterdir())
    code, output = run(file, "--labels", "ferplus", "--accept-guesses")
    assert code == 0
    assert "Added fer_plus in" in output
    (card,) = ModelStore(no_models_dir).list_models().imported
    assert card.title == "Fer plus"


def test_stated_settings_need_none_and_options_replace_those_of_the_file(
    file: Path, no_models_dir: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text('name = "mine"\nlabels = ["ferplus"]\nscaling = "unit"\n')
    assert run(file, "--settings", settings, "--scaling", "none")[0] == 0
    (card,) = ModelStore(no_models_dir).list_models().imported
    assert (card.name, card.preprocessing.scaling) == ("mine", "none")
    code, output = run(file, "--settings", settings)
    assert code == 1
    assert "already exists" in output
    assert run(file, "--settings", settings, "--overwrite")[0] == 0


@pytest.mark.usefixtures("no_models_dir")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--labels", "happy,sad"], "has 8 classes"),
        (["--labels", "ferplus", "--color", "purple"], "color: expected 'gray', 'rgb' or 'bgr'"),
        (["--labels", "ferplus", "--input", "64"], "input: "),
        (["--labels", "ferplus", "--mean", "a,b"], "expected numbers separated by commas"),
        (["--labels", "ferplus", "--name", "Über"], "name: "),
    ],
)
def test_a_wrong_option_is_one_message(file: Path, options: list[str], message: str) -> None:
    code, output = run(file, *options)
    assert code != 0
    assert message in output
    assert "Traceback" not in output


def test_the_list_of_models_names_it(file: Path, own_models_dir: Path) -> None:
    run(file, "--labels", "ferplus", "--accept-guesses", "--name", "mine")
    output = CliRunner().invoke(app, ["models"]).output
    assert "Imported, not scored here" in output
    assert output.index("tiny_a") < output.index("mine")


def test_its_own_file_is_never_replaced(file: Path, own_models_dir: Path) -> None:
    stored = own_models_dir / "mine" / "model.onnx"
    stored.parent.mkdir()
    stored.write_bytes(file.read_bytes())
    options = ("--labels", "ferplus", "--accept-guesses", "--name", "mine")
    code, output = run(stored, *options, "--overwrite")
    assert code == 1
    assert "must not be in the folder that it would replace" in output
    assert stored.read_bytes() == file.read_bytes()
    code, output = run(own_models_dir / "none.onnx", *options)
    assert code == 1
    assert "already exists" in output  # said before the file is even read
