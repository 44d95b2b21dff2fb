"""Explanations: which parts of a face a prediction depends on."""

from fer_core.explain.explanation import (
    Explainer,
    Explanation,
    Method,
    load_explainer,
    occlusion_map,
)

__all__ = [
    "Explainer",
    "Explanation",
    "Method",
    "load_explainer",
    "occlusion_map",
]
