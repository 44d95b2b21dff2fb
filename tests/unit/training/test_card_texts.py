"""General texts of cards follow from the dataset, and saved cards get those of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.dataset_facts import HUMAN_ACCURACY
from fer_core.zoo import load_card
from training.card_texts import (
    OUT_OF_SCOPE_USE,
    data_license,
    general_limits,
    with_current_texts,
)

EARLIER = "FER2013's labels are noisy: people agree with them on about 65 % of its faces."
OWN = "Its training was stopped after 3 of 60 epochs."
CARD = load_card("cnn", models_dir=Path(__file__).resolve().parents[3] / "models")


@pytest.mark.parametrize("dataset", ["FER2013", "FER+", "MY FACES"])
def test_a_saved_card_gets_the_texts_of_its_dataset_and_keeps_its_own(dataset: str) -> None:
    protocol = CARD.protocol.model_copy(update={"dataset": dataset})
    limits = ("Lowest F1: fear.", EARLIER, OWN)
    old = CARD.model_copy(update={"protocol": protocol, "limits": limits})
    new = with_current_texts(old)
    assert new.limits == ("Lowest F1: fear.", *general_limits(dataset), OWN)
    assert new.data_licence == data_license(dataset)
    assert with_current_texts(new) == new


def test_a_text_written_for_one_card_stays() -> None:
    card = CARD.model_copy(
        update={"limits": (OWN,), "out_of_scope_use": "Toasters.", "data_licence": "Mine."}
    )
    assert with_current_texts(card) == card


def test_only_what_is_known_of_a_dataset_is_claimed() -> None:
    assert HUMAN_ACCURACY in " ".join(general_limits("FER2013"))
    for dataset in ("FER+", "CK+", "MY FACES"):
        assert "FER2013" not in " ".join(general_limits(dataset))
    assert "MIT" in data_license("FER+")
    assert data_license("MY FACES").startswith("Not stated")


def test_the_law_is_named_in_full() -> None:
    for article in ("Article 5(1)(f)", "Annex III, point 1(c)", "Article 50(3)"):
        assert article in OUT_OF_SCOPE_USE
