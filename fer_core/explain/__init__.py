"""Which parts of a face a prediction rests on."""

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
