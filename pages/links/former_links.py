"""Renamed keys and values of links, so that links shared earlier still work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FORMER_KEYS: Final[Mapping[str, str]] = {
    "confusion_answer": "confusion_predicted",
    "data_twin_models": "data_duplicate_models",
}
"""Present keys by their former names."""

_DETECTORS: Final = {"YuNet: finds more": "YuNet", "Haar: built in": "Haar cascade"}
_PROTOCOLS: Final = {
    "one look": "none",
    "face and its mirror image": "flip",
    "ten windows of the face": "ten-crop",
}
_STEPS: Final = {
    "preprocessing_equalization": {
        "whole face": "histogram equalization",
        "by region (CLAHE)": "CLAHE",
    },
    "preprocessing_scaling": {"mean 0, spread 1": "standardize"},
}
FORMER_VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "calibration_view": {"its answers": "top label"},
    "compare_cost": {"Weights": "Parameters", "Time here": "Latency"},
    "compare_protocol": _PROTOCOLS,
    "confusion_faces": {
        "only this model errs": "errors of this model only",
        "only the other model errs": "errors of the other model only",
    },
    "confusion_numbers": {
        "share of each true label": "by true label",
        "share of each answer": "by predicted label",
        "share of all rows": "overall",
        "share of each answer of the first": "by the first model's label",
        "share of each answer of the second": "by the second model's label",
    },
    "confusion_order": {"most disputed first": "most disagreement first"},
    "confusion_protocol": _PROTOCOLS,
    "confusion_unit": {
        "points of each true label": "points by true label",
        "points of all rows": "points overall",
    },
    "data_map_color": {
        "the model's answer": "predicted label",
        "right or wrong": "correct or incorrect",
    },
    "data_view": {
        "Copies": "Duplicates",
        "FER2013 and FER+": "Label agreement",
        "Map of the faces": "Embedding map",
    },
    "live_detector": _DETECTORS,
    "live_mode": {"Single picture": "Snapshot"},
    "preprocessing_detector": _DETECTORS,
    "robustness_corruption": {"few pixels": "low resolution"},
    "robustness_kind": {
        "everything, averaged": "mean over corruptions",
        "few pixels": "low resolution",
    },
    "upload_detector": _DETECTORS,
    **_STEPS,
}
"""Present values by their former names, for each present key."""


def present_names(asked: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Returns the values of a link under their present keys and names.

    Args:
        asked: values by key, as in the link.
    """
    found = {}
    for key, values in asked.items():
        present = FORMER_KEYS.get(key, key)
        names = FORMER_VALUES.get(present, {})
        found[present] = [names.get(value, value) for value in values]
    return found
