"""The effect of each preprocessing step on the models' predictions of one face."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
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
"""The configurable steps with the choices that every model has."""


@dataclass(frozen=True, eq=False)
class PreprocessingEffects:
    """Predictions of several models for one face, preprocessed in several ways, in `r` rows.

    Attributes:
        models: `r` titles of models.
        settings: `r` pairs of a step and the choice for it; all other steps are as in training.
        predictions: `(r,)` strings, the most probable class.
        confidences: `(r,)` float32, its probability.
        changes: `(r,)` float32, change in the probability of the label that the model predicts
            with its training settings.
        as_trained: `(r,)` bool, whether the model was trained with that choice.
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
                "model": self.models,
                "step": steps,
                "choice": choices,
                "as_trained": self.as_trained,
                "predicted": self.predictions,
                "confidence": self.confidences,
                "change": self.changes,
            }
        )


def choices_of(step: Step, trained: PreprocessingConfig) -> tuple[str, ...]:
    """Returns the choices of a step for a model, its own among them."""
    own = getattr(trained, step)
    return STEPS[step] if own in STEPS[step] else (*STEPS[step], own)


def with_steps(trained: PreprocessingConfig, **choices: str) -> PreprocessingConfig:
    """Returns the training settings of a model with other choices of some steps.

    Args:
        trained: the settings.
        choices: by step, from `choices_of`.
    """
    changed: dict[str, Any] = {**choices}
    if choices.get("scaling", trained.scaling) != trained.scaling:
        changed |= {"mean": (), "deviation": ()}
    return dataclasses.replace(trained, **changed)


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
    parts = [_effects_on(title, classifier, crop) for title, classifier in classifiers.items()]
    return PreprocessingEffects(
        tuple(chain.from_iterable(part.models for part in parts)),
        tuple(chain.from_iterable(part.settings for part in parts)),
        np.concatenate([part.predictions for part in parts]),
        np.concatenate([part.confidences for part in parts]),
        np.concatenate([part.changes for part in parts]),
        np.concatenate([part.as_trained for part in parts]),
    )


def _effects_on(
    title: str, classifier: Classifier, crop: NDArray[np.uint8]
) -> PreprocessingEffects:
    own = classifier.card.preprocessing
    settings = tuple((step, choice) for step in STEPS for choice in choices_of(step, own))
    configs = [own, *(with_steps(own, **{step: choice}) for step, choice in settings)]
    inputs = np.stack([preprocess(crop, config) for config in configs])
    trained, *varied = classifier.predict(inputs)
    probabilities = np.stack(varied)
    first = int(trained.argmax())
    return PreprocessingEffects(
        (title,) * len(settings),
        settings,
        np.array(classifier.labels)[probabilities.argmax(axis=1)],
        probabilities.max(axis=1),
        probabilities[:, first] - trained[first],
        np.array([config == own for config in configs[1:]]),
    )
