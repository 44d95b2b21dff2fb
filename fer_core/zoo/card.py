"""The model card: the metadata of one saved model, validated on reading.

A card is `models/<name>/card.json`. Unknown fields, missing fields and wrong types are rejected
with a message that names the file, the field, the expected and the received value.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Generator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from fer_core.errors import ModelError
from fer_core.evaluation import (
    ClassificationMetrics,
    EvaluationProtocol,
    StrictModel,
    TemperatureEffect,
    list_defects,
)
from fer_core.evaluation.reliability import Calibration
from fer_core.evaluation.scores import CkPlusMetrics
from fer_core.preprocessing import PreprocessingConfig
from fer_core.zoo.card_parts import Member, Protocol, Text, Training, WeightsFile, members_checksum

if TYPE_CHECKING:
    import pandas as pd

CARD_FILE: Final = "card.json"
NAME_PATTERN: Final = r"^[a-z][a-z0-9_]*$"

FORMER_FIELDS: Final = {
    "after_without_training_twins": "after_without_training_duplicates",
    "data_licence": "data_license",
    "smoothing": "label_smoothing",
    "without_training_twins": "without_training_duplicates",
}
"""Current names of fields, by their names in older cards."""


def _only_known_steps(value: Any) -> Any:
    known = {field.name for field in dataclasses.fields(PreprocessingConfig)}
    if isinstance(value, dict) and (unknown := sorted(set(value) - known)):
        raise ValueError(f"unknown {', '.join(unknown)}; expected only {', '.join(sorted(known))}")
    return value


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
        label_smoothing: removed from the probabilities before the temperature; see
            `fer_core.evaluation.reliability.temperature`.
        calibration: by split, before and after temperature and label smoothing.
        data_license: license of the training data.
        intended_use: as text.
        out_of_scope_use: as text.
        limits: known limitations, one sentence each.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    title: Text
    summary: Text
    architecture: Text
    task: Literal["emotion", "emotion+action_units"]
    input_shape: tuple[int, int, int]
    labels: Annotated[tuple[Text, ...], Field(min_length=2)]
    action_units: tuple[Annotated[str, Field(pattern=r"^AU\d+$")], ...] = ()
    preprocessing: Annotated[PreprocessingConfig, BeforeValidator(_only_known_steps)]
    protocol: Protocol
    training: Training | None
    members: dict[str, Member] = Field(default_factory=dict)
    parameters: Annotated[int, Field(ge=1)]
    flops: Annotated[int, Field(ge=1)]
    weights: WeightsFile
    metrics: dict[str, dict[EvaluationProtocol, ClassificationMetrics]]
    seven_classes: ClassificationMetrics | None = None
    ckplus: CkPlusMetrics | None = None
    temperature: Annotated[float, Field(gt=0.0)] | None = None
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
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels must be unique: {', '.join(self.labels)}")
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
        expected_shape = (self.preprocessing.size, self.preprocessing.size, 1)
        if self.input_shape != expected_shape:
            raise ValueError(
                f"input_shape must be {expected_shape}, the output of preprocessing; "
                f"it is {self.input_shape}"
            )
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
            return
        if abs(sum(member.weight for member in self.members.values()) - 1) > 1e-6:
            raise ValueError("the weights of the members must sum to 1")
        if self.weights.sha256 != members_checksum(self.members):
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
        """Temperature and label smoothing of the model."""
        return Calibration(self.temperature, self.label_smoothing)

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


def read_card(path: Path) -> ModelCard:
    """Reads and checks one card.

    Raises:
        ModelError: the file cannot be read or is not a valid card; the message lists all errors.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"The model card {path} cannot be read: {error}") from error
    try:
        return _parsed(text)
    except ValidationError as error:
        defects = list_defects(error, "the whole card")
        raise ModelError(f"The model card {path} is not valid:\n{defects}") from error


@lru_cache(maxsize=64)
def _parsed(text: str) -> ModelCard:
    """Cached, since pages read all cards on every run and validation takes 2 ms each."""
    if any(f'"{former}"' in text for former in FORMER_FIELDS):
        text = _with_present_names(text)
    return ModelCard.model_validate_json(text)


def _with_present_names(text: str) -> str:
    def renamed(fields: list[tuple[str, Any]]) -> dict[str, Any]:
        return {FORMER_FIELDS.get(name, name): value for name, value in fields}

    try:
        return json.dumps(json.loads(text, object_pairs_hook=renamed))
    except ValueError:  # not JSON, which validation reports
        return text
