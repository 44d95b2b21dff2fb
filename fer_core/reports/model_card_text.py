"""A model card as text: facts by name, and sentences."""

from __future__ import annotations

from typing import Final

from fer_core.evaluation.scores import CKPLUS_PROTOCOL_IN_WORDS, CkPlusMetrics
from fer_core.labels import split_title
from fer_core.preprocessing import PreprocessingConfig
from fer_core.zoo import (
    ImportedCard,
    ModelCard,
    RunnableCard,
    Training,
    epochs_run,
    initial_weights,
    teachers,
)

PROTOCOLS_TEXT: Final = (
    "plain: no test-time augmentation. flip: mean over the face and its mirror image. crops: "
    "ten-crop mean (44-pixel crops at the corners and the center, each also mirrored)."
)

INTERVALS_IN_WORDS: Final = (
    "In brackets: 95% confidence interval (Wilson's score interval for accuracy, precision, recall "
    "and the F1 of a class; bootstrap over rows for averages and ROC AUC)."
)

CALIBRATION_ERROR_IN_WORDS: Final = (
    "ECE and MCE use 15 equal-mass bins; ECE is debiased (Kumar et al. 2019, Roelofs et al. 2022). "
    "Noise floor: the ECE of a calibrated model on as many faces. p: how often a calibrated model "
    "would have at least this ECE."
)

FILE: Final = "File"
MEMBERS: Final = "Members and their weights"


def imported_facts(card: ImportedCard) -> dict[str, str]:
    """Returns the input, cost and origin of a model from elsewhere."""
    source, memory = card.source, card.source.peak_memory_bytes
    return {
        "Labels, in order": ", ".join(card.labels),
        "Input": _input(card),
        "Preprocessing": _preprocessing(card.preprocessing),
        "Parameters": f"{card.parameters:,}",
        FILE: f"{card.weights.size_bytes / 1e6:.2f} MB, SHA-256 {card.weights.sha256[:12]}…",
        "Imported from": (
            f"{source.file}, {source.layout}, {source.output}, SHA-256 {source.sha256[:12]}…"
        ),
        "Imported on": source.imported.isoformat(),
        "Time for one face, p95": f"{source.p95_ms:.1f} ms, when it was imported",
        "Peak memory": "unknown" if memory is None else f"{memory / 1e6:.0f} MB",
    }


def _input(card: RunnableCard) -> str:
    return f"{' × '.join(map(str, card.input_shape))} (height × width × channels), float32"


def _preprocessing(config: PreprocessingConfig) -> str:
    color = "grayscale" if config.color == "gray" else config.color.upper()
    per_channel = (
        f" with mean {config.mean} and deviation {config.deviation}" if config.mean else ""
    )
    return (
        f"{color}, equalization {config.equalization}, denoising {config.denoising}, "
        f"{config.size} px, scaling {config.scaling}{per_channel}"
    )


def model_facts(card: ModelCard) -> dict[str, str]:
    """Returns the model's architecture, input, cost, files and training data."""
    return {
        "Architecture": card.architecture,
        "Task": card.task,
        "Labels, in order": ", ".join(card.labels),
        **({"Action units, in order": ", ".join(card.action_units)} if card.action_units else {}),
        "Input": _input(card),
        "Preprocessing": _preprocessing(card.preprocessing),
        "Parameters": f"{card.parameters:,}",
        "MACs per face": f"{card.macs / 1e6:,.1f} M",
        **(_members(card) if card.members else _file(card)),
        "Temperature": "none" if card.temperature is None else f"{card.temperature:.3f}",
        **_smoothing(card),
        **_temperature_of_photos(card),
        "Training data": card.protocol.dataset,
    }


def _temperature_of_photos(card: ModelCard) -> dict[str, str]:
    fitted = card.photo_temperature
    return {} if fitted is None else {"Temperature on photos": f"{fitted.temperature:.3f}"}


def _smoothing(card: ModelCard) -> dict[str, str]:
    applies = card.temperature is not None and card.label_smoothing > 0
    return {"Label smoothing removed": f"{card.label_smoothing:.2f}"} if applies else {}


def calibration_sentence(card: ModelCard) -> str:
    """Returns a sentence on how a model's probabilities are calibrated."""
    if card.temperature is None:
        return "This model has no temperature: its probabilities are not rescaled."
    first = _members_calibration(card) if card.members else ""
    sentence = (
        f"{first}Logits are divided by a temperature of {card.temperature:.3f}, fitted on "
        f"{split_title(card.protocol.selection_split)}{_without_duplicates(card)}"
    )
    if card.label_smoothing:
        sentence += f", after {card.label_smoothing:.0%} label smoothing is removed"
    return f"{sentence}.{_on_photos(card)}"


def _on_photos(card: ModelCard) -> str:
    fitted = card.photo_temperature
    if fitted is None:
        return ""
    return (
        f" On photos it is overconfident by far with this temperature, so the app uses "
        f"{fitted.temperature:.3f} there, fitted on {fitted.faces:,} faces of "
        f"{split_title(fitted.photos)}, and for thresholds."
    )


def _members_calibration(card: ModelCard) -> str:
    others = [name for name, member in card.members.items() if member.labels]
    if not others:
        return "Each member is calibrated as in its own card. "
    named = ", ".join(
        f"{name} at a temperature of {card.members[name].temperature:.2f}" for name in others
    )
    return (
        f"Each member is calibrated as in its own card, but {named}, of which only the classes of "
        "this model are kept. "
    )


def interval_sentence(card: ModelCard) -> str:
    """Returns a sentence on the intervals of the card's scores."""
    return INTERVALS_IN_WORDS if card.ckplus is None else CKPLUS_PROTOCOL_IN_WORDS


def _without_duplicates(card: ModelCard) -> str:
    known = card.selected_on.without_training_duplicates is not None
    return " without duplicates of training faces" if known else ""


def duplicates_sentence(card: ModelCard) -> str:
    """Returns how many test faces are duplicates of training faces, and the accuracy without them.

    Empty where duplicates are unknown.
    """
    reported = card.reported
    without = reported.without_training_duplicates
    if without is None:
        return ""
    return (
        f"Of the {reported.rows:,} test faces, {reported.rows - without.rows:,} are exact "
        f"duplicates of training faces: accuracy is {reported.accuracy.percent()} with these "
        f"train/test duplicates and {without.accuracy.percent()} without."
    )


def rare_units_sentence(metrics: CkPlusMetrics) -> str:
    """Returns which action units the averages exclude, and why; empty if none."""
    units = metrics.by_sequence.action_units
    if not units.rare_units:
        return ""
    counted = [f"{name} ({units.per_unit[name].positive_sequences})" for name in units.rare_units]
    return (
        "Averages exclude action units present in fewer than "
        f"{units.least_positive_sequences} sequences ({', '.join(counted)}), unless labeled "
        '"all units".'
    )


def training_facts(training: Training) -> dict[str, str]:
    """Returns how the model was trained, without the recipe."""
    return {
        "Started from": initial_weights(training),
        "Teachers": ", ".join(teachers(training)) or "none",
        "Epochs": f"{epochs_run(training)}, weights of epoch {training.best_epoch}",
        "Time": f"{training.seconds / 60:,.0f} minutes",
        "Hardware": training.hardware,
        "Seed": str(training.seed),
        "Code": _commit(training.commit),
        "Finished": training.finished.isoformat(),
        "Libraries": ", ".join(f"{name} {version}" for name, version in training.libraries.items()),
    }


def _commit(commit: str) -> str:
    """Runs are made from working copies, not all of whose commits were published."""
    revision = commit.removesuffix("-dirty")
    if revision == "unknown":
        return commit
    changes = " with uncommitted changes" if revision != commit else ""
    return f"commit {revision}{changes}, as recorded by the run; it may not be in this history"


def _members(card: ModelCard) -> dict[str, str]:
    shares = (f"{name} {member.weight:.3f}" for name, member in card.members.items())
    return {
        MEMBERS: ", ".join(shares),
        "Files of the members": f"{card.weights.size_bytes / 1e6:.2f} MB",
    }


def _file(card: ModelCard) -> dict[str, str]:
    return {
        FILE: f"{card.weights.size_bytes / 1e6:.2f} MB, SHA-256 {card.weights.sha256[:12]}…",
        "Weights": _rounding(card),
    }


def _rounding(card: ModelCard) -> str:
    weights = card.weights
    if weights.mantissa_bits is None:
        return "stored in full precision"
    text = (
        f"weights of rank 2 and above rounded to {weights.mantissa_bits} bits of mantissa, "
        "depthwise kernels to at least 10"
    )
    if weights.rounding_accuracy_change is None:
        return text
    change = weights.rounding_accuracy_change * 100
    return (
        f"{text}, which changed accuracy on {split_title(card.protocol.selection_split)} by "
        f"{change:+.2f} points"
    )
