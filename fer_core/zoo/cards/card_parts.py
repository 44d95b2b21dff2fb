"""The parts of a model card: names, preprocessing, data, training, weights, members."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, JsonValue, PlainSerializer

from fer_core.evaluation import StrictModel
from fer_core.evaluation.reliability import Calibration
from fer_core.preprocessing import PreprocessingConfig

NAME_PATTERN: Final = r"^[a-z][a-z0-9_]*$"

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Text = Annotated[str, Field(min_length=1)]
Labels = Annotated[tuple[Text, ...], Field(min_length=2)]


def _only_known_steps(value: Any) -> Any:
    known = {field.name for field in dataclasses.fields(PreprocessingConfig)}
    if isinstance(value, dict) and (unknown := sorted(set(value) - known)):
        raise ValueError(f"unknown {', '.join(unknown)}; expected only {', '.join(sorted(known))}")
    if isinstance(value, dict):
        return {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
    return value


def _without_unused_steps(config: PreprocessingConfig) -> dict[str, Any]:
    """Leaves out what only models from elsewhere have, so that other cards stay as they are."""
    fields = dataclasses.asdict(config)
    unused = {"color": "gray", "mean": (), "deviation": ()}
    return {name: value for name, value in fields.items() if unused.get(name) != value}


Preprocessing = Annotated[
    PreprocessingConfig,
    BeforeValidator(_only_known_steps),
    PlainSerializer(_without_unused_steps),
]


def check_inputs_and_outputs(
    labels: tuple[str, ...], input_shape: tuple[int, int, int], preprocessing: PreprocessingConfig
) -> None:
    """Raises ValueError if a label occurs twice, or the input is not what preprocessing makes."""
    if len(set(labels)) != len(labels):
        raise ValueError(f"labels must be unique: {', '.join(labels)}")
    expected = (preprocessing.size, preprocessing.size, preprocessing.channels)
    if input_shape != expected:
        raise ValueError(
            f"input_shape must be {expected}, the output of preprocessing; it is {input_shape}"
        )


class Protocol(StrictModel):
    """The data splits and their roles.

    Attributes:
        dataset: e.g. `"FER2013"`.
        description: the protocol as text.
        selection_split: the validation split, on which everything was selected; a key of the
            card's metrics.
        report_split: the test split, whose scores are reported; a key of the card's metrics.
    """

    dataset: Text
    description: Text
    selection_split: Text
    report_split: Text


class Training(StrictModel):
    """How the model was trained.

    Attributes:
        config: the configuration file, relative to the project; None if it is not one of the
            project's.
        recipe: all settings of the run, as in that file.
        seed: of every random number generator.
        epochs: epochs run.
        best_epoch: the epoch (from 1) whose weights are used.
        seconds: time spent training.
        hardware: as text.
        libraries: version by package name.
        commit: of the training code.
        finished: the day it ended.
    """

    config: Annotated[str, Field(pattern=r"^training/configs/[\w/]+\.toml$")] | None = None
    recipe: dict[str, JsonValue]
    seed: int
    epochs: Annotated[int, Field(ge=1)]
    best_epoch: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(ge=0.0)]
    hardware: Text
    libraries: dict[str, str]
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{7,40}(-dirty)?$|^unknown$")]
    finished: date


class WeightsFile(StrictModel):
    """A model's file of weights; for an ensemble, which has none, its members' files together.

    Attributes:
        sha256: checksum of the file; a file that does not match is rejected. For an ensemble
            `members_checksum`.
        size_bytes: size of the file, or of the members' files together.
        mantissa_bits: explicit mantissa bits kept in weights of rank 2 and more, at least 10 in
            depthwise kernels; None for all.
        rounding_accuracy_change: accuracy after minus before rounding, as a fraction, on the
            selection split; None when nothing was rounded.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Field(ge=1)]
    mantissa_bits: Annotated[int, Field(ge=1, le=23)] | None = None
    rounding_accuracy_change: Annotated[float, Field(ge=-1.0, le=1.0)] | None = None


class Member(StrictModel):
    """One model of an ensemble.

    Attributes:
        weight: of its calibrated probabilities in the ensemble's mean.
        sha256: checksum of its `model.keras`; an ensemble only uses the files it was
            evaluated with.
        temperature, label_smoothing: applied to the member before the mean; see `ModelCard`. As in
            its own card, but for a member with other classes.
        labels: the member's classes where they are not the ensemble's, in the order of its outputs;
            those that the ensemble lacks are dropped, and the others renormalized, before the mean.
    """

    weight: Annotated[float, Field(gt=0.0, le=1.0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    temperature: Annotated[float, Field(gt=0.0)] | None = None
    label_smoothing: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    labels: Labels | None = Field(default=None, exclude_if=lambda labels: labels is None)

    @property
    def fitted_calibration(self) -> Calibration:
        """Temperature and label smoothing of the member."""
        return Calibration(self.temperature, self.label_smoothing)


class PhotoTemperature(StrictModel):
    """A temperature for photos that do not resemble the training data.

    Attributes:
        photos: name of the evaluation on which it was fitted.
        faces: number of faces there.
        temperature: replaces that of the card on photos.
    """

    photos: Name
    faces: Annotated[int, Field(ge=1)]
    temperature: Annotated[float, Field(gt=0.0)]


class Consensus(StrictModel):
    """How an ensemble was selected on photos from elsewhere, besides its validation split.

    Attributes:
        photos: name of the evaluation on these photos, of which all members are entries.
        shares: weight of each part by name: a saved model, or an ensemble, whose members share it.
        prior_exponent: a of the class weights `p**-a`, where p are the shares of the classes in
            training; 0 for none.
    """

    photos: Name
    shares: dict[str, Annotated[float, Field(gt=0.0, le=1.0)]]
    prior_exponent: Annotated[float, Field(ge=0.0, le=1.0)]


def members_checksum(
    members: Mapping[str, Member], class_weights: Mapping[str, float] | None = None
) -> str:
    """Returns a checksum that changes with any member, its weight, calibration or file.

    Args:
        members: of an ensemble, by name.
        class_weights: its `ModelCard.class_weights`; they change the checksum too.
    """
    parts = [
        f"{name} {one.weight!r} {one.sha256} {one.temperature!r} {one.label_smoothing!r}"
        for name, one in members.items()
    ]
    parts += [f"{label} {weight!r}" for label, weight in (class_weights or {}).items()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
