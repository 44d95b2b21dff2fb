"""What an imported model expects and means: stated by its user, read from the file, or guessed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from fer_core.errors import ModelRejected
from fer_core.evaluation import StrictModel, list_defects
from fer_core.files import shown
from fer_core.labels import FER2013, FERPLUS, canonical_label
from fer_core.preprocessing import Color, PreprocessingConfig
from fer_core.zoo.cards import NAME_PATTERN
from fer_core.zoo.onnx_importing.report import Layout, OnnxReport

IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION: Final = (0.229, 0.224, 0.225)
"""Per channel, in the order RGB, of values from 0 to 1: torchvision's normalization."""

LABEL_SETS: Final = {
    "fer2013": FER2013,
    "ferplus": (*("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"),),
    "affectnet": (
        *("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt"),
    ),
    "rafdb": ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"),
}
"""Classes in the order in which these datasets number them."""

Output = Literal["logits", "probabilities"]
StatedScaling = Literal["none", "unit", "symmetric", "standardize", "imagenet", "channels"]

_FERPLUS_SIDE: Final = 64
_SHAPE: Final = re.compile(r"(\d{1,4})x(\d{1,4})x([13])")


class StatedSettings(StrictModel):
    """What the user states of a model; None for what is to be read from the file, or guessed.

    Attributes:
        name: of the model folder.
        title: display name.
        labels: the classes in the order of the outputs, or the name of one of `LABEL_SETS`.
        input: height, width and channels of a face, such as `224x224x3`.
        layout: order of the input's dimensions.
        color: of the input.
        scaling: of the values 0 to 255, as in `PreprocessingConfig`; `imagenet` is `channels` with
            the mean and deviation of torchvision.
        mean, deviation: for `channels`, one number per channel.
        output: what the model gives.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)] | None = None
    title: Annotated[str, Field(min_length=1)] | None = None
    labels: Annotated[list[str], Field(min_length=1)] | None = None
    input: Annotated[str, Field(pattern=_SHAPE)] | None = None
    layout: Layout | None = None
    color: Color | None = None
    scaling: StatedScaling | None = None
    mean: list[float] | None = None
    deviation: list[float] | None = None
    output: Output | None = None

    @property
    def side(self) -> int | None:
        """Side of the stated input in pixels.

        Raises:
            ModelRejected: the input is not square.
        """
        if self.input is None:
            return None
        height, width, _ = self.input.split("x")
        if height != width:
            raise ModelRejected(
                f"Faces are square here. Received: an input of {self.input}", reason="graph"
            )
        return int(height)


def read_stated_settings(path: Path) -> StatedSettings:
    """Reads a TOML file with the attributes of `StatedSettings`.

    Raises:
        ModelRejected: the file is missing, is not TOML, or has an unknown key or invalid value.
    """
    try:
        return StatedSettings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelRejected(
            f"The settings {shown(path)} cannot be read: {error}", reason="unsupported_type"
        ) from error
    except ValidationError as error:
        raise ModelRejected(
            f"The settings {shown(path)} are not valid:\n{list_defects(error, 'the whole file')}",
            reason="unsupported_type",
        ) from error


@dataclass(frozen=True)
class Reading:
    """How one setting is read.

    Attributes:
        setting: its name.
        value: as text.
        origin: `stated`, `in the file`, or why it was guessed.
        is_guess: whether it needs a confirmation.
    """

    setting: str
    value: str
    origin: str
    is_guess: bool = False


@dataclass(frozen=True)
class ImportSettings:
    """Everything needed to run a model from elsewhere.

    Attributes:
        name: of the model folder.
        title: display name.
        labels: the classes in the order of the outputs.
        preprocessing: how a face crop becomes the input.
        layout: order of the input's dimensions.
        output: what the model gives.
        readings: how each setting was read, for its user.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    preprocessing: PreprocessingConfig
    layout: Layout
    output: Output
    readings: tuple[Reading, ...]

    @property
    def needs_confirmation(self) -> bool:
        """Whether a setting was guessed."""
        return any(reading.is_guess for reading in self.readings)


def read_settings(report: OnnxReport, stated: StatedSettings, file_name: str) -> ImportSettings:
    """Combines what is stated, what the file says, and guesses for the rest.

    Args:
        report: of the checked file.
        stated: by the user; the labels must be stated.
        file_name: of the file, for a default name.

    Raises:
        ModelRejected: what is stated contradicts the file or is incomplete.
    """
    readings: list[Reading] = []
    name = model_name(stated, file_name)
    origin = "from the file's name" if stated.name is None else "stated"
    readings.append(Reading("name", name, origin))
    labels = _labels(stated, report, readings)
    layout = _layout(stated, report)
    side = _side(stated, report, readings)
    color = _color(stated, report, readings)
    preprocessing = _preprocessing(stated, report, side, color, readings)
    output = _output(stated, report, readings)
    readings.append(Reading("layout", layout, "in the file"))
    return ImportSettings(
        name=name,
        title=stated.title or name.replace("_", " ").capitalize(),
        labels=labels,
        preprocessing=preprocessing,
        layout=layout,
        output=output,
        readings=tuple(readings),
    )


def model_name(stated: StatedSettings, file_name: str) -> str:
    """Returns the stated name, or one made of the file's name."""
    if stated.name is not None:
        return stated.name
    name = re.sub(r"[^a-z0-9]+", "_", Path(file_name).stem.lower()).strip("_")
    if not re.fullmatch(NAME_PATTERN, name):
        name = f"model_{name}".rstrip("_")
    return name


def _labels(stated: StatedSettings, report: OnnxReport, readings: list[Reading]) -> tuple[str, ...]:
    given = stated.labels or []
    if len(given) == 1 and given[0].lower() in LABEL_SETS:
        known = LABEL_SETS[given[0].lower()]
        if len(known) == report.classes + 1 and "contempt" in known[-1]:
            known = known[:-1]
        labels, renamed = known, False
        origin = f"the order of {given[0].lower()}"
    else:
        read = [_canonical(each) for each in given]
        labels = tuple(label for label, _ in read)
        renamed = any(not is_known for _, is_known in read)
        origin = "not all are known expressions" if renamed else "stated"
    if len(labels) != report.classes:
        raise ModelRejected(
            f"The model has {report.classes} classes. Received: {len(labels)} labels, "
            f"{', '.join(labels) or 'none'}. State one per output, in their order, or one of "
            f"{', '.join(LABEL_SETS)}: --labels {','.join(FERPLUS[: report.classes])}",
            reason="graph",
        )
    if len(set(labels)) != len(labels):
        raise ModelRejected(
            f"The labels must be unique. Received: {', '.join(labels)}", reason="graph"
        )
    readings.append(Reading("labels", ", ".join(labels), origin, is_guess=renamed))
    return labels


def _canonical(name: str) -> tuple[str, bool]:
    try:
        return canonical_label(name), True
    except ValueError:
        return name.strip().lower() or "unnamed", False


def _layout(stated: StatedSettings, report: OnnxReport) -> Layout:
    if stated.layout not in (None, report.layout):
        raise ModelRejected(
            f"The layout in the file is {report.layout}. Received: {stated.layout}", reason="graph"
        )
    return report.layout


def _side(stated: StatedSettings, report: OnnxReport, readings: list[Reading]) -> int:
    sides = report.input_shape[2:] if report.layout == "NCHW" else report.input_shape[1:3]
    tried = report.tried_shape[2:] if report.layout == "NCHW" else report.tried_shape[1:3]
    fixed = {side for side in sides if side is not None}
    if len(fixed) > 1:
        raise ModelRejected(
            "Faces are square here, so the model must take square faces. "
            f"Received: an input of {sides[0]} x {sides[1]}",
            reason="graph",
        )
    if stated.side is not None and fixed - {stated.side}:
        raise ModelRejected(
            f"The input in the file is {fixed.pop()} pixels a side. Received: {stated.input}",
            reason="graph",
        )
    if stated.input is not None and int(stated.input.split("x")[2]) != report.channels:
        raise ModelRejected(
            f"The input in the file has {report.channels} channels. Received: {stated.input}",
            reason="graph",
        )
    side = stated.side or (fixed.pop() if fixed else None)
    if side is None:
        side = tried[0]
        origin = "the file accepts any size; this one runs"
        readings.append(Reading("input", f"{side}x{side}x{report.channels}", origin, is_guess=True))
    else:
        origin = "in the file" if stated.side is None else "stated"
        readings.append(Reading("input", f"{side}x{side}x{report.channels}", origin))
    return side


def _color(stated: StatedSettings, report: OnnxReport, readings: list[Reading]) -> Color:
    is_gray = report.channels == 1
    if stated.color is not None and (stated.color == "gray") != is_gray:
        raise ModelRejected(
            f"The input in the file has {report.channels} channels. "
            f"Received: the color {stated.color}",
            reason="graph",
        )
    if is_gray:
        readings.append(Reading("color", "gray", "in the file"))
        return "gray"
    if stated.color is None:
        readings.append(Reading("color", "rgb", "the usual order", is_guess=True))
        return "rgb"
    readings.append(Reading("color", stated.color, "stated"))
    return stated.color


def _preprocessing(
    stated: StatedSettings, report: OnnxReport, side: int, color: Color, readings: list[Reading]
) -> PreprocessingConfig:
    if stated.scaling != "channels" and (stated.mean or stated.deviation):
        raise ModelRejected(
            "A mean and a deviation need the scaling channels. "
            f"Received: the scaling {stated.scaling or 'not stated'}",
            reason="graph",
        )
    scaling, origin = (stated.scaling, "") if stated.scaling else _guessed_scaling(report, side)
    readings.append(Reading("scaling", scaling, origin or "stated", is_guess=bool(origin)))
    if scaling != "imagenet" and scaling != "channels":
        return PreprocessingConfig(size=side, color=color, scaling=scaling)
    mean, deviation = tuple(stated.mean or ()), tuple(stated.deviation or ())
    if scaling == "imagenet":
        order = -1 if color == "bgr" else 1
        mean, deviation = IMAGENET_MEAN[::order], IMAGENET_DEVIATION[::order]
    try:
        return PreprocessingConfig(
            size=side, color=color, scaling="channels", mean=mean, deviation=deviation
        )
    except ValueError as error:
        raise ModelRejected(str(error), reason="graph") from error


def _guessed_scaling(report: OnnxReport, side: int) -> tuple[StatedScaling, str]:
    if report.channels == 1 and side == _FERPLUS_SIDE:
        return "none", "as models of FER+ with 64 gray pixels a side take it, 0 to 255"
    if report.channels == 3 and report.layout == "NCHW":
        return "imagenet", "usual for color models of PyTorch"
    return "unit", "a common choice, 0 to 1"


def _output(stated: StatedSettings, report: OnnxReport, readings: list[Reading]) -> Output:
    measured = report.output_kind
    if stated.output == "probabilities" and measured != "probabilities":
        raise ModelRejected(
            "Probabilities of a face must sum to 1; those of this model do not. If they are "
            "logits, state --output logits; independent probabilities (sigmoid) cannot be used.",
            reason="graph",
        )
    if stated.output is not None:
        readings.append(Reading("output", stated.output, "stated"))
        return stated.output
    if measured == "between 0 and 1":
        readings.append(
            Reading("output", "logits", "rows do not sum to 1; small logits or a sigmoid", True)
        )
        return "logits"
    readings.append(Reading("output", measured, "measured on synthetic faces"))
    return measured
