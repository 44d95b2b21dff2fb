"""From a model card to the README of its folder."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fer_core.cards import ModelCard, Training
from fer_core.evaluation.scores import ClassificationMetrics, Interval


def render_readme(card: ModelCard) -> str:
    """Returns the Markdown text of `models/<name>/README.md`. Nothing stands in it but the card."""
    sections = (
        f"# {card.title}\n\n{card.summary}",
        _facts(card),
        "## Scores\n\n" + card.protocol.description + "\n\n" + _scores(card),
        _classes(card),
        *([_calibration(card)] if card.calibration else []),
        "## Use it\n\n" + _usage(card),
        f"## Intended use\n\n{card.intended_use}",
        f"## Out of scope\n\n{card.out_of_scope_use}",
        "## Limits\n\n" + "\n".join(f"- {limit}" for limit in card.limits),
        f"## Licence of the training data\n\n{card.data_licence}",
        *([] if card.training is None else ["## Training\n\n" + _training(card.training)]),
    )
    return "\n\n".join(sections) + "\n\nThis page is rendered from `card.json`.\n"


def render_results(cards: Sequence[ModelCard]) -> str:
    """Returns a Markdown table of models, the most accurate first, as the project's README has it.

    Args:
        cards: models that are reported on the same split.
    """
    ranked = sorted(cards, key=lambda card: card.reported.accuracy.value, reverse=True)
    rows = []
    for card in ranked:
        protocols = card.metrics[card.protocol.report_split]
        flip, twinless = protocols.get("flip"), card.reported.without_training_twins
        rows.append(
            (
                f"[{card.name}](models/{card.name}/README.md)",
                card.reported.accuracy.percent(),
                "" if flip is None else flip.accuracy.percent(),
                card.reported.macro_f1.percent(),
                "" if twinless is None else twinless.accuracy.percent(),
                f"{card.parameters / 1e6:.1f} M",
                f"{card.weights.size_bytes / 1e6:.1f} MB",
                "" if card.training is None else f"{card.training.seconds / 60:,.0f} min",
            )
        )
    return markdown_table(
        (
            *("Model", "Accuracy, plain", "Accuracy, flip", "Macro F1, plain"),
            *("Accuracy without twins", "Weights", "File", "Training"),
        ),
        rows,
    )


def _facts(card: ModelCard) -> str:
    preprocessing = card.preprocessing
    rows = {
        "Architecture": card.architecture,
        "Task": card.task,
        "Labels, in order": ", ".join(card.labels),
        "Input": f"{' × '.join(map(str, card.input_shape))} (height × width × channels), float32",
        "Preprocessing": (
            f"gray, equalization {preprocessing.equalization}, denoising "
            f"{preprocessing.denoising}, {preprocessing.size} px, scaling {preprocessing.scaling}"
        ),
        "Parameters": f"{card.parameters:,}",
        "Work for one face": f"{card.macs / 1e6:,.1f} M multiply-accumulates",
        **(_members(card) if card.members else _file(card)),
        "Temperature": "none" if card.temperature is None else f"{card.temperature:.3f}",
        "Training data": card.protocol.dataset,
    }
    return markdown_table(("", ""), list(rows.items()))


def _members(card: ModelCard) -> dict[str, str]:
    shares = (
        f"[{name}](../{name}/README.md) {member.weight:.3f}"
        for name, member in card.members.items()
    )
    return {
        "Members and their weights": ", ".join(shares),
        "Files of the members": f"{card.weights.size_bytes / 1e6:.2f} MB",
    }


def _file(card: ModelCard) -> dict[str, str]:
    return {
        "File": f"{card.weights.size_bytes / 1e6:.2f} MB, SHA-256 `{card.weights.sha256[:12]}`…",
        "Weights": _rounding(card),
    }


def _rounding(card: ModelCard) -> str:
    weights = card.weights
    if weights.mantissa_bits is None:
        return "stored in full precision"
    text = f"those of rank 2 and more rounded to {weights.mantissa_bits} bits of mantissa"
    if weights.rounding_accuracy_change is None:
        return text
    change = weights.rounding_accuracy_change * 100
    return (
        f"{text}, which changed accuracy on {card.protocol.selection_split} by {change:+.2f} points"
    )


def _scores(card: ModelCard) -> str:
    rows = []
    for split, protocols in card.metrics.items():
        for protocol, metrics in protocols.items():
            rows.append(_score_row(split, protocol, metrics))
            if (twinless := metrics.without_training_twins) is not None:
                rows.append(
                    (
                        f"{split}, without copies of training images",
                        protocol,
                        f"{twinless.rows:,}",
                        twinless.accuracy.percent(),
                        twinless.macro_f1.percent(),
                        "",
                    )
                )
    table = markdown_table(
        ("Split", "Protocol", "Rows", "Accuracy (95 %)", "Macro F1 (95 %)", "ROC AUC"), rows
    )
    return (
        f"{table}\n\nplain: one pass. flip: mean of the face and its mirror image. crops: mean of "
        "ten windows of 44 pixels, the corners and the center, each also mirrored. In brackets: "
        "95 % bootstrap interval. Every number can be computed again from `predictions.npz`."
    )


def _score_row(split: str, protocol: str, metrics: ClassificationMetrics) -> tuple[str, ...]:
    return (
        split,
        protocol,
        f"{metrics.rows:,}",
        metrics.accuracy.percent(),
        metrics.macro_f1.percent(),
        _decimals(metrics.roc_auc),
    )


def _classes(card: ModelCard) -> str:
    rows = [
        (
            label,
            score.precision.percent(),
            score.recall.percent(),
            score.f1.percent(),
            _decimals(score.roc_auc),
            f"{score.support:,}",
        )
        for label, score in card.reported.per_class.items()
    ]
    table = markdown_table(("Class", "Precision", "Recall", "F1", "ROC AUC", "Rows"), rows)
    return f"By class, on {card.protocol.report_split}, plain:\n\n{table}"


def _calibration(card: ModelCard) -> str:
    rows = [
        (split, when, _decimals(scores.ece), f"{scores.mce:.3f}", *map(_decimals, rest))
        for split, effect in card.calibration.items()
        for when, scores in (("1", effect.before), (f"{card.temperature:.3f}", effect.after))
        for rest in [(scores.brier, scores.nll)]
    ]
    table = markdown_table(("Split", "Temperature", "ECE", "MCE", "Brier", "NLL"), rows)
    return (
        f"## Calibration\n\nLogits are divided by the temperature that fits "
        f"{card.protocol.selection_split} best. ECE and MCE over 15 bins of confidence, plain "
        f"protocol.\n\n{table}"
    )


def _decimals(score: Interval | None) -> str:
    return "" if score is None else f"{score.value:.3f} ({score.low:.3f}-{score.high:.3f})"


def _usage(card: ModelCard) -> str:
    text = f"""With this project:

```python
from fer_core import load_classifier

classifier = load_classifier("{card.name}")
```"""
    if card.members:
        return f"{text}\n\nIt answers with the weighted mean of its members' probabilities."
    return f"""{text}

Without it, in Keras 3: `keras.models.load_model("model.keras")`. Give it what the table above says;
the outputs are probabilities in the order of the labels."""


def _training(training: Training) -> str:
    rows = {
        "Epochs": f"{training.epochs}, weights of epoch {training.best_epoch}",
        "Time": f"{training.seconds / 60:,.0f} minutes",
        "Hardware": training.hardware,
        "Seed": str(training.seed),
        "Code": training.commit,
        "Finished": training.finished.isoformat(),
        "Libraries": ", ".join(f"{name} {version}" for name, version in training.libraries.items()),
    }
    table = markdown_table(("", ""), list(rows.items()))
    return f"{table}\n\nRecipe:\n\n```json\n{json.dumps(training.recipe, indent=2)}\n```"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table of texts."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )
