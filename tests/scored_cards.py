"""Reads the card of a model that was scored."""

from __future__ import annotations

from pathlib import Path

from fer_core.zoo.cards import ModelCard, read_card


def read_scored_card(path: Path) -> ModelCard:
    card = read_card(path)
    assert isinstance(card, ModelCard)
    return card
