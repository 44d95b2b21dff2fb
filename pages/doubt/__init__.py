"""How far to trust a prediction, in words that several pages share."""

from pages.doubt.prediction_sets import COVERAGE, set_coverage_of, set_remarks

__all__ = [
    "COVERAGE",
    "set_coverage_of",
    "set_remarks",
]
