"""From a model card to the README of its folder."""

from __future__ import annotations

import json
import math
from typing import Any

from fer_core.evaluation import ClassificationMetrics, Interval
from fer_core.labels import describe
from fer_core.reports import (
    CALIBRATION_ERROR_IN_WORDS,
    FILE,
    MEMBERS,
    PROTOCOLS_IN_WORDS,
    calibration_sentence,
    duplicates_sentence,
    interval_sentence,
    model_facts,
    training_facts,
)
from fer_core.reports.markdown.ckplus_comparison import rare_units_sentence
from fer_core.reports.markdown.syntax import markdown_table
from fer_core.zoo import ModelCard, Training, commands, needed_before


def render_readme(card: ModelCard) -> str:
    """Returns the Markdown text of `models/<name>/README.md`. Nothing stands in it but the card."""
    sections = (
        f"# {card.title}\n\n{card.summary}",
        _facts(card),
        f"## Scores\n\n{_protocol(card)}\n\n{_scores(card)}",
        _classes(card),
        *([_calibration(card)] if card.calibration else []),
        *_action_units(card),
        "## Use it\n\n" + _usage(card),
        f"## Intended use\n\n{card.intended_use}",
        f"## Out of scope\n\n{card.out_of_scope_use}",
        "## Limits\n\n" + "\n".join(f"- {limit}" for limit in card.limits),
        f"## Licence of the training data\n\n{card.data_licence}",
        *_make_again(card),
        *([] if card.training is None else ["## Training\n\n" + _training(card.training)]),
    )
    return "\n\n".join(sections) + "\n\nThis page is rendered from `card.json`.\n"


def _facts(card: ModelCard) -> str:
    facts = model_facts(card)
    if card.members:
        facts[MEMBERS] = ", ".join(
            f"[{name}](../{name}/README.md) {member.weight:.3f}"
            for name, member in card.members.items()
        )
    else:
        checksum = card.weights.sha256[:12]
        facts[FILE] = facts[FILE].replace(checksum, f"`{checksum}`")
    return markdown_table(("", ""), list(facts.items()))


def _protocol(card: ModelCard) -> str:
    return f"{card.protocol.description} {duplicates_sentence(card)}".strip()


def _scores(card: ModelCard) -> str:
    rows = []
    for split, protocols in card.metrics.items():
        for protocol, metrics in protocols.items():
            rows.append(_score_row(split, protocol, metrics))
            if (without := metrics.without_training_twins) is not None:
                rows.append(
                    (
                        f"{split}, without train/test duplicates",
                        protocol,
                        f"{without.rows:,}",
                        without.accuracy.percent(),
                        without.macro_f1.percent(),
                        "",
                    )
                )
    if card.seven_classes is not None:
        split = f"{card.protocol.report_split}, contempt as neutral (7 classes)"
        rows.append(_score_row(split, "plain", card.seven_classes))
    table = markdown_table(
        ("Split", "Protocol", "Rows", "Accuracy (95 %)", "Macro F1 (95 %)", "ROC AUC"), rows
    )
    return (
        f"{table}\n\n{PROTOCOLS_IN_WORDS} {interval_sentence(card)} Every number can be "
        "computed again from `predictions.npz`."
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
        (
            split,
            when,
            scores.ece.percent(),
            f"{scores.mce:.1%}",
            _decimals(scores.brier),
            _decimals(scores.nll),
        )
        for split, effect in card.calibration.items()
        for when, scores in effect.by_name.items()
    ]
    table = markdown_table(("Split", "Probabilities", "ECE", "MCE", "Brier", "NLL"), rows)
    return (
        f"## Calibration\n\n{calibration_sentence(card)} Plain protocol. "
        f"{CALIBRATION_ERROR_IN_WORDS}\n\n{table}"
    )


def _decimals(score: Interval | None) -> str:
    return "" if score is None else f"{score.value:.3f} ({score.low:.3f}-{score.high:.3f})"


def _action_units(card: ModelCard) -> list[str]:
    if card.ckplus is None:
        return []
    metrics, units_scores = card.ckplus, card.ckplus.by_sequence.action_units
    numbers = ("accuracy", "precision", "recall", "f1", "roc_auc")
    overall = [
        (
            *(str(row[name]).replace("_", " ") for name in ("predictor", "output", "average")),
            *(_number(row[name]) for name in numbers),
        )
        for row in metrics.to_frame().to_dict("records")
    ]
    units = [
        (
            describe(unit),
            *(_number(getattr(score, name)) for name in numbers),
            f"{score.positive_sequences}",
            "yes" if score.is_averaged else "no",
        )
        for unit, score in units_scores.per_unit.items()
    ]
    scores = ("Accuracy", "Precision", "Recall", "F1", "ROC AUC")
    return [
        "## Emotions and action units on CK+\n\n"
        f"{metrics.folds} folds of {metrics.subjects} subjects and {metrics.sequences} sequences; "
        f"every subject is scored by weights that never saw them. High "
        "level is negative, positive or surprise, added up from the seven classes. "
        f"{rare_units_sentence(metrics)} For comparison, predictions that look at no face: the "
        "most frequent class; that no action unit is ever there (all absent); or each unit's share "
        "of the sequences as its probability (prevalence).\n\n"
        + markdown_table(("Predictor", "Output", "Average", *scores), overall),
        "By action unit; a row is a sequence, and a unit is predicted from a probability of "
        f"{units_scores.threshold:g} on.\n\n"
        + markdown_table(("Action unit", *scores, "Sequences", "Averaged"), units),
    ]


def _number(value: Any) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.3f}"


def _usage(card: ModelCard) -> str:
    text = f"""With this project:

```python
from fer_core import load_classifier

classifier = load_classifier("{card.name}")
```"""
    if card.members:
        return f"{text}\n\nIt answers with the weighted mean of what its members answer."
    return f"""{text}

Without it, in Keras 3: `keras.models.load_model("model.keras")`. Give it what the table above says;
{_outputs(card)}"""


def _outputs(card: ModelCard) -> str:
    if card.action_units:
        return (
            "the first output is the probabilities in the order of the labels, the second those of "
            "the action units."
        )
    return "the outputs are probabilities in the order of the labels."


def _make_again(card: ModelCard) -> list[str]:
    lines = commands(card)
    if not lines:
        return []
    needed = [
        f"`runs/{name.rpartition('/')[2]}`" if "/" in name else f"[{name}](../{name}/README.md)"
        for name in needed_before(card)
    ]
    before = f"\n\nIt needs {', '.join(needed)} first." if needed else ""
    block = "\n".join(lines)
    return [f"## Make it again{before}\n\n```console\n{block}\n```"]


def _training(training: Training) -> str:
    table = markdown_table(("", ""), list(training_facts(training).items()))
    return f"{table}\n\nRecipe:\n\n```json\n{json.dumps(training.recipe, indent=2)}\n```"
