"""The README of a model folder, rendered from the model card."""

from __future__ import annotations

import json

from fer_core.labels import describe
from fer_core.reports import (
    CALIBRATION_ERROR_IN_WORDS,
    FILE,
    MEMBERS,
    PROTOCOLS_TEXT,
    calibration_sentence,
    duplicates_sentence,
    interval_sentence,
    model_facts,
    rare_units_sentence,
    training_facts,
)
from fer_core.zoo import ModelCard, prerequisites, reproduction_commands
from training.publishing.markdown import render


def render_readme(card: ModelCard) -> str:
    """Returns the text of `models/<name>/README.md`, which contains only what the card states."""
    return render(
        "model_readme.md",
        card=card,
        facts=_facts(card),
        protocols=PROTOCOLS_TEXT,
        duplicates=duplicates_sentence(card),
        intervals=interval_sentence(card),
        calibration=f"{calibration_sentence(card)} Plain protocol. {CALIBRATION_ERROR_IN_WORDS}",
        ckplus=card.ckplus,
        averages=[] if card.ckplus is None else card.ckplus.to_frame().to_dict("records"),
        rare_units="" if card.ckplus is None else rare_units_sentence(card.ckplus),
        describe=describe,
        commands=reproduction_commands(card),
        needed=[
            f"`runs/{name.rpartition('/')[2]}`" if "/" in name else f"[{name}](../{name}/README.md)"
            for name in prerequisites(card)
        ],
        training=None if card.training is None else training_facts(card.training),
        recipe=None if card.training is None else json.dumps(card.training.recipe, indent=2),
    )


def _facts(card: ModelCard) -> dict[str, str]:
    facts = model_facts(card)
    if card.members:
        facts[MEMBERS] = ", ".join(
            f"[{name}](../{name}/README.md) {member.weight:.3f}"
            for name, member in card.members.items()
        )
    else:
        checksum = card.weights.sha256[:12]
        facts[FILE] = facts[FILE].replace(checksum, f"`{checksum}`")
    return facts
