"""The settings of one training run, read from a TOML file and checked before anything starts."""

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
    """A training config is missing, is no TOML, or has an unknown or impossible value."""


class SettingsSection(BaseModel):
    """A table of a training config: unknown keys are refused, and nothing changes later."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelSettings(SettingsSection):
    """What is trained.

    Attributes:
        name: the run's and the saved model's name.
        title: the name people read.
        architecture: one of `training.networks`.
        widths: filters of each block, for `cnn` only (3 to 6 blocks).
        stem_stride: stride of the first convolution, for `mobilenet`, `densenet121`, `resnet50`.
        width_multiplier: of the filters of every layer, for `mobilenet`.
        dropout: rate before the last layer.
        pretrained: name of a saved model of the same network whose weights the training begins
            with; random ones if null.
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
    """Random changes of the training faces; 0 or false switches one off.

    Attributes:
        flip: mirror left and right.
        rotation_degrees: up to this angle either way.
        zoom: scale by up to this fraction either way.
        shift: move by up to this fraction of the side.
        contrast: change of contrast by up to this fraction.
        erasing: probability that a rectangle is blanked (Zhong et al. 2017).
        mixup: alpha of the Beta distribution that mixes pairs (Zhang et al. 2018).
    """

    flip: bool = True
    rotation_degrees: Annotated[float, Field(ge=0, le=180)] = 10.0
    zoom: Fraction = 0.1
    shift: Fraction = 0.08
    contrast: Fraction = 0.2
    erasing: Fraction = 0.25
    mixup: Annotated[float, Field(ge=0)] = 0.0


class OptimizerSettings(SettingsSection):
    """How weights are updated.

    Attributes:
        name: `sgd` is Nesterov momentum 0.9.
        learning_rate: the highest one, reached after the warm-up.
        weight_decay: decoupled, as Keras does it, on kernels only. For `sgd` a tenth of it is what
            frameworks that add it to the gradient call weight decay (momentum 0.9).
        ema_momentum: of the running average of weights that is evaluated and saved; none if null.
    """

    name: Literal["sgd", "adamw"] = "sgd"
    learning_rate: Annotated[float, Field(gt=0)] = 0.05
    weight_decay: Annotated[float, Field(ge=0)] = 5e-3
    ema_momentum: Fraction | None = None


class ScheduleSettings(SettingsSection):
    """How long, and how the learning rate moves.

    Attributes:
        kind: `cosine` to zero, `plateau` (times `plateau_factor` whenever the validation loss has
            not improved for `plateau_patience` epochs) or `constant`.
        warmup_epochs: linear rise from zero.
        early_stopping_patience: stop after this many epochs without a better validation accuracy.
        small_image_size, small_image_epochs: progressive resizing: the first epochs see smaller
            faces, which costs a fraction of the time.
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
    """What is done for the classes with few faces; at most one of weights and resampling.

    An epoch has as many steps under every choice, those of the split as it is: a larger set is
    seen in parts, a smaller one more than once.

    Attributes:
        class_weights: `balanced` weighs a class by the inverse of its frequency, `sqrt` by the
            square root of that.
        resampling: `balanced_sampler` draws every class equally often, anew in each epoch; the
            others change the training split once, before training: `oversample` repeats faces of
            small classes, `undersample` leaves faces of large ones out, `smote` (Chawla et al.
            2002) and `smote_enn` (Batista et al. 2004) make new ones, see
            `training.input_pipeline.resampling`.
        focal_gamma: of the focal loss (Lin et al. 2017), which weighs a face less the surer the
            network is of its class; 0 is cross-entropy.
    """

    class_weights: Literal["none", "sqrt", "balanced"] = "none"
    resampling: Resampling = "none"
    focal_gamma: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _corrects_once(self) -> ImbalanceSettings:
        if self.class_weights != "none" and self.resampling != "none":
            raise ValueError("class_weights and resampling do the same; choose one of them")
        return self


class DistillationSettings(SettingsSection):
    """A finished model, or several, to learn from (Hinton et al. 2015).

    Attributes:
        teachers: names of saved models, or run directories relative to the student's own, which
            contain a `/`: `../cnn`.
        temperature: that both distributions are softened with.
        weight: of the soft loss, times the squared temperature; the loss on the labels gets the
            rest, 1 - weight.
    """

    teachers: Annotated[tuple[str, ...], Field(min_length=1)]
    temperature: Annotated[float, Field(gt=0)] = 4.0
    weight: Fraction = 0.8


class ExtraVotesSettings(SettingsSection):
    """A second head that learns the FER+ votes of FER2013's faces and is not saved.

    Attributes:
        weight: of its cross-entropy, added to the loss on the labels.
    """

    weight: Annotated[float, Field(gt=0)] = 0.5


class TrainingSettings(SettingsSection):
    """Everything one run depends on besides the data.

    Attributes:
        seed: of initial weights, order, augmentation, dropout and resampling.
        precision: of the computation; weights stay float32.
        distillation, extra_votes: off when the section is missing.
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
        """Side of the faces, in pixels, that epoch `epoch` (from 0) trains on."""
        small = epoch < self.schedule.small_image_epochs
        return self.schedule.small_image_size if small else self.image_size


def read_settings(path: Path) -> TrainingSettings:
    """Reads and checks a training config.

    Raises:
        SettingsError: the file is missing, is no TOML, or has an unknown or impossible value.
    """
    return read_config(path, TrainingSettings)


def read_config(path: Path, settings: type[Settings]) -> Settings:
    """Reads and checks the settings of any kind of run.

    Raises:
        SettingsError: the file is missing, is no TOML, or has an unknown or impossible value.
    """
    try:
        return settings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"The config cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is no valid TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'config'}: {item['msg']} "
            f"(received {item['input']!r})"
            for item in error.errors()
        )
        raise SettingsError(f"{path}: {problems}") from error
