"""The effect of each preprocessing step on the models' predictions of one face."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fer_core.preprocessing import Denoising, Equalization, PreprocessingConfig, Scaling, preprocess
from fer_core.zoo import Classifier

if TYPE_CHECKING:
    import pandas as pd

Step = Literal["equalization", "denoising", "scaling"]
STEPS: Final[Mapping[Step, tuple[str, ...]]] = {
    "equalization": get_args(Equalization),
    "denoising": get_args(Denoising),
    "scaling": get_args(Scaling),
}
"""The configurable steps with their choices."""


@dataclass(frozen=True, eq=False)
class PreprocessingEffects:
    """Predictions of several models for one face, preprocessed in several ways.

    Attributes:
        models: their titles, `m` of them.
        settings: `s` pairs of a step and the choice for it; all other steps are as in training.
        predictions: `(m, s)` strings, the most probable class.
        confidences: `(m, s)` float32, its probability.
        changes: `(m, s)` float32, change in the probability of the label that the model predicts
            with its training settings.
        as_trained: `(m, s)` bool, whether the model was trained with that choice.
    """

    models: tuple[str, ...]
    settings: tuple[tuple[Step, str], ...]
    predictions: NDArray[np.str_]
    confidences: NDArray[np.float32]
    changes: NDArray[np.float32]
    as_trained: NDArray[np.bool_]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per model and setting."""
        import pandas as pd

        steps, choices = zip(*self.settings, strict=True)
        return pd.DataFrame(
            {
                "model": np.repeat(self.models, len(self.settings)),
                "step": list(steps) * len(self.models),
                "choice": list(choices) * len(self.models),
                "as_trained": self.as_trained.ravel(),
                "predicted": self.predictions.ravel(),
                "confidence": self.confidences.ravel(),
                "change": self.changes.ravel(),
            }
        )


def deviations(config: PreprocessingConfig, trained: PreprocessingConfig) -> tuple[Step, ...]:
    """Returns the steps in which a setting differs from the training settings of a model."""
    return tuple(step for step in STEPS if getattr(config, step) != getattr(trained, step))


def preprocessing_effects(
    classifiers: Mapping[str, Classifier], crop: NDArray[np.uint8]
) -> PreprocessingEffects:
    """Classifies a face with every choice of every step, one step changed at a time.

    Args:
        classifiers: by title; at least one.
        crop: `(side, side, 3)` RGB or `(side, side)` gray uint8, a face crop.
    """
    settings = tuple((step, choice) for step, choices in STEPS.items() for choice in choices)
    rows = [_effects_on(classifier, crop, settings) for classifier in classifiers.values()]
    predictions, confidences, changes, as_trained = (
        np.stack(part) for part in zip(*rows, strict=True)
    )
    return PreprocessingEffects(
        tuple(classifiers), settings, predictions, confidences, changes, as_trained
    )


def _effects_on(
    classifier: Classifier, crop: NDArray[np.uint8], settings: tuple[tuple[Step, str], ...]
) -> tuple[NDArray[np.str_], NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    own = classifier.card.preprocessing
    configs = [own, *_variants(own, settings)]
    inputs = np.stack([preprocess(crop, config) for config in configs])
    trained, *varied = classifier.predict(inputs)
    probabilities = np.stack(varied)
    first = int(trained.argmax())
    return (
        np.array(classifier.labels)[probabilities.argmax(axis=1)],
        probabilities.max(axis=1),
        probabilities[:, first] - trained[first],
        np.array([config == own for config in configs[1:]]),
    )


def _variants(
    own: PreprocessingConfig, settings: tuple[tuple[Step, str], ...]
) -> Iterator[PreprocessingConfig]:
    for step, choice in settings:
        changed: dict[str, Any] = {step: choice}
        yield dataclasses.replace(own, **changed)
