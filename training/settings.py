"""The settings of one training run, read from a TOML file and validated before the run starts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fer_core.errors import FerError
from fer_core.preprocessing import Denoising, Equalization, PreprocessingConfig, Scaling

Fraction = Annotated[float, Field(ge=0, le=1)]
Resampling = Literal["none", "balanced_sampler", "oversample", "undersample", "smote", "smote_enn"]
Settings = TypeVar("Settings", bound=BaseModel)
Precision = Literal["float32", "mixed_bfloat16"]
ArchitectureName = Literal["cnn", "vgg19", "mobilenet", "densenet121", "resnet50"]


class SettingsError(FerError):
    """A training config is missing, is not TOML, or has an unknown key or invalid value."""


class SettingsSection(BaseModel):
    """A table of a training config: unknown keys are errors, and instances are immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelSettings(SettingsSection):
    """The network.

    Attributes:
        name: name of the run and of the saved model.
        title: display name.
        architecture: one of `training.networks`.
        widths: filters of each block, for `cnn` only (3 to 6 blocks).
        stem_stride: stride of the first convolution, for `mobilenet`, `densenet121`, `resnet50`.
        width_multiplier: multiplier of the number of filters of every layer, for `mobilenet`.
        dropout: rate before the last layer.
        pretrained: name of a saved model with the same network to fine-tune; random initial
            weights if null.
    """

    name: str
    title: str
    architecture: ArchitectureName
    widths: tuple[int, ...] = (64, 128, 256, 512)
    stem_stride: Literal[1, 2] = 2
    width_multiplier: Annotated[float, Field(gt=0, le=2)] = 1.0
    dropout: Fraction = 0.3
    pretrained: str | None = None


class PreprocessingSettings(SettingsSection):
    """See `fer_core.preprocessing.preprocess.PreprocessingConfig`."""

    equalization: Equalization = "none"
    denoising: Denoising = "none"
    scaling: Scaling = "standardize"

    def to_config(self, size: int) -> PreprocessingConfig:
        """The same settings for faces of `size` pixels a side."""
        return PreprocessingConfig(size=size, **self.model_dump())


class AugmentationSettings(SettingsSection):
    """Random augmentation of the training faces; 0 or false switches one off.

    Attributes:
        flip: mirror left and right.
        rotation_degrees: rotate by up to this angle either way.
        zoom: scale by up to this fraction either way.
        shift: move by up to this fraction of the side.
        contrast: change contrast by up to this fraction.
        erasing: probability that a rectangle is blanked (Zhong et al. 2017).
        mixup: alpha of the Beta distribution for mixup (Zhang et al. 2018).
    """

    flip: bool = True
    rotation_degrees: Annotated[float, Field(ge=0, le=180)] = 10.0
    zoom: Fraction = 0.1
    shift: Fraction = 0.08
    contrast: Fraction = 0.2
    erasing: Fraction = 0.25
    mixup: Annotated[float, Field(ge=0)] = 0.0


class OptimizerSettings(SettingsSection):
    """The optimizer.

    Attributes:
        name: `sgd` uses Nesterov momentum 0.9.
        learning_rate: the peak learning rate, after the warm-up.
        weight_decay: decoupled, as in Keras, on kernels only. For `sgd` with momentum 0.9, it
            corresponds to a tenth of the value in frameworks that add it to the gradient.
        ema_momentum: momentum of the exponential moving average of the weights, which is evaluated
            and saved; no average if null.
    """

    name: Literal["sgd", "adamw"] = "sgd"
    learning_rate: Annotated[float, Field(gt=0)] = 0.05
    weight_decay: Annotated[float, Field(ge=0)] = 5e-3
    ema_momentum: Fraction | None = None


class ScheduleSettings(SettingsSection):
    """Length of the training and learning rate schedule.

    Attributes:
        kind: `cosine` to zero, `plateau` (times `plateau_factor` whenever the validation loss has
            not improved for `plateau_patience` epochs) or `constant`.
        warmup_epochs: linear warm-up from zero.
        early_stopping_patience: stop after this many epochs without a better validation accuracy.
        small_image_size, small_image_epochs: progressive resizing: the first epochs use smaller
            faces, which takes a fraction of the time.
    """

    kind: Literal["cosine", "plateau", "constant"] = "cosine"
    epochs: Annotated[int, Field(ge=1)]
    warmup_epochs: Annotated[int, Field(ge=0)] = 2
    plateau_factor: Fraction = 0.5
    plateau_patience: Annotated[int, Field(ge=1)] = 5
    early_stopping_patience: Annotated[int, Field(ge=1)] | None = None
    small_image_size: Annotated[int, Field(ge=16)] = 32
    small_image_epochs: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _phases_fit(self) -> ScheduleSettings:
        if max(self.warmup_epochs, self.small_image_epochs) >= self.epochs:
            raise ValueError("warmup_epochs and small_image_epochs must be fewer than epochs")
        return self


class ImbalanceSettings(SettingsSection):
    """Handling of class imbalance; at most one of class weights and resampling.

    An epoch always has as many steps as with the original split: each epoch uses a part of a
    larger set, or repeats a smaller one.

    Attributes:
        class_weights: `balanced` weights a class by its inverse frequency, `sqrt` by the square
            root of that.
        resampling: `balanced_sampler` draws every class equally often in each epoch; the others
            change the training split once, before training: `oversample` repeats faces of small
            classes, `undersample` drops faces of large ones, `smote` (Chawla et al. 2002) and
            `smote_enn` (Batista et al. 2004) create new ones, see
            `training.input_pipeline.resampling`.
        focal_gamma: gamma of the focal loss (Lin et al. 2017), which gives less weight to faces
            that are already classified with high confidence; 0 is cross-entropy.
    """

    class_weights: Literal["none", "sqrt", "balanced"] = "none"
    resampling: Resampling = "none"
    focal_gamma: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _corrects_once(self) -> ImbalanceSettings:
        if self.class_weights != "none" and self.resampling != "none":
            raise ValueError("class_weights and resampling cannot be combined; choose one of them")
        return self


class DistillationSettings(SettingsSection):
    """Distillation from one or more finished models (Hinton et al. 2015).

    Attributes:
        teachers: names of saved models, or run directories relative to the student's own, which
            contain a `/`: `../cnn`.
        temperature: temperature of both distributions.
        weight: weight of the distillation loss, times the squared temperature; the loss on the
            labels has the weight 1 - weight.
    """

    teachers: Annotated[tuple[str, ...], Field(min_length=1)]
    temperature: Annotated[float, Field(gt=0)] = 4.0
    weight: Fraction = 0.8


class ExtraVotesSettings(SettingsSection):
    """A second head, trained on the FER+ votes of FER2013's faces and not saved.

    Attributes:
        weight: weight of its cross-entropy, which is added to the loss on the labels.
    """

    weight: Annotated[float, Field(gt=0)] = 0.5


class TrainingSettings(SettingsSection):
    """All settings of one run; with the data, they determine it.

    Attributes:
        seed: seed of initial weights, order, augmentation, dropout and resampling.
        precision: precision of the computation; weights stay float32.
        distillation, extra_votes: off if the section is missing.
    """

    seed: int = 1
    image_size: Annotated[int, Field(ge=16)] = 48
    batch_size: Annotated[int, Field(ge=1)] = 64
    label_smoothing: Fraction = 0.1
    precision: Precision = "float32"
    model: ModelSettings
    schedule: ScheduleSettings
    preprocessing: PreprocessingSettings = PreprocessingSettings()
    augmentation: AugmentationSettings = AugmentationSettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    imbalance: ImbalanceSettings = ImbalanceSettings()
    distillation: DistillationSettings | None = None
    extra_votes: ExtraVotesSettings | None = None

    @model_validator(mode="after")
    def _new_faces_have_labels(self) -> TrainingSettings:
        if self.extra_votes and self.imbalance.resampling in ("smote", "smote_enn"):
            raise ValueError("extra_votes: faces made by smote have no votes")
        return self

    def image_size_at(self, epoch: int) -> int:
        """Side of the training faces in pixels in the 0-based epoch `epoch`."""
        small = epoch < self.schedule.small_image_epochs
        return self.schedule.small_image_size if small else self.image_size


def read_settings(path: Path) -> TrainingSettings:
    """Reads and validates a training config.

    Raises:
        SettingsError: the file is missing, is not TOML, or has an unknown key or invalid value.
    """
    return read_config(path, TrainingSettings)


def read_config(path: Path, settings: type[Settings]) -> Settings:
    """Reads and validates the settings of any kind of run.

    Raises:
        SettingsError: the file is missing, is not TOML, or has an unknown key or invalid value.
    """
    try:
        return settings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"The config cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'config'}: {item['msg']} "
            f"(received {item['input']!r})"
            for item in error.errors()
        )
        raise SettingsError(f"{path}: {problems}") from error
