"""A folder is replaced on request only, and atomically."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fer_core.errors import OutputError
from fer_core.files.atomic_directory import atomic_directory
from fer_core.zoo.store import ModelStore


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "cnn").mkdir()
    (tmp_path / "cnn" / "card.json").write_text("old")
    return tmp_path


def fill(models: Path, *, overwrite: bool) -> None:
    with atomic_directory(models, "cnn", "The saved model", overwrite=overwrite) as folder:
        (folder / "card.json").write_text("new")


def test_a_model_is_replaced_only_on_request(models: Path) -> None:
    with pytest.raises(OutputError, match="--overwrite"):
        fill(models, overwrite=False)
    assert (models / "cnn" / "card.json").read_text() == "old"
    fill(models, overwrite=True)
    assert (models / "cnn" / "card.json").read_text() == "new"
    assert [path.name for path in models.iterdir()] == ["cnn"]


def test_a_model_that_appears_during_an_export_is_kept(tmp_path: Path) -> None:
    def make() -> None:
        with atomic_directory(tmp_path, "cnn", "The saved model", overwrite=False) as folder:
            (folder / "card.json").write_text("new")
            (tmp_path / "cnn").mkdir()
            (tmp_path / "cnn" / "card.json").write_text("written by another process")

    with pytest.raises(OutputError, match="--overwrite"):
        make()
    assert (tmp_path / "cnn" / "card.json").read_text() == "written by another process"
    assert [path.name for path in tmp_path.iterdir()] == ["cnn"]


def test_two_processes_cannot_write_one_model(models: Path) -> None:
    with atomic_directory(models, "cnn", "The saved model", overwrite=True) as folder:
        (folder / "card.json").write_text("first")
        with pytest.raises(OutputError, match="cnn is in use by another run"):
            fill(models, overwrite=True)
        with atomic_directory(models, "vgg19", "The saved model", overwrite=False) as other:
            (other / "card.json").write_text("other")
        listing = ModelStore(models).list_models()
        assert listing.cards == ()
        assert {broken.name for broken in listing.broken} == {"cnn", "vgg19"}
    assert (models / "cnn" / "card.json").read_text() == "first"
    assert sorted(path.name for path in models.iterdir()) == ["cnn", "vgg19"]


def test_the_old_model_is_restored_when_the_new_one_cannot_be_moved(models: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        atomic_directory(models, "cnn", "The saved model", overwrite=True) as folder,
    ):
        shutil.rmtree(folder)  # so that renaming it fails
    assert (models / "cnn" / "card.json").read_text() == "old"


def test_a_models_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        fill(tmp_path / "file", overwrite=False)
