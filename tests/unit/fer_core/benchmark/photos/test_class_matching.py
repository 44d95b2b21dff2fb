"""Class names of photos: exact names need no confirmation, everything else does."""

from __future__ import annotations

import pytest

from fer_core.benchmark.photos import match_classes
from fer_core.errors import InputRejected


def test_exact_names_need_no_confirmation() -> None:
    matching = match_classes(["happy", "Sad", "happy"])
    assert matching.read_as == {"Sad": "sad", "happy": "happy"}
    assert matching.photos == {"Sad": 1, "happy": 2}
    assert matching.labels == ("happy", "sad")
    assert not matching.needs_confirmation


def test_synonyms_are_read_and_need_confirmation() -> None:
    matching = match_classes(["Happiness", "anger"])
    assert matching.read_as == {"Happiness": "happy", "anger": "angry"}
    assert matching.needs_confirmation


@pytest.mark.parametrize(
    ("names", "digits", "first"),
    [("1234567", "RAF-DB", "surprise"), ("0123456", "FER2013", "disgust")],
)
def test_digits_are_those_of_the_dataset_that_uses_them(
    names: str, digits: str, first: str
) -> None:
    matching = match_classes(names)
    assert matching.digits == digits
    assert matching.read_as["1"] == first
    assert matching.needs_confirmation


@pytest.mark.parametrize("names", ["123456", "12", "0127", "8"])
def test_digits_that_fit_both_or_neither_are_unknown(names: str) -> None:
    assert match_classes(names).unknown == tuple(names)


def test_stated_classes_take_precedence_and_empty_ones_are_left_out() -> None:
    matching = match_classes(["1", "2", "bored"], {"1": "Happiness", "2": "sad", "bored": ""})
    assert matching.read_as == {"1": "happy", "2": "sad"}
    assert matching.unknown == ()


def test_unknown_names_are_named() -> None:
    assert match_classes(["happy", "bored"]).unknown == ("bored",)


@pytest.mark.parametrize(
    ("stated", "message"),
    [({"glad": "happy"}, "No photo has the class glad"), ({"happy": "bored"}, "Unknown emotion")],
)
def test_a_statement_that_cannot_be_is_refused(stated: dict[str, str], message: str) -> None:
    with pytest.raises(InputRejected, match=message):
        match_classes(["happy"], stated)
