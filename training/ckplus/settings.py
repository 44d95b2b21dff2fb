"""The settings of one CK+ run, read from a TOML file and checked before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from training.settings import (
    AugmentationSettings,
    Fraction,
    OptimizerSettings,
    Precision,
    ScheduleSettings,
    SettingsSection,
    read_config,
)

Balance = Literal["none", "sqrt", "balanced"]
Weight = Annotated[float, Field(ge=0)]


class TwoHeadSettings(SettingsSection):
    """What is trained.

    Attributes:
        name: the run's and the saved model's name.
        title: the name people read.
        pretrained: the saved model whose trunk the training starts from. It also says how faces
            are prepared.
        frozen_convolutions: this many of the trunk's first convolutions keep their weights, and so
            does the normalization between them.
        dropout: rate before both heads.
    """

    name: str
    title: str
    pretrained: str
    frozen_convolutions: Annotated[int, Field(ge=0)] = 0
    dropout: Fraction = 0.3


class LossSettings(SettingsSection):
    """What is minimised: `emotion` times the one loss plus `action_units` times the other.

    Attributes:
        emotion: weight of the cross-entropy of the seven classes.
        action_units: weight of the binary cross-entropy, a mean over the fifteen units.
        label_smoothing: of the emotion's loss.
        class_weights: `balanced` weighs a class by the inverse of its frequency, `sqrt` by the
            square root of that.
        positive_weights: the same for rows in which a unit is there, against those in which not.
        largest_positive_weight: a rarer unit gets no larger weight.
    """

    emotion: Weight = 1.0
    action_units: Weight = 1.0
    label_smoothing: Fraction = 0.1
    class_weights: Balance = "none"
    positive_weights: Balance = "none"
    largest_positive_weight: Annotated[float, Field(ge=1)] = 10.0


class CkPlusSettings(SettingsSection):
    """Everything one run depends on besides the data and the pretrained model.

    Attributes:
        seed: of the folds, the heads' first weights, order, augmentation and dropout.
        folds: parts that the subjects are divided into.
        epochs: the same for every fold and for the final weights; nothing is stopped early, which
            would choose an epoch on the subjects that are to be scored.
        warmup_epochs: linear rise of the learning rate, before it falls as a cosine.
        precision: of the computation; weights stay float32.
    """

    seed: int = 1
    folds: Annotated[int, Field(ge=2)] = 10
    epochs: Annotated[int, Field(ge=1)]
    warmup_epochs: Annotated[int, Field(ge=0)] = 1
    batch_size: Annotated[int, Field(ge=2)] = 32
    precision: Precision = "float32"
    model: TwoHeadSettings
    losses: LossSettings = LossSettings()
    augmentation: AugmentationSettings = AugmentationSettings()
    optimizer: OptimizerSettings = OptimizerSettings(
        name="adamw", learning_rate=5e-4, weight_decay=1e-2
    )

    @model_validator(mode="after")
    def _values_fit(self) -> CkPlusSettings:
        if self.warmup_epochs >= self.epochs:
            raise ValueError("warmup_epochs must be fewer than epochs")
        if self.augmentation.mixup:
            raise ValueError("augmentation.mixup must be 0: two heads are not trained with it")
        return self

    @property
    def schedule(self) -> ScheduleSettings:
        """The learning rate's way over one training."""
        return ScheduleSettings(epochs=self.epochs, warmup_epochs=self.warmup_epochs)


def read_settings(path: Path) -> CkPlusSettings:
    """Reads and checks a CK+ config.

    Raises:
        SettingsError: the file is missing, is no TOML, or has an unknown or impossible value.
    """
    return read_config(path, CkPlusSettings)
