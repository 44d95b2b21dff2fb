from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.paths import models_directory
from fer_core.recognition import load_analyzer
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.onnx_export import onnx_file
from fer_core.zoo.store import ModelStore, list_models


def test_listing_is_ranked_by_the_selection_split(models_dir: Path) -> None:
    listing = list_models()
    scores = [card.metrics["fer2013_public_test"]["plain"].accuracy.value for card in listing.cards]
    assert {card.name for card in listing.cards} == {"tiny_a", "tiny_b"}
    assert scores == sorted(scores, reverse=True)
    assert listing.default == listing.cards[0]
    assert listing.broken == ()


def test_a_model_with_action_units_is_never_the_default(units_models_dir: Path) -> None:
    listing = list_models()
    assert listing.cards[-1].name == "tiny_units"
    assert (
        listing.cards[-1].selected_on.accuracy.value > listing.cards[0].selected_on.accuracy.value
    )


def test_no_models_is_an_empty_listing(no_models_dir: Path) -> None:
    for folder in (no_models_dir, no_models_dir / "missing"):
        listing = ModelStore(folder).list_models()
        assert (listing.cards, listing.broken, listing.default) == ((), (), None)


def test_broken_model_hides_no_other(own_models_dir: Path) -> None:
    (own_models_dir / "tiny_a" / "card.json").write_text("{")
    (own_models_dir / "Not a name").mkdir()
    (own_models_dir / "no_card").mkdir()
    (own_models_dir / ".hidden").mkdir()
    (own_models_dir / "README.md").write_text("not a model")
    listing = list_models()
    assert [card.name for card in listing.cards] == ["tiny_b"]
    messages = {model.name: model.message for model in listing.broken}
    assert set(messages) == {"tiny_a", "Not a name", "no_card"}
    assert "not JSON" in messages["tiny_a"]
    assert "cannot be read" in messages["no_card"]


def test_missing_weights_make_a_model_unusable(own_models_dir: Path) -> None:
    (own_models_dir / "tiny_a" / "model.keras").unlink()
    (broken,) = list_models().broken
    assert broken.name == "tiny_a"
    assert "weights of model 'tiny_a' are missing" in broken.message


@pytest.mark.parametrize("position", [0, 40, 0.5, -30, -1])
def test_one_changed_byte_is_refused(own_models_dir: Path, position: float) -> None:
    path = own_models_dir / "tiny_a" / "model.keras"
    assert ModelStore.default().verified_weights("tiny_a") == path
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if position == 0.5 else int(position)] ^= 1
    path.write_bytes(content)
    verified = ModelStore.default().verified_weights
    for open_it in (verified, onnx_file, partial(load_classifier, runtime="keras")):
        with pytest.raises(ModelError, match="Expected SHA-256"):
            open_it("tiny_a")


def test_a_model_without_a_card_is_refused_before_it_is_opened(own_models_dir: Path) -> None:
    folder = own_models_dir / "unlisted"
    folder.mkdir()
    (folder / "model.keras").write_bytes(b"never opened")
    verified = ModelStore.default().verified_weights
    for open_it in (verified, onnx_file, partial(load_classifier, runtime="keras")):
        with pytest.raises(ModelError, match="card"):
            open_it("unlisted")


def test_a_shorter_file_is_refused_with_its_size(own_models_dir: Path) -> None:
    path = own_models_dir / "tiny_a" / "model.keras"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelError, match=r"Expected \d+ bytes"):
        ModelStore.default().verified_weights("tiny_a")


def test_card_of_another_model_is_refused(own_models_dir: Path) -> None:
    card = own_models_dir / "tiny_a" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"name": "tiny_b"}))
    with pytest.raises(ModelError, match="expected 'tiny_a', the folder's name"):
        ModelStore.default().load_scored_card("tiny_a")


@pytest.mark.parametrize("name", ["missing", "../models/tiny_a", "", "tiny_a/", "tiny_a\n"])
def test_unknown_name_lists_the_known_ones(models_dir: Path, name: str) -> None:
    with pytest.raises(ModelError, match="Saved models: tiny_a, tiny_b"):
        ModelStore.default().model_folder(name)


def test_models_directory_is_the_project_s_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_MODELS_DIR", raising=False)
    assert models_directory() == Path(__file__).resolve().parents[4] / "models"


def test_an_explicit_store_is_used_instead_of_the_default(
    tiny_models_dir: Path, no_models_dir: Path
) -> None:
    store = ModelStore(tiny_models_dir)
    assert list_models().cards == ()
    names = ["tiny_b", "tiny_a"]
    assert [card.name for card in store.load_scored_cards(names)] == names
    assert store.load_scored_cards() == store.list_models().cards
    assert load_classifier("tiny_a", store=store).card == store.load_scored_card("tiny_a")
    best = load_analyzer(detector="haar", store=store).classifier.card
    assert best == store.list_models().default
    with pytest.raises(ModelError, match="Saved models: none"):
        load_classifier("tiny_a")
