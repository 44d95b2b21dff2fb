"""Options shared by several commands of `python -m fer_core`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

import typer

from fer_core.recognition import UNCERTAIN_BELOW, ThresholdRequest


def within(
    low: float, high: float = math.inf, *, above: bool = False
) -> Callable[[float | None], float | None]:
    """Returns the callback of an option that accepts only finite numbers in a range.

    The `min` and `max` of an option report `nan` as too large.

    Args:
        low: the smallest accepted value.
        high: the largest accepted value; infinite for no limit.
        above: whether `low` itself is excluded.
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
    """Prints on standard error which threshold was chosen for an accuracy."""
    if request.accuracy is not None:
        where = "on the model's validation split"
        if request.guaranteed:
            where = "on new faces like those of the model's validation split, with 95% confidence"
        typer.echo(
            f"Threshold {threshold:g}: the lowest with a selective accuracy of at least "
            f"{request.accuracy:.1%} {where}.",
            err=True,
        )


def threshold_request(
    threshold: float | None, accuracy: float | None, *, guaranteed: bool
) -> ThresholdRequest:
    """Combines the options --threshold and --accuracy, of which at most one may be given."""
    if threshold is not None and accuracy is not None:
        raise typer.BadParameter("cannot be combined with --threshold.", param_hint="--accuracy")
    if guaranteed and accuracy is None:
        raise typer.BadParameter("needs --accuracy.", param_hint="--guaranteed")
    return ThresholdRequest(threshold, accuracy, guaranteed)


ModelOption = Annotated[
    str | None,
    typer.Option(help="Name of a saved model.", show_default="the most accurate single one"),
]
PhotoModelOption = Annotated[
    str | None, typer.Option(help="Name of a saved model.", show_default="the best for photos")
]
DetectorOption = Annotated[
    str | None,
    typer.Option(help="Face detector: yunet or haar.", show_default="yunet if available"),
]
ThresholdOption = Annotated[
    float | None,
    typer.Option(
        callback=within(0, 1),
        help="Confidence from 0 to 1, below which a prediction is uncertain.",
        show_default=str(UNCERTAIN_BELOW),
    ),
]
AccuracyOption = Annotated[
    float | None,
    typer.Option(
        callback=within(0, 1),
        help="Instead of --threshold: choose the lowest threshold with this selective accuracy on "
        "the model's validation split, e.g. 0.9.",
        show_default=False,
    ),
]
GuaranteedOption = Annotated[
    bool,
    typer.Option(
        "--guaranteed",
        help="With --accuracy: choose the threshold so that the accuracy also holds for new faces "
        "like those of the validation split, with 95% confidence.",
    ),
]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Continue an interrupted run. If there is none, start one; existing outputs are not "
        "replaced.",
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace existing output files.")
]
