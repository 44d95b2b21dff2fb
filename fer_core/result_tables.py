"""The saved models in tables, as the project's README and docs/results.md have them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fer_core.cards import ModelCard
from fer_core.evaluation.ckplus import CKPLUS_PROTOCOL_IN_WORDS
from fer_core.evaluation.scores import ClassificationMetrics, EvaluationProtocol
from fer_core.markdown import markdown_table


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
    """Returns a Markdown table of models that were measured on FER+, or nothing without any.

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
                _accuracy(card, "flip"),
                card.reported.macro_f1.percent(),
                *(("",) * 3 if seven is None else _seven(seven)),
                f"{card.weights.size_bytes / 1e6:.1f} MB",
            )
        )
    header = (
        *("Model on FER+", "Accuracy, 8 classes", "Flip, 8 classes", "Macro F1, 8 classes"),
        *("Accuracy, 7 classes", "Macro F1, 7 classes", "Weighted F1, 7 classes", "File"),
    )
    return [markdown_table(header, rows)] if rows else []


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
        twinless = card.reported.without_training_twins
        rows.append(
            (
                _link(card, ""),
                card.reported.accuracy.percent(),
                _accuracy(card, "crops"),
                card.reported.macro_f1.percent(),
                "" if twinless is None else twinless.accuracy.percent(),
                f"{card.parameters / 1e6:.1f} M",
                f"{card.weights.size_bytes / 1e6:.1f} MB",
                "" if card.training is None else f"{card.training.seconds / 60:,.0f} min",
            )
        )
    header = (
        *("Model", "Accuracy, plain", "Accuracy, ten crops", "Macro F1, plain"),
        *("Accuracy without duplicates", "Weights", "File", "Training"),
    )
    return markdown_table(header, rows)


def _link(card: ModelCard, root: str) -> str:
    return f"[{card.name}]({root}models/{card.name}/README.md)"


def _accuracy(card: ModelCard, protocol: EvaluationProtocol) -> str:
    scores = card.metrics[card.protocol.report_split].get(protocol)
    return "" if scores is None else scores.accuracy.percent()


def _seven(scores: ClassificationMetrics) -> tuple[str, str, str]:
    return (scores.accuracy.percent(), scores.macro_f1.percent(), scores.weighted_f1.percent())
