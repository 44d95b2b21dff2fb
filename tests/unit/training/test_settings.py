from __future__ import annotations

from pathlib import Path

import pytest

from training.settings import SettingsError, read_settings

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


MODEL = '[model]\nname = "a"\ntitle = "A"\narchitecture = "cnn"\n'


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(CONFIGS.rglob("*.toml")) if path.parent.name != "ckplus"],
    ids=lambda path: str(path.name),
)
def test_every_shipped_config_is_valid_and_named_after_its_model(path: Path) -> None:
    assert read_settings(path).model.name == path.stem


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("epochs 3", "not valid TOML"),
        (MODEL + "[schedule]\nepochs = 3\nepohcs = 4\n", "schedule.epohcs"),
        (MODEL + "[schedule]\nepochs = 0\n", "schedule.epochs"),
        (MODEL + "[schedule]\nepochs = 3\nwarmup_epochs = 3\n", "fewer than epochs"),
        (MODEL.replace("cnn", "alexnet") + "[schedule]\nepochs = 3\n", "received 'alexnet'"),
        ("[schedule]\nepochs = 3\n", "model"),
        (
            MODEL + "[schedule]\nepochs = 3\n"
            "[imbalance]\nclass_weights = 'sqrt'\nresampling = 'oversample'\n",
            "choose one of them",
        ),
        (
            MODEL + "[schedule]\nepochs = 3\n[imbalance]\nresampling = 'smote'\n[extra_votes]\n",
            "have no votes",
        ),
        (MODEL + "[schedule]\nepochs = 3\n[distillation]\nteachers = []\n", "teachers"),
    ],
)
def test_a_bad_config_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        read_settings(config(tmp_path, text))


def test_a_missing_config_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")


def test_progressive_resizing_starts_small(tmp_path: Path) -> None:
    text = MODEL + "[schedule]\nepochs = 5\nsmall_image_size = 32\nsmall_image_epochs = 3\n"
    settings = read_settings(config(tmp_path, text))
    assert [settings.image_size_at(epoch) for epoch in range(5)] == [32, 32, 32, 48, 48]
