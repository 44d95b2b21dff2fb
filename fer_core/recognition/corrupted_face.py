"""Predictions of one face under a corruption of increasing severity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.preprocessing import SEVERITIES, Corruption, corrupt
from fer_core.zoo import Classifier

if TYPE_CHECKING:
    import pandas as pd

LEVELS: Final = (0, *SEVERITIES)
"""The severities, starting with the clean face."""


@dataclass(frozen=True, eq=False)
class CorruptedFace:
    """One model's predictions of one face under one corruption.

    Attributes:
        model: the model's name.
        labels: its classes.
        probabilities: `(6, k)` float32, by severity 0 to 5.
    """

    model: str
    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]

    def __post_init__(self) -> None:
        expected = (len(LEVELS), len(self.labels))
        if self.probabilities.shape != expected:
            raise ValueError(
                f"probabilities must have the shape {expected}. "
                f"Received: shape={self.probabilities.shape}"
            )

    @property
    def predictions(self) -> tuple[str, ...]:
        """The most probable class by severity 0 to 5."""
        return tuple(self.labels[index] for index in self.probabilities.argmax(axis=1))

    @property
    def kept(self) -> NDArray[np.float32]:
        """Shape `(6,)`: probability of the clean face's prediction, by severity."""
        return self.probabilities[:, self.probabilities[0].argmax()]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per severity: prediction, confidence, probability of the clean label."""
        import pandas as pd

        return pd.DataFrame(
            {
                "model": self.model,
                "severity": LEVELS,
                "predicted": self.predictions,
                "confidence": self.probabilities.max(axis=1),
                "first_predicted": self.predictions[0],
                "probability_of_first_predicted": self.kept,
            }
        )


def before_and_after(faces: Mapping[str, CorruptedFace], severity: int) -> pd.DataFrame:
    """Returns one row per model: its predictions of the clean face and at one severity.

    Args:
        faces: the same face under the same corruption, by the model's title.
        severity: 0 to 5.
    """
    import pandas as pd

    rows = []
    for title, face in faces.items():
        before, after = face.predictions[0], face.predictions[severity]
        confidence = face.probabilities.max(axis=1)[[0, severity]].tolist()
        rows.append((title, before, confidence[0], after, confidence[1], after != before))
    columns = ["model", "before", "confidence_before", "after", "confidence_after", "changed"]
    return pd.DataFrame(rows, columns=columns)


def versions(crop: NDArray[np.uint8], corruption: Corruption) -> list[NDArray[np.uint8]]:
    """Returns a face without corruption and at each of the five severities. Deterministic.

    Args:
        crop: `(side, side, 3)` RGB or `(side, side)` gray uint8, a face cropped as in FER2013.
        corruption: the kind of corruption.
    """
    return [corrupt(crop, corruption, severity, seed=0) for severity in LEVELS]


def predict_by_severity(
    classifier: Classifier, faces: Sequence[NDArray[np.uint8]]
) -> CorruptedFace:
    """Classifies a face without corruption and at each severity.

    Args:
        classifier: the model.
        faces: the six `versions` of the face.
    """
    card = classifier.card
    return CorruptedFace(card.name, card.labels, classifier.predict_crops(faces))
