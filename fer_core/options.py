"""Options that several commands of `python -m fer_core` share."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from fer_core.analysis import UNCERTAIN_BELOW
from fer_core.threshold_choice import ThresholdRequest


def finite(value: float | None) -> float | None:
    """Refuses `nan` and `inf`, which pass for numbers; a callback of an option."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"must be a finite number. Received: {value}")
    return value


def threshold_request(threshold: float | None, accuracy: float | None) -> ThresholdRequest:
    """Returns what the options --threshold and --accuracy ask for, of which one may be given."""
    if threshold is not None and accuracy is not None:
        raise typer.BadParameter(
            "cannot be given together with --threshold.", param_hint="--accuracy"
        )
    return ThresholdRequest(threshold, accuracy)


ModelOption = Annotated[
    str | None, typer.Option(help="Name of a saved model.", show_default="the best")
]
DetectorOption = Annotated[
    str | None, typer.Option(help="yunet or haar.", show_default="yunet where it is there")
]
ThresholdOption = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        callback=finite,
        help="A confidence below it makes a prediction uncertain.",
        show_default=str(UNCERTAIN_BELOW),
    ),
]
AccuracyOption = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        callback=finite,
        help="Instead: the lowest threshold with this accuracy on single faces of the model's "
        "validation split, as 0.9.",
        show_default=False,
    ),
]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Continue a stopped run. Without one, begin; an output that is there is kept.",
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace what is there already.")
]
