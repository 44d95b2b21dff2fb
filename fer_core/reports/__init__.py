"""Texts, tables and HTML for results."""

from fer_core.reports.ai_act import AI_ACT_IN_SHORT, HIGH_RISK, PROHIBITED, REGULATION, TRANSPARENCY
from fer_core.reports.dataset_text import ferplus_counts, known_defects, majority_share, overlaps
from fer_core.reports.model_card_text import (
    CALIBRATION_ERROR_IN_WORDS,
    FILE,
    MEMBERS,
    PROTOCOLS_TEXT,
    calibration_sentence,
    duplicates_sentence,
    imported_facts,
    interval_sentence,
    model_facts,
    rare_units_sentence,
    training_facts,
)
from fer_core.reports.outside_table import OUTSIDE_IN_WORDS, outside_table
from fer_core.reports.probability_bars import probability_bars
from fer_core.reports.ranking_table import ranked_by_dataset, ranking_table
from fer_core.reports.templating import template_environment

__all__ = [
    "AI_ACT_IN_SHORT",
    "CALIBRATION_ERROR_IN_WORDS",
    "FILE",
    "HIGH_RISK",
    "MEMBERS",
    "OUTSIDE_IN_WORDS",
    "PROHIBITED",
    "PROTOCOLS_TEXT",
    "REGULATION",
    "TRANSPARENCY",
    "calibration_sentence",
    "duplicates_sentence",
    "ferplus_counts",
    "imported_facts",
    "interval_sentence",
    "known_defects",
    "majority_share",
    "model_facts",
    "outside_table",
    "overlaps",
    "probability_bars",
    "ranked_by_dataset",
    "ranking_table",
    "rare_units_sentence",
    "template_environment",
    "training_facts",
]
