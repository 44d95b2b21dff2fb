"""How frequent each class was in the training of a model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import PriorError
from fer_core.evaluation.dataset import load_dataset_facts
from fer_core.zoo import ImportedCard, RunnableCard

_TRAINING = "Training"


def training_shares(card: RunnableCard) -> NDArray[np.float64]:
    """Returns the shares of a model's classes among its training faces.

    For models of FER+, which are trained on votes, they are those of the majority labels.

    Args:
        card: of the model.

    Returns:
        `(k,)`, above 0; they sum to 1.

    Raises:
        PriorError: they are unknown: the model was imported, or cross-validated.
    """
    if isinstance(card, ImportedCard):
        raise PriorError(
            f"The class shares in the training of {card.name} are unknown, because it was "
            "imported. Choose another model, or leave out the prior correction."
        )
    counts = load_dataset_facts().classes.get(card.protocol.dataset)
    if counts is None or counts.labels != card.labels or _TRAINING not in counts.images:
        raise PriorError(
            f"The class shares in the training of {card.name} are unknown: {card.protocol.dataset} "
            "has no training split. Choose another model, or leave out the prior correction."
        )
    images = np.array(counts.images[_TRAINING], np.float64)
    return np.asarray(images / images.sum())
