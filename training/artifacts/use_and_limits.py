"""Card texts that depend on the dataset and not on the run: use, limits, licenses."""

from __future__ import annotations

from typing import Final

from fer_core.evaluation.dataset import HUMAN_ACCURACY
from fer_core.reports import AI_ACT_IN_SHORT

INTENDED_USE: Final = (
    "Research, teaching and demonstrations: predicting the expression a face appears to show, "
    "always with the probabilities of all classes."
)
OUT_OF_SCOPE_USE: Final = (
    "Inferring what a person feels, intends or is like; identifying people or estimating their age "
    f"or gender; decisions about people. {AI_ACT_IN_SHORT}"
)

_FER2013_LICENSE: Final = (
    "FER2013 was collected for the ICML 2013 challenge (Goodfellow et al. 2013) from web searches; "
    "its images are for research only and are not included in this folder."
)
_LICENSES: Final = {
    "FER2013": _FER2013_LICENSE,
    "FER+": (
        f"{_FER2013_LICENSE} The votes of FER+ (Barsoum et al. 2016) are published by Microsoft "
        "under the MIT license."
    ),
}

_OF_LABELS: Final = {
    "FER2013": (
        f"FER2013's labels are noisy: human accuracy on them is {HUMAN_ACCURACY} "
        "(Goodfellow et al. 2013).",
    ),
    "FER+": (
        "Trained on the votes of ten annotators and evaluated against their majority label. Faces "
        "without a majority are excluded, so its scores do not cover them.",
    ),
}
_OF_WEB_PHOTOS: Final = (
    "The faces come from web searches, and many are posed; performance on subtle, spontaneous "
    "expressions was not measured.",
)
_OF_EVERY_MODEL: Final = (
    "The training faces are not balanced by age, gender or skin color, and scores by group are not "
    "available.",
    "Expect lower accuracy on faces that are turned away, partly covered or smaller than 48 "
    "pixels.",
)

_CKPLUS: Final = "CK+"
_OF_CKPLUS: Final = (
    "CK+ is posed: students in a laboratory were asked for each expression and filmed from the "
    "front. Scores on it do not carry over to spontaneous or subtle expressions.",
    "Trained on peak frames only, without a neutral class: even a relaxed face is assigned one of "
    "the seven emotions.",
    "The people are not balanced by age, gender or skin color, and scores by group are not "
    "available.",
)


def general_limits(dataset: str) -> tuple[str, ...]:
    """Returns the limits of every model of a dataset.

    Args:
        dataset: as in a card's protocol, such as `FER2013`. Unknown datasets only get the limits
            that apply to every model.
    """
    if dataset == _CKPLUS:
        return _OF_CKPLUS
    known = dataset in _OF_LABELS
    return (*_OF_LABELS.get(dataset, ()), *(_OF_WEB_PHOTOS if known else ()), *_OF_EVERY_MODEL)


def data_license(dataset: str) -> str:
    """Returns the license text of an emotion dataset, named as in a card's protocol."""
    return _LICENSES.get(
        dataset, f"Not stated. The faces of {dataset} are not included in this folder."
    )
