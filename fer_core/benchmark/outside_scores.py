"""How accurate the saved models are on datasets that they were not trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fer_core.benchmark.evaluation_store import EvaluationStore
from fer_core.benchmark.photo_evaluation import PhotoEvaluation
from fer_core.evaluation import Interval, SplitPredictions
from fer_core.evaluation.scores import proportion
from fer_core.labels import split_title
from fer_core.zoo import ModelCard


@dataclass(frozen=True)
class OutsideScore:
    """One model on one dataset.

    Attributes:
        accuracy: over all photos; one without a found face counts as an error. By person where
            people are known.
        detection_rate: share of the photos in which a face was found; 1 if pre-cropped.
        is_out_of_fold: whether the model was trained on this dataset, and each person was scored
            by weights trained without them.
        is_selected_on: whether the model was selected by its accuracy here, so that it is somewhat
            lower on other photos of this kind.
    """

    accuracy: Interval
    detection_rate: float
    is_out_of_fold: bool
    is_selected_on: bool = False

    @property
    def remark(self) -> str:
        """What a reader of the accuracy must know, or ""."""
        if self.is_out_of_fold:
            return "out-of-fold"
        return "selected on it" if self.is_selected_on else ""


@dataclass(frozen=True)
class OutsideScores:
    """One model on every dataset.

    Attributes:
        card: of the model.
        by_set: by title of the dataset; None where the model was not evaluated with its present
            weights, or cannot predict the classes.
    """

    card: ModelCard
    by_set: Mapping[str, OutsideScore | None]


def shipped_evaluations() -> tuple[PhotoEvaluation, ...]:
    """Reads the included evaluations, in the order of their titles.

    Raises:
        EvaluationError: one is damaged.
    """
    store = EvaluationStore.shipped()
    names = [record.name for record in store.list().records]
    return tuple(store.load(name) for name in sorted(names, key=split_title))


def outside_scores(
    cards: Sequence[ModelCard], evaluations: Iterable[PhotoEvaluation]
) -> tuple[OutsideScores, ...]:
    """Returns the accuracy of models on other datasets.

    Args:
        cards: of the models, in the order of the result.
        evaluations: one per dataset.

    Returns:
        The models that were evaluated on at least one of them.
    """
    every = tuple(evaluations)
    scores = [
        OutsideScores(card, {split_title(each.name): _score(card, each) for each in every})
        for card in cards
    ]
    return tuple(each for each in scores if any(each.by_set.values()))


def outside_predictions(
    card: ModelCard, evaluations: Iterable[PhotoEvaluation]
) -> dict[str, SplitPredictions]:
    """Returns a model's predictions on other datasets, for the photos in which a face was found.

    Args:
        card: of the model.
        evaluations: one per dataset; those without the model's present weights are left out.

    Returns:
        By title of the dataset.
    """
    return {
        split_title(each.name): each.predictions(card.name)
        for each in evaluations
        if (entry := each.entries.get(card.name)) is not None
        and entry.checksum == card.weights.sha256
        and len(entry.row)
    }


def _score(card: ModelCard, evaluation: PhotoEvaluation) -> OutsideScore | None:
    entry = evaluation.entries.get(card.name)
    if entry is None or entry.checksum != card.weights.sha256:
        return None
    return OutsideScore(
        accuracy=proportion(evaluation.is_correct(card.name), evaluation.photos.subject),
        detection_rate=len(entry.row) / len(evaluation.photos),
        is_out_of_fold=any(note.startswith("Out-of-fold") for note in entry.notes),
        is_selected_on=card.consensus is not None and card.consensus.photos == evaluation.name,
    )
