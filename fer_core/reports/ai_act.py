"""What the EU AI Act says about emotion recognition; shared by pages and model cards."""

from __future__ import annotations

from typing import Final

REGULATION: Final = "[Regulation (EU) 2024/1689](https://eur-lex.europa.eu/eli/reg/2024/1689/oj)"

PROHIBITED: Final = (
    "inferring emotions at work or in education is prohibited, except for medical or safety "
    "reasons (Article 5(1)(f))"
)
HIGH_RISK: Final = (
    "elsewhere, a system intended for emotion recognition counts as high-risk (Annex III, point "
    "1(c))"
)
TRANSPARENCY: Final = "people exposed to such a system must be informed (Article 50(3))"

AI_ACT_IN_SHORT: Final = f"EU AI Act: {PROHIBITED}; {HIGH_RISK}; {TRANSPARENCY}."
