"""What cards say that follows from the dataset and not from the run: use, limits, licenses.

Saved cards get the current texts when their scores are computed again (`with_current_texts`).
"""

from __future__ import annotations

from typing import Final

from fer_core.ai_act import AI_ACT_IN_SHORT
from fer_core.cards import ModelCard
from fer_core.dataset_facts import HUMAN_ACCURACY

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

_EARLIER: Final = (
    "FER2013's labels are noisy: people agree with them on about 65 % of its faces.",
    "Posed and exaggerated faces from the web; subtle, spontaneous expressions are read less well.",
    "Nobody balanced the training faces by age, gender or skin colour, and no score by such group "
    "is known.",
    "Built for near-frontal faces of 48 pixels or more; profiles, masks and hands over the mouth "
    "mislead it.",
    "Nobody balanced the people by age, gender or skin colour, and no score by such group is "
    "known.",
)
"""What cards said before, whatever the dataset."""

_EARLIER_OUT_OF_SCOPE: Final = (
    "What somebody feels, intends or is like; identity, age or gender; decisions about people; "
    "emotion inference at work or in education, which the EU AI Act prohibits (Art. 5(1)(f))."
)

_CKPLUS: Final = "CK+"
_OF_CKPLUS: Final = (
    "CK+ is posed: students in a laboratory were asked for each expression and filmed from the "
    "front. Its scores say nothing of spontaneous and subtle expressions.",
    "It learned from peaks alone and knows no neutral face: a relaxed face gets one of seven "
    "emotions all the same.",
    "Nobody balanced the people by age, gender or skin color, and no score by such group is known.",
)
_EARLIER_OF_CKPLUS: Final = (
    "CK+ is posed: students in a laboratory were asked for each expression and filmed from the "
    "front; spontaneous and subtle expressions are read far less well than its scores suggest.",
    "It learnt from peaks alone and knows no neutral face: a relaxed face gets one of seven "
    "emotions all the same.",
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


def with_current_texts(card: ModelCard) -> ModelCard:
    """Returns a saved card whose general texts are those of today; what is its own stays.

    Args:
        card: of any model. A text that was written for it alone is not touched.
    """
    dataset = card.protocol.dataset
    general = general_limits(dataset)
    replaced = {*_EARLIER, *_EARLIER_OF_CKPLUS, *general}
    is_general = [limit in replaced for limit in card.limits]
    if any(is_general):
        first = is_general.index(True)
        others = (limit for limit in card.limits[first:] if limit not in replaced)
        limits = (*card.limits[:first], *general, *others)
        card = card.model_copy(update={"limits": limits})
    if card.out_of_scope_use == _EARLIER_OUT_OF_SCOPE:
        card = card.model_copy(update={"out_of_scope_use": OUT_OF_SCOPE_USE})
    if card.data_licence == _FER2013_LICENSE:
        card = card.model_copy(update={"data_licence": data_license(dataset)})
    return card
