"""The saved models in tables, as the project's README and docs/results.md have them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from fer_core.evaluation import ClassificationMetrics, EvaluationProtocol
from fer_core.evaluation.scores import CKPLUS_PROTOCOL_IN_WORDS
from fer_core.reports.markdown.syntax import markdown_table
from fer_core.zoo import ModelCard, Training, epochs_run, is_from_scratch, started_from, teachers

_CONTEMPT: Final = "contempt"


def ranked_by_dataset(cards: Sequence[ModelCard]) -> dict[str, tuple[ModelCard, ...]]:
    """Returns the models of emotions alone, by the dataset whose faces they are measured on.

    Within a dataset the most accurate comes first; between datasets accuracies do not compare. A
    model that also reads action units is measured on posed peaks, and is in none.

    Args:
        cards: of any models; the datasets come in their order.
    """
    found: dict[str, list[ModelCard]] = {}
    for card in cards:
        if card.task == "emotion":
            found.setdefault(card.protocol.dataset, []).append(card)
    return {
        dataset: tuple(sorted(group, key=lambda card: -card.reported.accuracy.value))
        for dataset, group in found.items()
    }


def render_results(cards: Sequence[ModelCard]) -> str:
    """Returns Markdown tables of models, one a dataset, as the project's README has them."""
    ranked = ranked_by_dataset(cards)
    ferplus = ranked.pop("FER+", ())
    tables = [_emotions(group) for group in ranked.values()]
    return "\n\n".join([*tables, *render_ferplus_results(ferplus), *render_ckplus_results(cards)])


def render_ferplus_results(cards: Sequence[ModelCard], *, root: str = "") -> list[str]:
    """Returns a Markdown table of models that were measured on FER+, and what to know of it.

    Nothing without any.

    Args:
        cards: models of the eight classes of FER+.
        root: from the document to the project's root, such as `../`.
    """
    rows = []
    for card in cards:
        seven = card.seven_classes
        rows.append(
            (
                _link(card, root),
                card.reported.accuracy.percent(),
                _without_duplicates(card),
                _accuracy(card, "flip"),
                card.reported.macro_f1.percent(),
                *(("",) * 3 if seven is None else _seven(seven)),
                f"{card.weights.size_bytes / 1e6:.1f} MB",
            )
        )
    header = (
        *("Model on FER+", "Accuracy, 8 classes", "Without duplicates, 8 classes"),
        *("Flip, 8 classes", "Macro F1, 8 classes"),
        *("Accuracy, 7 classes", "Macro F1, 7 classes", "Weighted F1, 7 classes", "File"),
    )
    if not rows:
        return []
    return [markdown_table(header, rows), *_contempt(cards)]


def _contempt(cards: Sequence[ModelCard]) -> list[str]:
    """How many of the few faces of contempt each model recognizes."""
    scores = {
        card.name: card.reported.per_class[_CONTEMPT]
        for card in cards
        if _CONTEMPT in card.reported.per_class
    }
    if not scores:
        return []
    support = next(iter(scores.values())).support
    found = ", ".join(
        f"{name} {round(score.recall.value * score.support) or 'none'}"
        for name, score in scores.items()
    )
    return [
        "In seven classes contempt counts as neutral. On its own it is rare: of the "
        f"{support} test faces that show it, this many are labeled correctly: {found}."
    ]


def render_training(cards: Sequence[ModelCard], *, root: str = "") -> list[str]:
    """Returns a Markdown table of how models were trained, and in words that budgets differ.

    Nothing without a model that was trained. An ensemble has no training of its own.

    Args:
        cards: models of any kind.
        root: from the document to the project's root, such as `../`.
    """
    trained = {card.name: card.training for card in cards if card.training is not None}
    if not trained:
        return []
    rows = [
        (
            _link(card, root),
            started_from(training),
            ", ".join(teachers(training)),
            epochs_run(training),
            _minutes(training),
            training.hardware,
            str(training.seed),
            f"{card.parameters / 1e6:.1f} M",
            f"{card.macs / 1e6:,.0f} M",
        )
        for card in cards
        if (training := trained.get(card.name)) is not None
    ]
    header = (
        *("Model", "Started from", "Distilled from", "Epochs", "Time", "Hardware", "Seed"),
        *("Parameters", "MACs per face"),
    )
    epochs = [each.epochs for each in trained.values() if is_from_scratch(each)]
    budgets = f" ({min(epochs)} to {max(epochs)} epochs from random weights)" if epochs else ""
    distilled = [name for name, training in trained.items() if teachers(training)]
    text = (
        f"Budgets{budgets} and recipes differ. {len(distilled)} of {len(trained)} models were "
        "distilled: they learned from the predictions of other models for the training faces, "
        "besides the labels. So a difference between two models is not one of their architectures "
        "alone."
    )
    return [text, markdown_table(header, rows)]


def render_ckplus_results(cards: Sequence[ModelCard], *, root: str = "") -> list[str]:
    """Returns a Markdown table of the models scored on CK+ and its protocol, or nothing.

    Args:
        cards: models of any kind.
        root: from the document to the project's root, such as `../`.
    """
    rows = []
    rare: dict[str, None] = {}
    for card in cards:
        if card.ckplus is None:
            continue
        scores = card.ckplus.by_sequence
        units = scores.action_units
        rare.update(dict.fromkeys(units.rare_units))
        rows.append(
            (
                _link(card, root),
                scores.emotion.accuracy.percent(),
                scores.emotion.macro_f1.percent(),
                scores.high_level.accuracy.percent(),
                "" if units.macro_f1 is None else units.macro_f1.decimal(),
                f"{units.macro_all_units.f1:.3f}",
                "" if units.macro_roc_auc is None else units.macro_roc_auc.decimal(),
                f"{card.weights.size_bytes / 1e6:.1f} MB",
            )
        )
    header = (
        *("Model on CK+", "Accuracy, 7 classes", "Macro F1, 7 classes", "Accuracy, 3 classes"),
        f"Action units{_without(rare)}, macro F1",
        "All action units, macro F1",
        f"Action units{_without(rare)}, ROC AUC",
        "File",
    )
    return [markdown_table(header, rows), CKPLUS_PROTOCOL_IN_WORDS] if rows else []


def _without(units: Collection[str]) -> str:
    return f" without {', '.join(units)}" if units else ""


def _emotions(cards: Sequence[ModelCard]) -> str:
    rows = []
    for card in cards:
        training = card.training
        rows.append(
            (
                _link(card, ""),
                card.reported.accuracy.percent(),
                _accuracy(card, "crops"),
                card.reported.macro_f1.percent(),
                _without_duplicates(card),
                f"{card.parameters / 1e6:.1f} M",
                f"{card.weights.size_bytes / 1e6:.1f} MB",
                "" if training is None else ", ".join(teachers(training)),
                "" if training is None else f"{epochs_run(training)}, {_minutes(training)}",
            )
        )
    header = (
        *("Model", "Accuracy, plain", "Accuracy, ten crops", "Macro F1, plain"),
        *("Accuracy without duplicates", "Parameters", "File", "Distilled from"),
        "Epochs, time",
    )
    return markdown_table(header, rows)


def _link(card: ModelCard, root: str) -> str:
    return f"[{card.name}]({root}models/{card.name}/README.md)"


def _minutes(training: Training) -> str:
    return f"{training.seconds / 60:,.0f} min"


def _without_duplicates(card: ModelCard) -> str:
    scores = card.reported.without_training_twins
    return "" if scores is None else scores.accuracy.percent()


def _accuracy(card: ModelCard, protocol: EvaluationProtocol) -> str:
    scores = card.metrics[card.protocol.report_split].get(protocol)
    return "" if scores is None else scores.accuracy.percent()


def _seven(scores: ClassificationMetrics) -> tuple[str, str, str]:
    return (scores.accuracy.percent(), scores.macro_f1.percent(), scores.weighted_f1.percent())
