"""Creates an ensemble of saved models: the weighted mean of their calibrated probabilities.

    python -m training.ensemble --member cnn --member mobilenet --final

Each member's temperature and label smoothing are applied before the mean; otherwise an
overconfident member would count for more than its weight. The weights minimize the negative
log-likelihood on the validation split, without its train/test duplicates, which large models
memorize. Members with almost no weight are dropped. Nothing is stored twice, and no dataset is
needed: only the members' saved predictions are read. The average faces of the confusion matrix,
which do need the dataset, are added by `training.artifacts.cell_averages`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.optimize import minimize

from fer_core.cli import OverwriteOption
from fer_core.errors import FerError, ModelError
from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.scores import limits_with_weakest_classes, limits_without_weakest_classes
from fer_core.files import atomic_directory
from fer_core.labels import split_title
from fer_core.zoo import (
    CARD_FILE,
    PREDICTIONS_FILE,
    WEIGHTS_FILE,
    Consensus,
    Member,
    ModelCard,
    ModelStore,
    Protocol,
    WeightsFile,
    members_checksum,
    summarize,
    write_predictions,
)
from training.publishing import render_readme
from training.terminal import FinalOption, console, print_error, print_log_entry, require_final, run

SMALLEST_WEIGHT = 0.02


Splits = dict[str, SplitPredictions]


def make_ensemble(
    names: Sequence[str], name: str, store: ModelStore, *, overwrite: bool = False
) -> ModelCard:
    """Saves an ensemble, whose members are some or all of `names`.

    Args:
        names: saved models with the same labels, preprocessing and validation split.
        name: name of the ensemble.
        store: where the models are and the ensemble is saved.
        overwrite: replace an existing ensemble of this name; its latency and robustness files are
            kept.

    Raises:
        ModelError: a model is missing, is itself an ensemble, does not match the others, or has
            the ensemble's name.
        OutputError: a model of this name exists and `overwrite` is false.
    """
    cards = {member: store.load_scored_card(member) for member in names}
    if (store.folder / name / WEIGHTS_FILE).exists():
        raise ModelError(f"{name!r} is already a single model. Choose another name.")
    first = cards[names[0]]
    for card in cards.values():
        _check_fit(card, first)
    predictions = {
        member: _calibrated(store.load_predictions(member), card) for member, card in cards.items()
    }
    selection = first.protocol.selection_split
    weights = fit_weights([predictions[member][selection] for member in names])
    kept = {member: weight for member, weight in zip(names, weights, strict=True) if weight > 0}
    members = {
        member: Member(
            weight=weight,
            sha256=cards[member].weights.sha256,
            temperature=cards[member].temperature,
            label_smoothing=cards[member].label_smoothing,
        )
        for member, weight in kept.items()
    }
    splits = [
        weighted_mean([predictions[member][split] for member in kept], list(kept.values()))
        for split in predictions[names[0]]
        if all(split in predictions[member] for member in kept)
    ]
    selection, report = first.protocol.selection_split, first.protocol.report_split
    chosen = {member: cards[member] for member in kept}
    card = ensemble_card(
        name,
        f"Ensemble of {len(kept)}",
        chosen,
        members,
        splits,
        summary=(
            "The weighted mean of the calibrated probabilities of "
            f"{'; '.join(card.title for card in chosen.values())}."
        ),
        description=(
            "The members' cards describe their training; the ensemble's weights and "
            f"temperature were chosen on {split_title(selection)}; scores reported on "
            f"{split_title(report)}. With flip and ten-crop, each "
            "member's mean over the views is calibrated."
        ),
    )
    save_ensemble(card, splits, store, overwrite=overwrite)
    return card


def ensemble_card(
    name: str,
    title: str,
    cards: Mapping[str, ModelCard],
    members: dict[str, Member],
    splits: Sequence[SplitPredictions],
    *,
    summary: str,
    description: str,
    class_weights: dict[str, float] | None = None,
    consensus: Consensus | None = None,
) -> ModelCard:
    """Returns the card of an ensemble.

    Args:
        name: of the ensemble.
        title: its display name.
        cards: of the members; classes, input and splits are those of the first.
        members: weights and calibration, by the same names.
        splits: the ensemble's predictions.
        summary: what it is.
        description: of the protocol.
        class_weights: see `ModelCard`.
        consensus: likewise.
    """
    first, *_ = cards.values()
    selection, report = first.protocol.selection_split, first.protocol.report_split
    scores = summarize(splits, selection, report)
    return ModelCard(
        name=name,
        title=title,
        summary=summary,
        architecture="ensemble",
        task="emotion",
        input_shape=first.input_shape,
        labels=first.labels,
        preprocessing=first.preprocessing,
        protocol=Protocol(
            dataset=first.protocol.dataset,
            description=description,
            selection_split=selection,
            report_split=report,
        ),
        training=None,
        members=members,
        class_weights=class_weights or {},
        consensus=consensus,
        parameters=sum(card.parameters for card in cards.values()),
        flops=sum(card.flops for card in cards.values()),
        weights=WeightsFile(
            sha256=members_checksum(members, class_weights),
            size_bytes=sum(card.weights.size_bytes for card in cards.values()),
        ),
        metrics=scores.metrics,
        seven_classes=scores.seven_classes,
        temperature=scores.temperature,
        label_smoothing=scores.label_smoothing,
        calibration=scores.calibration,
        data_license=first.data_license,
        intended_use=first.intended_use,
        out_of_scope_use=first.out_of_scope_use,
        limits=limits_with_weakest_classes(
            _limits(list(cards.values())), scores.metrics[report]["plain"]
        ),
    )


def save_ensemble(
    card: ModelCard, splits: Sequence[SplitPredictions], store: ModelStore, *, overwrite: bool
) -> None:
    """Saves an ensemble; latency and robustness files of a former one are kept.

    Raises:
        OutputError: a model of this name exists and `overwrite` is false.
    """
    with atomic_directory(
        store.folder, card.name, "The saved model", overwrite=overwrite
    ) as folder:
        if (store.folder / card.name).is_dir():
            shutil.copytree(store.folder / card.name, folder, dirs_exist_ok=True)
        write_predictions(folder / PREDICTIONS_FILE, splits)
        (folder / CARD_FILE).write_text(card.to_json(), encoding="utf-8")
        (folder / "README.md").write_text(render_readme(card), encoding="utf-8")


def _calibrated(splits: Splits, card: ModelCard) -> Splits:
    """One model's calibrated probabilities for each protocol.

    With flip and ten-crop, the mean over the views is calibrated.
    """

    def calibrated(split: SplitPredictions) -> SplitPredictions:
        updates: dict[str, Any] = {
            name: card.fitted_calibration.apply(probabilities)
            for name in ("probabilities", "probabilities_flip", "probabilities_crops")
            if (probabilities := getattr(split, name)) is not None
        }
        return replace(split, **updates)

    return {name: calibrated(split) for name, split in splits.items()}


def fit_weights(members: Sequence[SplitPredictions]) -> list[float]:
    """Returns the weights (nonnegative, sum 1) that maximize the likelihood of the mean.

    Args:
        members: each model's predictions on the validation split, the same rows in the same order.
            Rows that duplicate a training image of any member are ignored, unless all do.
    """
    stacked = np.stack([member.probabilities for member in members]).astype(np.float64)
    rows = np.arange(stacked.shape[1])
    known = [each for member in members if (each := member.is_without_duplicate) is not None]
    if known and (kept := np.all(known, axis=0)).any():
        rows = rows[kept]
    of_label = stacked[:, rows, members[0].label[rows]]

    def loss(weights: NDArray[np.float64]) -> float:
        return float(-np.log(np.maximum(weights @ of_label, 1e-12)).mean())

    def best(start: NDArray[np.float64]) -> NDArray[np.float64]:
        found = minimize(
            loss,
            start,
            bounds=[(0, 1)] * len(start),
            constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        )
        kept = np.where(found.x < SMALLEST_WEIGHT, 0, found.x)
        return np.asarray(kept / kept.sum())

    weights = best(np.full(len(members), 1 / len(members)))
    return [float(weight) for weight in weights]


def weighted_mean(
    members: Sequence[SplitPredictions], weights: Sequence[float]
) -> SplitPredictions:
    """Returns the mean predictions for every protocol that all members have.

    Raises:
        ModelError: the members were evaluated on different rows.
    """
    first = members[0]
    if any(not np.array_equal(member.row_id, first.row_id) for member in members):
        raise ModelError(f"The members were evaluated on different rows of {first.split}.")

    def mean(protocol: str) -> NDArray[np.float32] | None:
        member_probabilities = [getattr(member, protocol) for member in members]
        if any(predicted is None for predicted in member_probabilities):
            return None
        return np.asarray(np.tensordot(weights, np.stack(member_probabilities), axes=1), np.float32)

    plain = mean("probabilities")
    assert plain is not None
    return replace(
        first,
        probabilities=plain,
        probabilities_flip=mean("probabilities_flip"),
        probabilities_crops=mean("probabilities_crops"),
        cell_averages=None,
    )


def _limits(cards: Sequence[ModelCard]) -> tuple[str, ...]:
    """The limits shared by all members with the classes of the first, then others, with names."""
    limits = {card.name: limits_without_weakest_classes(card.limits) for card in cards}
    alike = [limits[card.name] for card in cards if card.labels == cards[0].labels]
    common = [limit for limit in alike[0] if all(limit in each for each in alike)]
    own = [
        f"{name}: {limit}" for name, each in limits.items() for limit in each if limit not in common
    ]
    return (*common, *own)


def _check_fit(card: ModelCard, first: ModelCard) -> None:
    if card.members:
        raise ModelError(f"{card.name!r} is itself an ensemble. Name single models only.")
    same = (first.labels, first.preprocessing, first.protocol.selection_split)
    if (card.labels, card.preprocessing, card.protocol.selection_split) != same:
        raise ModelError(
            f"{card.name!r} must have the same labels, preprocessing and validation split as "
            f"{first.name!r}."
        )


def main(
    member: Annotated[list[str], typer.Option(help="Name of a saved model; at least two.")],
    name: Annotated[str, typer.Option(help="Name of the ensemble.")] = "ensemble",
    overwrite: OverwriteOption = False,
    final: FinalOption = False,
) -> None:
    """Creates an ensemble of saved models; see the module's docstring."""
    require_final(final, "Choose the members by their scores on the validation split.")
    try:
        card = make_ensemble(member, name, ModelStore.default(), overwrite=overwrite)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    for part, share in card.members.items():
        console.print(f"{part} {share.weight:.3f}")
    console.print(
        f"{card.name}: {card.reported.accuracy.percent()}, plain, {card.protocol.report_split}"
    )
    print_log_entry(card.name, card.protocol.report_split, card.reported)


if __name__ == "__main__":
    run(main)
