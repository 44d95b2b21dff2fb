"""Card texts that depend on the dataset."""

from __future__ import annotations

from fer_core.evaluation.dataset.facts import HUMAN_ACCURACY
from training.artifacts.use_and_limits import (
    OUT_OF_SCOPE_USE,
    data_license,
    general_limits,
)


def test_card_texts_depend_on_the_dataset() -> None:
    assert HUMAN_ACCURACY in " ".join(general_limits("FER2013"))
    for dataset in ("FER+", "CK+", "MY FACES"):
        assert "FER2013" not in " ".join(general_limits(dataset))
    assert "MIT" in data_license("FER+")
    assert data_license("MY FACES").startswith("Not stated")


def test_the_law_is_named_in_full() -> None:
    for article in ("Article 5(1)(f)", "Annex III, point 1(c)", "Article 50(3)"):
        assert article in OUT_OF_SCOPE_USE
