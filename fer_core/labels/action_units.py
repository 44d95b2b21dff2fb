"""Facial action units, numbered as in the Facial Action Coding System.

>>> describe("AU12")
'AU12 lip corner puller'
"""

from __future__ import annotations

from typing import Final

NAMES: Final[dict[str, str]] = {
    "AU1": "inner brow raiser",
    "AU2": "outer brow raiser",
    "AU4": "brow lowerer",
    "AU6": "cheek raiser",
    "AU7": "lid tightener",
    "AU11": "nasolabial deepener",
    "AU12": "lip corner puller",
    "AU14": "dimpler",
    "AU15": "lip corner depressor",
    "AU17": "chin raiser",
    "AU23": "lip tightener",
    "AU24": "lip pressor",
    "AU25": "lips part",
    "AU26": "jaw drop",
    "AU27": "mouth stretch",
}
"""Their names in the manual (Ekman, Friesen and Hager 2002, "Facial Action Coding System")."""

CKPLUS_ACTION_UNITS: Final = tuple(NAMES)
"""The fifteen action units of the CK+ label table, in order of number."""


def describe(action_unit: str) -> str:
    """Returns number and name, `"AU12 lip corner puller"`; only the number if unknown."""
    return f"{action_unit} {NAMES[action_unit]}" if action_unit in NAMES else action_unit
