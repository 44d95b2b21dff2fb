"""The card of a model from elsewhere, which has no scores here."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from fer_core.evaluation import StrictModel
from fer_core.evaluation.reliability import Calibration
from fer_core.zoo.cards.card_parts import (
    Labels,
    Member,
    Name,
    Preprocessing,
    Text,
    WeightsFile,
    check_inputs_and_outputs,
)


class ImportedFile(StrictModel):
    """The file that a model was imported from, as it was described and measured then.

    Attributes:
        file: its name.
        format: of the file.
        sha256: checksum of the file.
        layout: order of the dimensions of the file's input.
        output: `logits`, to which the import added softmax, or `probabilities`.
        p95_ms: 95th percentile of the time for one face.
        peak_memory_bytes: largest resident memory of the process that ran it, with Python and
            ONNX Runtime; None where the system does not tell.
        imported: the day.
    """

    file: Text
    format: Literal["onnx", "keras"]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    layout: Literal["NCHW", "NHWC"]
    output: Literal["logits", "probabilities"]
    p95_ms: Annotated[float, Field(ge=0.0)]
    peak_memory_bytes: Annotated[int, Field(ge=1)] | None
    imported: date


class ImportedCard(StrictModel):
    """One model from elsewhere; attributes that `ModelCard` has too mean the same.

    Attributes:
        weights: of the file `model.onnx`.
        source: the file that it was imported from.
    """

    name: Name
    title: Text
    summary: Text
    input_shape: tuple[int, int, int]
    labels: Labels
    preprocessing: Preprocessing
    parameters: Annotated[int, Field(ge=1)]
    weights: WeightsFile
    source: ImportedFile

    @model_validator(mode="after")
    def _parts_agree(self) -> ImportedCard:
        check_inputs_and_outputs(self.labels, self.input_shape, self.preprocessing)
        return self

    @cached_property
    def fingerprint(self) -> str:
        """As `ModelCard.fingerprint`."""
        return hashlib.sha256(self.model_dump_json(exclude={"title"}).encode()).hexdigest()

    @property
    def action_units(self) -> tuple[str, ...]:
        """Empty: only expressions can be imported."""
        return ()

    @property
    def members(self) -> dict[str, Member]:
        """Empty: it is a single model."""
        return {}

    @property
    def fitted_calibration(self) -> Calibration:
        """None was fitted: probabilities are those of the model."""
        return Calibration(None, 0.0)

    @property
    def photo_calibration(self) -> Calibration:
        """Likewise."""
        return self.fitted_calibration

    def to_json(self) -> str:
        """Returns the text of `card.json`."""
        return self.model_dump_json(indent=2) + "\n"
