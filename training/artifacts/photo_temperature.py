"""Fits the temperature of saved models for photos from elsewhere, on an included evaluation.

    python -m training.artifacts.photo_temperature --model ferplus_cnn

For models that are far more confident on photos than correct, such as those of FER+, whose labels
are those of faces that most annotators agree on. It is written into the card and README; the app
uses it on photos and for thresholds, the scores on the model's own splits stay as they are. No
photos are needed: only the predictions on them are read. The entries of all included evaluations
get it too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from fer_core.benchmark import EvaluationStore, PhotoEvaluation
from fer_core.errors import EvaluationError, FerError
from fer_core.evaluation.reliability import Calibration, calibration_scores
from fer_core.zoo import CARD_FILE, ModelCard, ModelStore, PhotoTemperature
from training.artifacts.saved_models import updated_model_folder
from training.publishing import render_readme
from training.terminal import console, print_error, run


def with_photo_temperature(card: ModelCard, photos: PhotoEvaluation) -> ModelCard:
    """Returns the card with a temperature fitted on the faces of an evaluation.

    Args:
        card: of the model; label smoothing is removed as it says.
        photos: with an entry of the model.

    Raises:
        EvaluationError: the model was not evaluated on the photos with its present weights.
    """
    entry = photos.entries.get(card.name)
    if entry is None or entry.checksum != card.weights.sha256:
        raise EvaluationError(
            f"The evaluation {photos.name} has no predictions of {card.name} with its present "
            "weights. Make it with python -m training.assets.outside_evaluations."
        )
    predicted = photos.predictions(card.name)
    unsmoothed = Calibration(1.0, card.label_smoothing).apply(predicted.probabilities)
    temperature = Calibration.fit_temperature(unsmoothed, predicted.label)
    fitted = PhotoTemperature(photos=photos.name, faces=len(predicted), temperature=temperature)
    return card.model_copy(update={"photo_temperature": fitted})


def main(
    model: Annotated[list[str], typer.Option(help="Name of a saved model.")],
    photos: Annotated[str, typer.Option(help="Name of an included evaluation.")] = "muxspace",
) -> None:
    """Fits temperatures for photos; see the module's docstring."""
    models, store = ModelStore.default(), EvaluationStore.shipped()
    try:
        evaluations = [store.load(record.name) for record in store.list().records]
        fitted_on = store.load(photos)
        cards = [
            with_photo_temperature(card, fitted_on) for card in models.load_scored_cards(model)
        ]
        for card in cards:
            _print_change(models.load_scored_card(card.name), card, evaluations)
            with updated_model_folder(card.name) as folder:
                (folder / CARD_FILE).write_text(card.to_json(), encoding="utf-8")
                (folder / "README.md").write_text(render_readme(card), encoding="utf-8")
        for evaluation in evaluations:
            store.save(_with_calibration(evaluation, cards), overwrite=True)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error


def _with_calibration(evaluation: PhotoEvaluation, cards: list[ModelCard]) -> PhotoEvaluation:
    changed = {
        card.name: replace(evaluation.entries[card.name], calibration=card.photo_calibration)
        for card in cards
        if card.name in evaluation.entries
    }
    return replace(evaluation, entries={**evaluation.entries, **changed})


def _print_change(before: ModelCard, after: ModelCard, evaluations: list[PhotoEvaluation]) -> None:
    assert after.photo_temperature is not None
    console.print(f"{after.name}: {after.photo_temperature.temperature:.3f} on photos")
    for evaluation in evaluations:
        if after.name in evaluation.entries:
            predicted = evaluation.predictions(after.name)
            errors = [
                calibration_scores(
                    card.photo_calibration.apply(predicted.probabilities), predicted.label
                ).ece.value
                for card in (before, after)
            ]
            console.print(f"  ECE on {evaluation.name}: {errors[0]:.3f} -> {errors[1]:.3f}")


if __name__ == "__main__":
    run(main)
