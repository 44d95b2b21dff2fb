"""The settings of one CK+ run, read from a TOML file and validated before the run starts."""

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
    """The network.

    Attributes:
        name: name of the run and of the saved model.
        title: display name.
        pretrained: the saved model whose trunk is fine-tuned. Its preprocessing is used.
        frozen_convolutions: number of convolutions, from the start of the trunk, that are frozen,
            with the normalization between them.
        dropout: rate before both heads.
    """

    name: str
    title: str
    pretrained: str
    frozen_convolutions: Annotated[int, Field(ge=0)] = 0
    dropout: Fraction = 0.3


class LossSettings(SettingsSection):
    """The loss: `emotion` times the emotion loss plus `action_units` times the action unit loss.

    Attributes:
        emotion: weight of the cross-entropy of the seven classes.
        action_units: weight of the binary cross-entropy, averaged over the fifteen units.
        label_smoothing: label smoothing of the emotion loss.
        class_weights: `balanced` weights a class by its inverse frequency, `sqrt` by the square
            root of that.
        positive_weights: the same for rows with a unit, relative to rows without it.
        largest_positive_weight: upper limit of these weights.
    """

    emotion: Weight = 1.0
    action_units: Weight = 1.0
    label_smoothing: Fraction = 0.1
    class_weights: Balance = "none"
    positive_weights: Balance = "none"
    largest_positive_weight: Annotated[float, Field(ge=1)] = 10.0


class CkPlusSettings(SettingsSection):
    """All settings of one run; with the data and the pretrained model, they determine it.

    Attributes:
        seed: seed of folds, the heads' initial weights, order, augmentation and dropout.
        folds: number of folds.
        epochs: the same for every fold and for the final weights; there is no early stopping,
            because it would choose an epoch on the held-out subjects.
        warmup_epochs: linear warm-up of the learning rate, before the cosine decay.
        precision: precision of the computation; weights stay float32.
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
            raise ValueError("augmentation.mixup must be 0: it is not supported with two heads")
        return self

    @property
    def schedule(self) -> ScheduleSettings:
        """The learning rate schedule of one training."""
        return ScheduleSettings(epochs=self.epochs, warmup_epochs=self.warmup_epochs)


def read_settings(path: Path) -> CkPlusSettings:
    """Reads and validates a CK+ config.

    Raises:
        SettingsError: the file is missing, is not TOML, or has an unknown key or invalid value.
    """
    return read_config(path, CkPlusSettings)
