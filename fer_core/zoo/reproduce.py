"""The commands that reproduce a saved model, from its card."""

from __future__ import annotations

from typing import Any

from fer_core.zoo.card import ModelCard

_FER2013 = "--data data/fer2013.csv"
_FERPLUS = "--ferplus data/ferplus"
_CKPLUS = "--data data/ckplus"


def commands(card: ModelCard) -> tuple[str, ...]:
    """Returns the commands in order; none if the card does not name its config.

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
