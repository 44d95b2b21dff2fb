"""The predictions of a consensus's parts: on the splits of the dataset, and on photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark import PhotoEvaluation
from fer_core.errors import DatasetError, EvaluationError, ModelError
from fer_core.evaluation import SplitPredictions
from fer_core.zoo import Member, ModelCard, ModelStore, combine_members, keep_classes
from training.artifacts import predict_split, split_name, splits_to_score
from training.consensus.choice import Part
from training.datasets import FaceDataset

Splits = dict[str, SplitPredictions]


@dataclass(frozen=True, eq=False)
class PartPredictions:
    """One part, with its predictions on the splits.

    Attributes:
        card: of the part.
        other_classes: whether its classes are not those of the consensus.
        splits: by name, of the classes of the consensus, not calibrated.
    """

    card: ModelCard
    other_classes: bool
    splits: Splits


def predict_part(
    card: ModelCard, first: ModelCard, store: ModelStore, dataset: FaceDataset, *, final: bool
) -> PartPredictions:
    """Returns the predictions of a part on the splits of the first part.

    A part with the same classes has them; one with other classes was scored on other faces, so its
    network predicts them.

    Args:
        card: of the part.
        first: of the first part, whose classes the consensus has.
        store: where the part is saved.
        dataset: of the first part.
        final: whether the test split is included.

    Raises:
        ModelError: the part does not have these classes, or it is an ensemble with others.
        DatasetError: `dataset` is another one than that of the first part.
    """
    names = [split_name(dataset, split) for split in splits_to_score(final)]
    expected = [first.protocol.selection_split, first.protocol.report_split][: len(names)]
    if names != expected or dataset.label_names != first.labels:
        raise DatasetError(
            f"Expected the dataset of {first.name}, {first.protocol.dataset}. "
            f"Received: {dataset.name}"
        )
    missing = sorted(set(first.labels) - set(card.labels))
    if missing or card.preprocessing != first.preprocessing:
        raise ModelError(
            f"{card.name!r} must have the classes and the preprocessing of {first.name!r}."
        )
    if card.labels == first.labels:
        saved = store.load_predictions(card.name)
        return PartPredictions(card, False, {name: saved[name] for name in names})
    if card.members:
        raise ModelError(f"{card.name!r} is an ensemble with other classes. Name its members.")
    network = keras.models.load_model(store.verified_weights(card.name), compile=False)
    columns = [card.labels.index(label) for label in first.labels]
    kept = keras.ops.take(network.output, columns, axis=-1)
    network = keras.Model(network.input, kept / keras.ops.sum(kept, axis=-1, keepdims=True))
    predicted = [
        predict_split(network, dataset, split, card.preprocessing)
        for split in splits_to_score(final)
    ]
    return PartPredictions(card, True, {each.split: each for each in predicted})


def on_photos(
    parts: Sequence[PartPredictions], photos: PhotoEvaluation
) -> tuple[list[Part], NDArray[np.int64]]:
    """Returns the parts with their probabilities on the validation split and on photos.

    Args:
        parts: the first one has the classes of the consensus.
        photos: an evaluation of all parts.

    Returns:
        The parts, and `(m,)` the classes of the m photos with a face.

    Raises:
        EvaluationError: a part was not evaluated on the photos, or on other faces or with other
            weights.
    """
    first = parts[0].card
    label, rows = None, None
    found = []
    for part in parts:
        card = part.card
        entry = photos.entries.get(card.name)
        if entry is None or entry.checksum != card.weights.sha256:
            raise EvaluationError(
                f"The evaluation {photos.name} has no predictions of {card.name} with its present "
                "weights. Make it with python -m training.assets.outside_evaluations."
            )
        predicted = photos.predictions(card.name)
        if rows is None:
            rows, label = predicted.row_id, predicted.label
        if not np.array_equal(predicted.row_id, rows):
            raise EvaluationError(f"{card.name} was evaluated on other faces of {photos.name}.")
        selection = part.splits[first.protocol.selection_split].probabilities
        outside = keep_classes(predicted.probabilities, card.labels, first.labels)
        if not (part.other_classes or card.members):
            selection, outside = map(card.fitted_calibration.apply, (selection, outside))
        found.append(Part(card.name, selection, outside, part.other_classes))
    assert label is not None
    return found, label


def members_of(
    parts: Sequence[PartPredictions], shares: Sequence[float], temperature: float
) -> dict[str, Member]:
    """Returns the members of a consensus by name: the parts, ensembles by their members.

    Args:
        parts: of which a share may be 0.
        shares: of every part.
        temperature: of the parts with other classes.

    Raises:
        ModelError: a model is in two parts.
    """
    members: dict[str, Member] = {}
    for part, share in zip(parts, shares, strict=True):
        if not share:
            continue
        card = part.card
        own = card.members or {
            card.name: Member(
                weight=1.0,
                sha256=card.weights.sha256,
                temperature=temperature if part.other_classes else card.temperature,
                label_smoothing=0.0 if part.other_classes else card.label_smoothing,
                labels=card.labels if part.other_classes else None,
            )
        }
        for name, member in own.items():
            if name in members:
                raise ModelError(f"{name!r} is in two parts. Each model may be in one only.")
            members[name] = member.model_copy(update={"weight": share * member.weight})
    return members


def combine_splits(
    members: dict[str, Member],
    splits: dict[str, Splits],
    labels: tuple[str, ...],
    class_weights: dict[str, float],
) -> list[SplitPredictions]:
    """Returns the predictions of a consensus, under every protocol that all members have.

    Args:
        members: by name.
        splits: by member, of the classes of the consensus, not calibrated.
        labels: the classes of the consensus.
        class_weights: see `ModelCard`.
    """
    kept = {name: member.model_copy(update={"labels": None}) for name, member in members.items()}

    def combined(split: str, field: str) -> NDArray[np.float32] | None:
        outputs = {name: getattr(splits[name][split], field) for name in members}
        if any(probabilities is None for probabilities in outputs.values()):
            return None
        return combine_members(kept, outputs, labels, class_weights)

    found = []
    for name, first in splits[next(iter(members))].items():
        plain = combined(name, "probabilities")
        assert plain is not None
        found.append(
            replace(
                first,
                probabilities=plain,
                probabilities_flip=combined(name, "probabilities_flip"),
                probabilities_crops=combined(name, "probabilities_crops"),
                cell_averages=None,
            )
        )
    return found
