"""The card of a model that was trained and scored with this project."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from fer_core.evaluation import (
    ClassificationMetrics,
    EvaluationProtocol,
    StrictModel,
    TemperatureEffect,
)
from fer_core.evaluation.reliability import Calibration
from fer_core.evaluation.scores import CkPlusMetrics
from fer_core.zoo.cards.card_parts import (
    Consensus,
    Labels,
    Member,
    Name,
    PhotoTemperature,
    Preprocessing,
    Protocol,
    Text,
    Training,
    WeightsFile,
    check_inputs_and_outputs,
    members_checksum,
)

if TYPE_CHECKING:
    import pandas as pd


def _without_invalid_intervals(value: Any) -> Any:
    """Drops calibration with an interval of ECE, as in older cards.

    Such an interval did not cover the true error. Calibration that is dropped is computed from the
    predictions instead.
    """
    if not isinstance(value, dict):
        return value
    return {split: effect for split, effect in value.items() if not _has_interval_of_ece(effect)}


def _has_interval_of_ece(effect: Any) -> bool:
    try:
        return "low" in effect["after"]["ece"]
    except (KeyError, TypeError):
        return False


class ModelCard(StrictModel):
    """One saved model.

    Attributes:
        name: the folder's name.
        title: display name.
        summary: one or two sentences.
        architecture: name of the builder in `training.networks`, or `"ensemble"`.
        task: kind of outputs.
        input_shape: `(height, width, channels)` of one face.
        labels: the classes in the order of the outputs.
        action_units: such as `AU12`, in the order of the second output; empty for an emotion-only
            model.
        preprocessing: how a face crop becomes the input.
        protocol: data splits and their roles.
        training: how the model was trained; None for an ensemble, see its members.
        members: of an ensemble, by name; empty for a single model.
        class_weights: of an ensemble, by label: multiply its mean, before it is renormalized. Empty
            for none.
        consensus: how an ensemble was selected on photos from elsewhere too; None for a model that
            was selected on its own dataset only.
        parameters: number of parameters.
        flops: floating-point operations for one face, two per multiply-accumulate.
        weights: the file and its checksum.
        metrics: by split (as in `predictions.npz`), then by evaluation protocol.
        seven_classes: of a model with the eight classes of FER+, its scores with contempt merged
            into neutral (report split, plain), to compare with models of FER2013; else None.
        ckplus: cross-validated scores of emotions and action units; None for an
            emotion-only model.
        temperature: divides the logits before softmax, fitted on the selection split; None leaves
            probabilities unchanged.
        photo_temperature: replaces `temperature` on photos; None for a model whose temperature is
            used there too.
        label_smoothing: removed from the probabilities before the temperature; see
            `fer_core.evaluation.reliability.temperature`.
        calibration: by split, before and after temperature and label smoothing.
        data_license: license of the training data.
        intended_use: as text.
        out_of_scope_use: as text.
        limits: known limitations, one sentence each.
    """

    name: Name
    title: Text
    summary: Text
    architecture: Text
    task: Literal["emotion", "emotion+action_units"]
    input_shape: tuple[int, int, int]
    labels: Labels
    action_units: tuple[Annotated[str, Field(pattern=r"^AU\d+$")], ...] = ()
    preprocessing: Preprocessing
    protocol: Protocol
    training: Training | None
    members: dict[str, Member] = Field(default_factory=dict)
    class_weights: dict[str, Annotated[float, Field(gt=0.0)]] = Field(
        default_factory=dict, exclude_if=lambda weights: not weights
    )
    consensus: Consensus | None = Field(default=None, exclude_if=lambda choice: choice is None)
    parameters: Annotated[int, Field(ge=1)]
    flops: Annotated[int, Field(ge=1)]
    weights: WeightsFile
    metrics: dict[str, dict[EvaluationProtocol, ClassificationMetrics]]
    seven_classes: ClassificationMetrics | None = None
    ckplus: CkPlusMetrics | None = None
    temperature: Annotated[float, Field(gt=0.0)] | None = None
    photo_temperature: PhotoTemperature | None = Field(
        default=None, exclude_if=lambda fitted: fitted is None
    )
    label_smoothing: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    calibration: Annotated[
        dict[str, TemperatureEffect], BeforeValidator(_without_invalid_intervals)
    ] = Field(default_factory=dict)
    data_license: Text
    intended_use: Text
    out_of_scope_use: Text
    limits: tuple[Text, ...]

    @model_validator(mode="after")
    def _parts_agree(self) -> ModelCard:
        check_inputs_and_outputs(self.labels, self.input_shape, self.preprocessing)
        if len(set(self.action_units)) != len(self.action_units):
            raise ValueError(f"action_units must be unique: {', '.join(self.action_units)}")
        if (self.task == "emotion") != (not self.action_units):
            raise ValueError(
                f"task is {self.task!r}, so action_units must "
                + ("be empty" if self.task == "emotion" else "name at least one")
            )
        if (
            self.ckplus
            and tuple(self.ckplus.by_sequence.action_units.per_unit) != self.action_units
        ):
            raise ValueError("ckplus must have scores of exactly the action_units, in their order")
        self._check_members()
        for split in (self.protocol.selection_split, self.protocol.report_split):
            if "plain" not in self.metrics.get(split, {}):
                raise ValueError(f"metrics must hold {split!r} with the protocol 'plain'")
        for split, protocols in self.metrics.items():
            for protocol, scores in protocols.items():
                if set(scores.per_class) != set(self.labels):
                    raise ValueError(
                        f"metrics.{split}.{protocol}.per_class must name exactly the labels "
                        f"{', '.join(self.labels)}; it names {', '.join(scores.per_class)}"
                    )
        return self

    def _check_members(self) -> None:
        if not self.members:
            if self.training is None:
                raise ValueError("training is required for a model without members")
            if self.class_weights or self.consensus:
                raise ValueError("class_weights and consensus are those of a model with members")
            return
        if abs(sum(member.weight for member in self.members.values()) - 1) > 1e-6:
            raise ValueError("the weights of the members must sum to 1")
        if self.class_weights and set(self.class_weights) != set(self.labels):
            raise ValueError("class_weights must name exactly the labels")
        for name, member in self.members.items():
            if member.labels and not set(self.labels) <= set(member.labels):
                raise ValueError(f"the labels of member {name!r} must contain those of the model")
        if self.weights.sha256 != members_checksum(self.members, self.class_weights):
            raise ValueError(
                "weights.sha256 must be the checksum of the members; recreate the ensemble with "
                "python -m training.ensemble --overwrite --final"
            )

    def __iter__(self) -> Generator[tuple[str, Any]]:
        """Yields the fields only, so that a card can be made from `dict(card)` with changes.

        Pydantic's own would also yield the fingerprint once it was computed.
        """
        return ((name, getattr(self, name)) for name in type(self).model_fields)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Returns a copy, optionally with changes, that computes its own fingerprint."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("fingerprint", None)
        return copied

    @cached_property
    def fingerprint(self) -> str:
        """Checksum of everything but the title, for use as a cache key.

        The temperature or the predictions may change while the weights stay the same.
        """
        return hashlib.sha256(self.model_dump_json(exclude={"title"}).encode()).hexdigest()

    @property
    def fitted_calibration(self) -> Calibration:
        """Temperature and label smoothing of the model, as fitted on its selection split."""
        return Calibration(self.temperature, self.label_smoothing)

    @property
    def photo_calibration(self) -> Calibration:
        """The same for photos, as a classifier applies it; thresholds are for its confidence."""
        if self.photo_temperature is None:
            return self.fitted_calibration
        return Calibration(self.photo_temperature.temperature, self.label_smoothing)

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one face."""
        return self.flops // 2

    @property
    def reported(self) -> ClassificationMetrics:
        """The model's reported scores: report split, plain."""
        return self.metrics[self.protocol.report_split]["plain"]

    @property
    def selected_on(self) -> ClassificationMetrics:
        """The scores to select models by: validation split, plain."""
        return self.metrics[self.protocol.selection_split]["plain"]

    def scores_frame(self) -> pd.DataFrame:
        """Returns one row per split and protocol: rows, accuracy, macro F1, and without duplicates.

        Scores are texts with 95% intervals.
        """
        import pandas as pd

        rows = []
        for split, protocols in self.metrics.items():
            for protocol, scores in protocols.items():
                without = scores.without_training_duplicates
                rows.append(
                    {
                        "split": split,
                        "protocol": protocol,
                        "rows": scores.rows,
                        "accuracy": scores.accuracy.percent(),
                        "macro_f1": scores.macro_f1.percent(),
                        "accuracy_without_duplicates": without and without.accuracy.percent(),
                    }
                )
        return pd.DataFrame(rows)

    def to_json(self) -> str:
        """Returns the text of `card.json`."""
        return self.model_dump_json(indent=2) + "\n"
