"""What the class names of labeled photos mean: names, synonyms, or the digits of a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fer_core.errors import InputRejected
from fer_core.files import shown
from fer_core.labels import FER2013, FERPLUS, canonical_label

RAF_DB: Final = {
    "1": "surprise",
    "2": "fear",
    "3": "disgust",
    "4": "happy",
    "5": "sad",
    "6": "angry",
    "7": "neutral",
}
"""The digits of RAF-DB's basic expressions (Li, Deng and Du 2017)."""

_FER2013_DIGITS: Final = {str(digit): label for digit, label in enumerate(FER2013)}


@dataclass(frozen=True)
class ClassMatching:
    """How the class names of photos are read.

    Attributes:
        read_as: the label that each name is read as, by name.
        photos: number of photos by name.
        unknown: names that are no known class.
        digits: the dataset whose digits the names are; "" if they are words.
    """

    read_as: Mapping[str, str]
    photos: Mapping[str, int]
    unknown: tuple[str, ...] = ()
    digits: str = ""

    @property
    def needs_confirmation(self) -> bool:
        """Whether a name is not exactly that of its class."""
        return any(name.strip().lower() != label for name, label in self.read_as.items())

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes of the photos, in the usual order."""
        found = set(self.read_as.values())
        return tuple(label for label in FERPLUS if label in found)


def match_classes(names: Iterable[str], stated: Mapping[str, str] | None = None) -> ClassMatching:
    """Reads the class names of photos.

    Names are words, or all are digits: 1 to 7 as in RAF-DB, 0 to 6 as in FER2013. Digits that fit
    both, because neither 0 nor 7 occurs, are unknown unless stated.

    Args:
        names: the class name of each photo.
        stated: classes by name, which take precedence; "" for a name whose photos are left out.

    Raises:
        InputRejected: there is no name, or a stated name does not occur or is no class.
    """
    photos = Counter(names)
    stated = dict(stated or {})
    if not photos:
        raise InputRejected("There are no labeled photos.", reason="empty")
    if missing := [name for name in stated if name not in photos]:
        raise InputRejected(
            f"No photo has the class {shown(missing[0])}. The classes are "
            f"{shown(', '.join(sorted(photos)))}.",
            reason="unsupported_type",
        )
    digits, table = _digits(set(photos) - set(stated))
    read_as, unknown = {}, []
    for name in sorted(photos):
        label = stated[name] if name in stated else table.get(name) or _word(name)
        if name in stated and label:
            label = _stated(label)
        if label:
            read_as[name] = label
        elif name not in stated:
            unknown.append(name)
    return ClassMatching(read_as, dict(sorted(photos.items())), tuple(unknown), digits)


def _digits(names: set[str]) -> tuple[str, Mapping[str, str]]:
    if not names or not all(len(name) == 1 and name.isascii() and name.isdigit() for name in names):
        return "", {}
    if "7" in names and names <= set(RAF_DB):
        return "RAF-DB", RAF_DB
    if "0" in names and names <= set(_FER2013_DIGITS):
        return "FER2013", _FER2013_DIGITS
    return "", {}


def _word(name: str) -> str:
    try:
        return canonical_label(name)
    except ValueError:
        return ""


def _stated(label: str) -> str:
    try:
        return canonical_label(label)
    except ValueError as error:
        raise InputRejected(str(error), reason="unsupported_type") from error
