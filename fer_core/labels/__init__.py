"""Label sets: emotions and action units; titles of splits."""

from fer_core.labels.action_units import CKPLUS_ACTION_UNITS, describe
from fer_core.labels.emotions import (
    CKPLUS,
    COLORS,
    FER2013,
    FERPLUS,
    GRAY,
    HIGH_LEVEL,
    canonical_label,
    color_of,
    high_level_of,
    high_level_probabilities,
)
from fer_core.labels.splits import split_title

__all__ = [
    "CKPLUS",
    "CKPLUS_ACTION_UNITS",
    "COLORS",
    "FER2013",
    "FERPLUS",
    "GRAY",
    "HIGH_LEVEL",
    "canonical_label",
    "color_of",
    "describe",
    "high_level_of",
    "high_level_probabilities",
    "split_title",
]
