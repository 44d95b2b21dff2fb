"""A card that was ever written stays readable, whole and the same."""

from __future__ import annotations

import json
from collections.abc import Set
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.goldens.aliases import CARD_FIELDS
from tests.goldens.code import read_card
from tests.goldens.golden_files import MODELS, golden

SHIPPED = sorted(PROJECT.glob("models/*/card.json"))
CARDS = [*SHIPPED, *sorted(MODELS.glob("*/card.json"))]


def name_of(path: Path) -> str:
    return path.parent.name


def field_paths(value: Any, data_names: Set[str] = frozenset(), at: str = "") -> list[str]:
    """The paths of all values; `*` stands for a name that is data, such as a label."""
    if isinstance(value, list):
        found = {path for each in value for path in field_paths(each, data_names, f"{at}[]")}
        return sorted(found or {at})
    if not isinstance(value, dict) or not value:
        return [at]
    paths: set[str] = set()
    for key, each in value.items():
        name = "*" if at and key in data_names else key
        paths |= set(field_paths(each, data_names, f"{at}.{name}" if at else name))
    return sorted(paths)


def canonical_paths(paths: list[str]) -> list[str]:
    """Each beginning of a path by its canonical name, the longest that is known first."""
    found = []
    for path in paths:
        former = next(
            (
                name
                for name in sorted(CARD_FIELDS, key=len, reverse=True)
                if path == name or path.startswith((f"{name}.", f"{name}["))
            ),
            None,
        )
        found.append(path if former is None else CARD_FIELDS[former] + path[len(former) :])
    return sorted(found)


@pytest.mark.parametrize("path", CARDS, ids=name_of)
def test_reading_and_writing_a_card_loses_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    card = read_card(path)
    if not CARD_FIELDS:
        assert card.to_json() == text
    then, now = json.loads(text), json.loads(card.to_json())
    assert canonical_paths(folded(now)) == canonical_paths(folded(then))
    assert leaves(now) == leaves(then)


def leaves(value: Any) -> list[str]:
    """All values of a card in an order that does not depend on the names of its fields."""
    if isinstance(value, dict):
        return sorted(leaf for each in value.values() for leaf in leaves(each))
    if isinstance(value, list):
        return sorted(leaf for each in value for leaf in leaves(each))
    return [json.dumps(value)]


def test_every_field_that_a_card_ever_had_is_there() -> None:
    now = {title(path): folded(json.loads(read_card(path).to_json())) for path in CARDS}
    then: dict[str, list[str]] = {card: [] for card in now}
    for group in golden("card_fields", grouped(now)):
        for card in group["cards"]:
            then[card] += spread(group["fields"])
    for name, paths in now.items():
        missing = set(canonical_paths(then[name])) - set(canonical_paths(paths))
        assert not missing, f"{name} has lost fields"


def grouped(fields: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The fields by which cards have them, those with one parent beside each other."""
    owners: dict[str, list[str]] = {}
    for card, paths in fields.items():
        for path in paths:
            owners.setdefault(path, []).append(card)
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for path in sorted(owners):
        parent, _, last = path.rpartition(".")
        siblings = groups.setdefault(tuple(owners[path]), {})
        siblings[parent] = f"{siblings[parent]} {last}" if parent in siblings else last
    return [{"cards": list(cards), "fields": found} for cards, found in groups.items()]


def spread(fields: dict[str, str]) -> list[str]:
    """The paths again."""
    return [
        f"{parent}.{last}" if parent else last
        for parent, siblings in fields.items()
        for last in siblings.split()
    ]


def title(path: Path) -> str:
    return f"{path.parents[2].name}/{path.parent.name}" if path not in SHIPPED else name_of(path)


def folded(card: dict[str, Any]) -> list[str]:
    """The paths of a card's fields, with `*` for labels, action units, splits and members."""
    names: set[str] = set()
    for part in ("labels", "action_units", "members", "metrics", "calibration"):
        names |= set(card.get(part) or card.get(CARD_FIELDS.get(part, part)) or ())
    return field_paths(card, names)
