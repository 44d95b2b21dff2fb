"""What a card tells about a training: initial weights, teachers, epochs, commands to repeat it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from fer_core.zoo.cards import ModelCard, Training

_FER2013 = "--data data/fer2013.csv"
_FERPLUS = "--ferplus data/ferplus"
_CKPLUS = "--data data/ckplus"


def is_from_scratch(training: Training) -> bool:
    """Returns whether training started from random weights."""
    return _section(training, "model").get("pretrained") is None


def initial_weights(training: Training) -> str:
    """Returns the initial weights: `random weights`, or those of a named model."""
    name = _section(training, "model").get("pretrained")
    return "random weights" if name is None else f"weights of {name}"


def teachers(training: Training) -> tuple[str, ...]:
    """Returns the names of the teacher models; empty without distillation."""
    found = _section(training, "distillation").get("teachers", ())
    return tuple(PurePosixPath(name).name for name in found)


def epochs_run(training: Training) -> str:
    """Returns the number of epochs; if training stopped early, with the scheduled number."""
    planned = _section(training, "schedule").get("epochs", training.epochs)
    return f"{training.epochs}" if training.epochs >= planned else f"{training.epochs} of {planned}"


def reproduction_commands(card: ModelCard) -> tuple[str, ...]:
    """Returns the commands that reproduce a model; none if the card does not name its config.

    They overwrite the saved model.

    Args:
        card: of any saved model. Datasets are expected in `data/`, as in the README.
    """
    if card.members:
        members = "".join(f" --member {name}" for name in card.members)
        return (f"python -m training.ensemble{members} --name {card.name} --overwrite --final",)
    if card.training is None or card.training.config is None:
        return ()
    config, run = f"--config {card.training.config}", f"--run runs/{card.name}"
    kept = card.weights.mantissa_bits
    bits = f" --mantissa-bits {kept}" if kept else ""
    if card.ckplus is not None:
        return (
            f"python -m training.ckplus {config} {_CKPLUS}",
            f"python -m training.ckplus.export {run} {_CKPLUS}{bits} --overwrite",
        )
    data = f"{_FER2013} {_FERPLUS}" if card.protocol.dataset == "FER+" else _FER2013
    votes = f" {_FERPLUS}" if card.training.recipe.get("extra_votes") else ""
    return (
        f"python -m training.train {config} {data}{votes}",
        f"python -m training.export {run} {data}{bits} --overwrite --final",
    )


def prerequisites(card: ModelCard) -> tuple[str, ...]:
    """Returns the models needed first: members, teachers, and the model to fine-tune.

    A name with a `/` is a run, relative to the model's own run; others are saved models.
    """
    recipe: dict[str, Any] = card.training.recipe if card.training else {}
    teachers = (recipe.get("distillation") or {}).get("teachers", ())
    first = recipe.get("model", {}).get("pretrained")
    return (*card.members, *teachers, *([first] if first else []))


def _section(training: Training, name: str) -> dict[str, Any]:
    section = training.recipe.get(name)
    return section if isinstance(section, dict) else {}
