"""Creates a consensus: an ensemble that is selected on photos from elsewhere too.

    python -m training.consensus --part ensemble --part ferplus_cnn --data fer2013.csv
    python -m training.consensus --part ensemble --part ferplus_cnn --data fer2013.csv --final

Models of FER2013 and of FER+ were trained on the same faces with different labels, and err
differently on other photos. The first command only prints the choice. With --final the test split
is predicted too, and the model is saved. Photos are those of an evaluation that is included, by
default muxspace, and are not needed: only the predictions on them are read. The average faces of
the confusion matrix are added by `training.artifacts.cell_averages`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from fer_core.benchmark import EvaluationStore
from fer_core.cli import OverwriteOption
from fer_core.errors import FerError
from fer_core.evaluation import SplitPredictions
from fer_core.labels import split_title
from fer_core.zoo import Consensus, ModelCard, ModelStore
from training.consensus.choice import LARGEST_LOSS, Choice, choose, class_weights
from training.consensus.parts import (
    PartPredictions,
    combine_splits,
    members_of,
    on_photos,
    predict_part,
)
from training.datasets import FaceDataset, read_dataset
from training.ensemble import ensemble_card, save_ensemble
from training.terminal import FinalOption, console, print_error, print_log_entry, run


def main(
    part: Annotated[
        list[str], typer.Option(help="Name of a saved model or ensemble; the best one first.")
    ],
    data: Annotated[Path, typer.Option(help="The dataset of the first part.")],
    photos: Annotated[str, typer.Option(help="Name of an included evaluation.")] = "muxspace",
    name: Annotated[str, typer.Option(help="Name of the consensus.")] = "allround",
    overwrite: OverwriteOption = False,
    final: FinalOption = False,
) -> None:
    """Creates a consensus; see the module's docstring."""
    store = ModelStore.default()
    try:
        if final:
            store.check_free(name, data, overwrite=overwrite)
        dataset = read_dataset(data)
        parts, choice = choose_parts(part, photos, store, dataset, final=final)
        _print_choice(part, photos, choice)
        if not final:
            return
        card, splits = make_consensus(parts, choice, photos, name, store, dataset)
        save_ensemble(card, splits, store, overwrite=overwrite)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    print_log_entry(card.name, card.protocol.report_split, card.reported)


def choose_parts(
    names: list[str], photos: str, store: ModelStore, dataset: FaceDataset, *, final: bool
) -> tuple[list[PartPredictions], Choice]:
    """Returns the predictions of the parts, and the choice of their shares.

    Args:
        names: of the parts.
        photos: name of an included evaluation.
        store: where the parts are saved.
        dataset: of the first part.
        final: whether the test split is predicted; the choice does not use it.

    Raises:
        ModelError: a part is missing or does not fit the first.
        EvaluationError: a part was not evaluated on the photos.
        DatasetError: it is another dataset.
    """
    cards = store.load_scored_cards(names)
    parts = [predict_part(card, cards[0], store, dataset, final=final) for card in cards]
    evaluated, photo_label = on_photos(parts, EvaluationStore.shipped().load(photos))
    label = parts[0].splits[cards[0].protocol.selection_split].label
    return parts, choose(evaluated, label, photo_label, _class_shares(dataset))


def make_consensus(
    parts: list[PartPredictions],
    choice: Choice,
    photos: str,
    name: str,
    store: ModelStore,
    dataset: FaceDataset,
) -> tuple[ModelCard, list[SplitPredictions]]:
    """Returns the card of the chosen consensus and its predictions.

    Args:
        parts: with predictions of the test split.
        choice: of their shares.
        photos: name of the evaluation on which it was made.
        name: of the consensus.
        store: where the parts are saved.
        dataset: of the first part.

    Raises:
        ModelError: a model is in two parts.
    """
    labels = parts[0].card.labels
    members = members_of(parts, choice.shares, choice.temperature)
    weights = class_weights(_class_shares(dataset), choice.prior_exponent).round(6).tolist()
    by_class = dict(zip(labels, weights, strict=True)) if choice.prior_exponent else {}
    own = {part.card.name: part.splits for part in parts}
    names = list(parts[0].splits)
    splits = {
        member: own[member]
        if member in own
        else {split: store.load_predictions(member)[split] for split in names}
        for member in members
    }
    combined = combine_splits(members, splits, labels, by_class)
    cards = {member: store.load_scored_card(member) for member in members}
    selection, report = names
    shares = zip((part.card.name for part in parts), choice.shares, strict=True)
    card = ensemble_card(
        name,
        f"All-round ensemble of {len(members)}",
        cards,
        members,
        combined,
        summary=(
            "The weighted mean of the probabilities of models trained on FER2013 and on FER+: "
            f"{'; '.join(card.title for card in cards.values())}. Selected for photos from "
            "elsewhere too."
        ),
        description=(
            "The members' cards describe their training. Their shares, the temperature of those "
            "with other classes and the class weights were chosen by accuracy on the photos of "
            f"{photos}, with at most {100 * LARGEST_LOSS:.1f} points lost on "
            f"{split_title(selection)}, on which the model's own temperature was fitted; scores "
            f"reported on {split_title(report)}."
        ),
        class_weights=by_class,
        consensus=Consensus(
            photos=photos,
            shares={part: share for part, share in shares if share},
            prior_exponent=choice.prior_exponent,
        ),
    )
    return card, combined


def _class_shares(dataset: FaceDataset) -> NDArray[np.float64]:
    labels = dataset.subset("train").labels
    return np.bincount(labels, minlength=len(dataset.label_names)) / len(labels)


def _print_choice(names: list[str], photos: str, choice: Choice) -> None:
    for name, share in zip(names, choice.shares, strict=True):
        console.print(f"{name} {share:.1f}")
    console.print(
        f"temperature of other classes {choice.temperature}, prior exponent "
        f"{choice.prior_exponent}: {choice.validation_accuracy:.1%} on the validation split, "
        f"{choice.photo_accuracy:.1%} on the faces of {photos}"
    )


if __name__ == "__main__":
    run(main)
