from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.zoo.store import ModelStore
from tests.tiny_dataset import tiny_dataset
from tests.unit.training.settings import TINY_CONFIG, tiny_settings
from training.export import export
from training.run_directory.environment import write_environment
from training.run_directory.layout import CONFIG_FILE, load_best
from training.run_directory.warm_start import load_pretrained, pretrained_file
from training.settings import SettingsError, TrainingSettings, read_settings
from training.train import train

DATASET = tiny_dataset()
TINY_MODEL = tiny_settings().model.model_dump()


def further(name: str, **changes: object) -> TrainingSettings:
    return tiny_settings(model=TINY_MODEL | {"pretrained": name} | changes)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with `tiny`, exported from a run."""
    folder = tmp_path_factory.mktemp("exported")
    run, models = folder / "run", folder / "models"
    run.mkdir()
    (run / CONFIG_FILE).write_text(TINY_CONFIG)
    write_environment(run)
    train(read_settings(run / CONFIG_FILE), DATASET, run, resume=False)
    export(run, DATASET, ModelStore(models))
    return models


@pytest.fixture
def saved(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it for one test, as the project's models folder."""
    models = shutil.copytree(exported, tmp_path / "models")
    monkeypatch.setenv("FER_MODELS_DIR", str(models))
    return models


def test_fine_tuning_starts_from_the_saved_weights_and_is_in_the_card(
    saved: Path, tmp_path: Path
) -> None:
    run = tmp_path / "further"
    run.mkdir()
    config = TINY_CONFIG.replace(
        "[schedule]",
        'pretrained = "tiny"\n\n[optimizer]\nlearning_rate = 1e-9\nweight_decay = 0\n\n[schedule]',
    )
    (run / CONFIG_FILE).write_text(config)
    write_environment(run)
    sha256 = ModelStore.default().load_scored_card("tiny").weights.sha256
    train(read_settings(run / CONFIG_FILE), DATASET, run, resume=False)
    assert pretrained_file(run) == {"name": "tiny", "sha256": sha256}
    first = load_pretrained(further("tiny"), tmp_path / "other", DATASET)
    assert first is not None
    kernels = [array for array in load_best(run, DATASET)[1].get_weights() if array.ndim >= 2]
    for kernel, saved_kernel in zip(kernels, (a for a in first if a.ndim >= 2), strict=True):
        np.testing.assert_allclose(kernel, saved_kernel, atol=1e-5)
    card = export(run, DATASET, ModelStore(saved), overwrite=True)
    assert card.training is not None
    assert card.training.recipe["pretrained_file"] == {"name": "tiny", "sha256": sha256}
    assert "trained from the weights of tiny on 48x48" in card.summary


def test_another_network_other_faces_or_a_missing_model_are_rejected(
    saved: Path, tmp_path: Path
) -> None:
    for wrong in (
        further("tiny", architecture="vgg19"),
        tiny_settings(model=TINY_MODEL | {"pretrained": "tiny"}, preprocessing={"scaling": "unit"}),
    ):
        with pytest.raises(SettingsError, match="pretrained: tiny has"):
            load_pretrained(wrong, tmp_path, DATASET)
    with pytest.raises(ModelError, match="missing"):
        load_pretrained(further("missing"), tmp_path, DATASET)
    weights = load_pretrained(further("tiny"), tmp_path / "run", DATASET)
    assert weights is not None
    wider = further("tiny", widths=(4, 4, 12))
    with pytest.raises(SettingsError, match="layers or widths differ"):
        train(wider, DATASET, tmp_path / "wider", resume=False)


def test_without_a_name_nothing_is_loaded_or_recorded(tmp_path: Path) -> None:
    assert load_pretrained(tiny_settings(), tmp_path, DATASET) is None
    assert not list(tmp_path.iterdir())
