"""Options that several commands of `python -m fer_core` share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

import typer

from fer_core.recognition import UNCERTAIN_BELOW, ThresholdRequest


def within(
    low: float, high: float = math.inf, *, above: bool = False
) -> Callable[[float | None], float | None]:
    """Returns the callback of an option that takes finite numbers of a range only.

    The `min` and `max` of an option say of `nan` that it is too large.

    Args:
        low: the smallest that is taken.
        high: the largest; infinite where there is none.
        above: whether `low` itself is not taken.
    """
    if math.isinf(high):
        expected = f"above {low:g}" if above else f"{low:g} or more"
    else:
        expected = f"above {low:g} and at most {high:g}" if above else f"from {low:g} to {high:g}"

    def check(value: float | None) -> float | None:
        if value is not None:
            is_large_enough = value > low if above else value >= low
            if not (math.isfinite(value) and is_large_enough and value <= high):
                raise typer.BadParameter(f"must be {expected}. Received: {value:g}")
        return value

    return check


def say_chosen(threshold: float, request: ThresholdRequest) -> None:
    """Tells on standard error which threshold an accuracy gave; a number given needs no words."""
    if request.accuracy is not None:
        typer.echo(
            f"Threshold {threshold:g}: the lowest with an accuracy of {request.accuracy:.1%} or "
            "more on the model's validation split.",
            err=True,
        )


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
        callback=within(0, 1),
        help="A confidence below it, from 0 to 1, makes a prediction uncertain.",
        show_default=str(UNCERTAIN_BELOW),
    ),
]
AccuracyOption = Annotated[
    float | None,
    typer.Option(
        callback=within(0, 1),
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
