"""A saved model is replaced on request only, and as a whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fer_core.errors import ModelError, OutputError
from fer_core.zoo.store import ModelStore
from training.artifacts.folder import atomic_directory
from training.ensemble import make_ensemble


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "cnn").mkdir()
    (tmp_path / "cnn" / "card.json").write_text("old")
    return tmp_path


def fill(models: Path, *, overwrite: bool) -> None:
    with atomic_directory(models, "cnn", overwrite=overwrite) as folder:
        (folder / "card.json").write_text("new")


def test_a_model_is_replaced_only_on_request(models: Path) -> None:
    with pytest.raises(OutputError, match="--overwrite"):
        fill(models, overwrite=False)
    assert (models / "cnn" / "card.json").read_text() == "old"
    fill(models, overwrite=True)
    assert (models / "cnn" / "card.json").read_text() == "new"
    assert [path.name for path in models.iterdir()] == ["cnn"]


def test_a_model_that_came_while_another_was_made_stays(tmp_path: Path) -> None:
    def make() -> None:
        with atomic_directory(tmp_path, "cnn", overwrite=False) as folder:
            (folder / "card.json").write_text("new")
            (tmp_path / "cnn").mkdir()
            (tmp_path / "cnn" / "card.json").write_text("of somebody else")

    with pytest.raises(OutputError, match="--overwrite"):
        make()
    assert (tmp_path / "cnn" / "card.json").read_text() == "of somebody else"
    assert [path.name for path in tmp_path.iterdir()] == ["cnn"]


def test_two_never_make_one_model_at_once(models: Path) -> None:
    with atomic_directory(models, "cnn", overwrite=True) as folder:
        (folder / "card.json").write_text("first")
        with pytest.raises(OutputError, match="cnn is in use by another run"):
            fill(models, overwrite=True)
        with atomic_directory(models, "vgg19", overwrite=False) as other:
            (other / "card.json").write_text("other")
        listing = ModelStore(models).list_models()
        assert listing.cards == ()
        assert {broken.name for broken in listing.broken} == {"cnn", "vgg19"}
    assert (models / "cnn" / "card.json").read_text() == "first"
    assert sorted(path.name for path in models.iterdir()) == ["cnn", "vgg19"]


def test_the_old_model_comes_back_when_the_new_one_cannot_take_its_place(models: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        atomic_directory(models, "cnn", overwrite=True) as folder,
    ):
        shutil.rmtree(folder)  # so that renaming it fails
    assert (models / "cnn" / "card.json").read_text() == "old"


def test_a_models_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        fill(tmp_path / "file", overwrite=False)


def test_an_ensemble_takes_no_model_s_place(own_models_dir: Path) -> None:
    before = (own_models_dir / "tiny_a" / "card.json").read_bytes()
    store = ModelStore(own_models_dir)
    for overwrite in (False, True):
        with pytest.raises(ModelError, match="a model of its own"):
            make_ensemble(["tiny_a", "tiny_b"], "tiny_a", store, overwrite=overwrite)
    assert (own_models_dir / "tiny_a" / "card.json").read_bytes() == before


def test_what_was_measured_of_an_ensemble_stays_beside_it(own_models_dir: Path) -> None:
    make_ensemble(["tiny_a", "tiny_b"], "both", ModelStore(own_models_dir))
    (own_models_dir / "both" / "robustness.npz").write_text("measured")
    with pytest.raises(OutputError, match="--overwrite"):
        make_ensemble(["tiny_a", "tiny_b"], "both", ModelStore(own_models_dir))
    make_ensemble(["tiny_a", "tiny_b"], "both", ModelStore(own_models_dir), overwrite=True)
    assert (own_models_dir / "both" / "robustness.npz").read_text() == "measured"
