"""The accuracy of saved models on other datasets, as a table in plain HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fer_core.benchmark import OutsideScores
from fer_core.reports.templating import TEMPLATES

OUTSIDE_IN_WORDS: Final = (
    "Accuracy over all photos with its 95% CI; a photo without a found face counts as an error. "
    "Faces are found as in the app. Photos of contempt are left out, because most models cannot "
    "predict it. CK+48 has no neutral photos, so predicting neutral is always an error there. "
    "Accuracy on a model's own test split says little about other photos."
)
"""What the table shows, in sentences."""


def outside_table(scores: Sequence[OutsideScores], *, caption: str) -> str:
    """Draws models with their own test accuracy and that on other datasets.

    Args:
        scores: at least one model.
        caption: for screen readers only.
    """
    template = TEMPLATES.get_template("outside_table.html")
    return template.render(scores=scores, sets=list(scores[0].by_set), caption=caption)
