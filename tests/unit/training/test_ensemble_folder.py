"""An ensemble replaces no single model, and keeps what was measured with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.errors import ModelError, OutputError
from fer_core.zoo.store import ModelStore
from training.ensemble import make_ensemble


def test_an_ensemble_does_not_replace_a_single_model(own_models_dir: Path) -> None:
    before = (own_models_dir / "tiny_a" / "card.json").read_bytes()
    store = ModelStore(own_models_dir)
    for overwrite in (False, True):
        with pytest.raises(ModelError, match="already a single model"):
            make_ensemble(["tiny_a", "tiny_b"], "tiny_a", store, overwrite=overwrite)
    assert (own_models_dir / "tiny_a" / "card.json").read_bytes() == before


def test_measurements_of_an_ensemble_are_kept(own_models_dir: Path) -> None:
    make_ensemble(["tiny_a", "tiny_b"], "both", ModelStore(own_models_dir))
    (own_models_dir / "both" / "robustness.npz").write_text("measured")
    with pytest.raises(OutputError, match="--overwrite"):
        make_ensemble(["tiny_a", "tiny_b"], "both", ModelStore(own_models_dir))
    make_ensemble(["tiny_a", "tiny_b"], "both", ModelStore(own_models_dir), overwrite=True)
    assert (own_models_dir / "both" / "robustness.npz").read_text() == "measured"
