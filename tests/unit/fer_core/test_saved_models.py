"""Checks of every model in `models/`: intact, correct metrics, small enough."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.evaluation.comparison.confusion_cells import MIN_FACES
from fer_core.evaluation.reliability.robustness import draw_sample
from fer_core.evaluation.scores.confusion import confusion_matrix
from fer_core.evaluation.scores.weakest_classes import (
    limits_with_weakest_classes,
    limits_with_weakest_units,
)
from fer_core.fer2013.test_split_faces import has_faces
from fer_core.training_logs.history import load_history
from fer_core.zoo.artifacts import PREDICTIONS_FILE
from fer_core.zoo.store import ModelStore
from fer_core.zoo.summary import rescored
from fer_core.zoo.training_recipe import prerequisites
from training.ckplus.settings import read_settings as read_ckplus_settings
from training.publishing.model_readme import render_readme
from training.publishing.result_tables import render_results
from training.results import results_page, with_results
from training.settings import read_settings

MODELS = Path(__file__).resolve().parents[3] / "models"
STORE = ModelStore(MODELS)
LISTING = STORE.list_models()

every_model = pytest.mark.parametrize("name", [card.name for card in LISTING.cards])


def test_none_is_broken() -> None:
    assert LISTING.broken == ()


@every_model
def test_weights_are_those_of_the_card(name: str) -> None:
    members = STORE.verified_members(name)
    for single in members or [name]:
        assert STORE.verified_weights(single).is_file()


@every_model
def test_shipped_robustness_matches_the_weights_and_saved_predictions(name: str) -> None:
    """Where it fails, run `python -m training.artifacts.robustness --data fer2013.csv`."""
    result = STORE.load_robustness(name)
    if result is None:
        pytest.skip(f"the robustness of {name} was never measured")
    assert result.is_current(STORE.load_scored_card(name).weights.sha256)
    sample = draw_sample(STORE.load_predictions(name)[result.split])
    np.testing.assert_array_equal(result.row_id, sample.row_id)
    np.testing.assert_array_equal(result.label, sample.label)
    right = int((sample.probabilities.argmax(axis=1) == sample.label).sum())
    assert result.correct_clean == pytest.approx(right, abs=2)  # stored in half precision


@every_model
def test_average_faces_are_of_cells_that_are_large_enough(name: str) -> None:
    """Where it fails, run `python -m training.artifacts.cell_averages --data fer2013.csv`."""
    card = STORE.load_scored_card(name)
    report = STORE.load_predictions(name)[card.protocol.report_split]
    if not has_faces(report.split):
        assert report.cell_averages is None
        return
    assert report.cell_averages is not None
    has_average = report.cell_averages.any(axis=(2, 3))
    assert (has_average == (confusion_matrix(report).counts >= MIN_FACES)).all()


@every_model
def test_every_number_of_the_card_follows_from_the_predictions(name: str) -> None:
    card = STORE.load_scored_card(name)
    found = rescored(card, MODELS / name / PREDICTIONS_FILE)
    assert numbers(found.model_dump()) == pytest.approx(numbers(card.model_dump()), abs=1e-6)


def numbers(tree: object, path: str = "") -> dict[str, float]:
    """Every number in nested dictionaries, by its path."""
    if isinstance(tree, dict):
        parts = [numbers(value, f"{path}/{name}") for name, value in tree.items()]
        return {name: value for part in parts for name, value in part.items()}
    return {path: float(tree)} if isinstance(tree, (int, float)) else {}


@every_model
def test_kept_epoch_was_trained(name: str) -> None:
    card = STORE.load_scored_card(name)
    if card.training is None:
        pytest.skip("an ensemble is not trained")
    history = load_history(name, store=STORE)
    assert card.training.best_epoch in history.epoch
    assert card.training.epochs == len(history)


@every_model
def test_the_readme_says_how_to_reproduce_it_from_an_existing_config(name: str) -> None:
    card = STORE.load_scored_card(name)
    assert "## Reproduce it" in render_readme(card)
    if card.training is None:
        assert all((MODELS / member / "card.json").exists() for member in prerequisites(card))
        return
    assert card.training.config is not None
    config = MODELS.parent / card.training.config
    read = read_ckplus_settings if card.ckplus else read_settings
    settings, recipe = read(config), card.training.recipe
    as_read = settings.model_dump(mode="json")
    shared = as_read.keys() & recipe.keys()  # a card keeps the settings of its version
    assert {"model", "augmentation", "optimizer"} <= shared
    made_of = type(settings).model_validate({key: recipe[key] for key in shared})
    assert made_of.model_dump(mode="json", include=shared) == {key: as_read[key] for key in shared}


@every_model
def test_readme_is_rendered_from_the_card(name: str) -> None:
    readme = (MODELS / name / "README.md").read_text(encoding="utf-8")
    assert readme == render_readme(STORE.load_scored_card(name))


def test_the_project_readme_states_what_the_cards_say() -> None:
    readme = (MODELS.parent / "README.md").read_text(encoding="utf-8")
    assert readme == with_results(readme, render_results(LISTING.cards))


def test_the_results_page_states_what_the_cards_say() -> None:
    page = (MODELS.parent / "docs" / "results.md").read_text(encoding="utf-8")
    assert page == results_page(LISTING.cards, STORE)


@every_model
def test_confidence_can_be_believed(name: str) -> None:
    card = STORE.load_scored_card(name)
    if not card.calibration:
        pytest.skip("no temperature was fitted: there is no split for it beside the folds")
    effect = card.calibration[card.protocol.report_split]
    assert effect.after_without_training_duplicates is not None
    for scores in (effect.after, effect.after_without_training_duplicates):
        assert scores.ece.value <= 0.03 + scores.ece.noise_floor
    # The temperature is fitted on other faces: on these it may be worse within noise.
    assert effect.after.ece.value < effect.before.ece.value + effect.after.ece.noise_floor


@every_model
def test_the_limits_name_the_weakest_classes(name: str) -> None:
    card = STORE.load_scored_card(name)
    if card.ckplus is not None:
        assert card.limits == limits_with_weakest_units(card.limits, card.ckplus)
        rarest = min(
            card.ckplus.by_sequence.action_units.per_unit.items(), key=lambda item: item[1].f1
        )
        assert f"{rarest[0]} {rarest[1].f1:.3f}" in card.limits[0]
        return
    assert card.limits == limits_with_weakest_classes(card.limits, card.reported)


def test_models_stay_light_enough_for_the_repository() -> None:
    sizes = [path.stat().st_size for path in MODELS.glob("[!.]*/*")]
    assert sum(sizes) < 120e6
    assert max(sizes, default=0) < 45e6
