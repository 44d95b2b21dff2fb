"""What cards say that follows from the dataset and not from the run: use, limits, licenses."""

from __future__ import annotations

from typing import Final

from fer_core.evaluation.dataset import HUMAN_ACCURACY
from fer_core.reports import AI_ACT_IN_SHORT

INTENDED_USE: Final = (
    "Research, teaching and demonstrations: which expression a face appears to show, with the "
    "whole distribution beside the answer."
)
OUT_OF_SCOPE_USE: Final = (
    "What somebody feels, intends or is like; identity, age or gender; decisions about people. "
    f"{AI_ACT_IN_SHORT}"
)

_FER2013_LICENSE: Final = (
    "FER2013 was collected for the ICML 2013 challenge (Goodfellow et al. 2013) from web searches; "
    "its images are for research and are not part of this folder."
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
        f"FER2013's labels are noisy: the accuracy of people on them is {HUMAN_ACCURACY} "
        "(Goodfellow et al. 2013).",
    ),
    "FER+": (
        "It was trained towards the votes of ten raters and is scored against their majority. "
        "Faces without a majority are in no score, so its scores say nothing of those.",
    ),
}
_OF_WEB_PHOTOS: Final = (
    "The faces come from web searches, and many are posed; how well subtle, spontaneous "
    "expressions are read was not measured.",
)
_OF_EVERY_MODEL: Final = (
    "Nobody balanced the training faces by age, gender or skin color, and no score by such group "
    "is known.",
    "Faces that are turned, covered or smaller than 48 pixels are read less well.",
)

_CKPLUS: Final = "CK+"
_OF_CKPLUS: Final = (
    "CK+ is posed: students in a laboratory were asked for each expression and filmed from the "
    "front. Its scores say nothing of spontaneous and subtle expressions.",
    "It learned from peaks alone and knows no neutral face: a relaxed face gets one of seven "
    "emotions all the same.",
    "Nobody balanced the people by age, gender or skin color, and no score by such group is known.",
)


def general_limits(dataset: str) -> tuple[str, ...]:
    """Returns the limits of every model of a dataset.

    Args:
        dataset: as in a card's protocol, such as `FER2013`; of any other nothing is claimed that
            holds for these alone.
    """
    if dataset == _CKPLUS:
        return _OF_CKPLUS
    known = dataset in _OF_LABELS
    return (*_OF_LABELS.get(dataset, ()), *(_OF_WEB_PHOTOS if known else ()), *_OF_EVERY_MODEL)


def data_license(dataset: str) -> str:
    """Returns what is known of the license of a dataset of emotions, named as in a protocol."""
    return _LICENSES.get(
        dataset, f"Not stated. The faces of {dataset} are not part of this folder."
    )
