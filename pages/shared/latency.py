"""Latency of the models on this machine: cached for all visitors, or measured by one visitor.

A visitor's measurements stay in their session. They do not replace the cached ones, which
`python -m fer_core prepare` measures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import streamlit as st

from fer_core.errors import JobCanceled
from fer_core.zoo import (
    LatencyResult,
    RunnableCard,
    cached_latency,
    load_classifier,
    measure_latency,
    measurement_conditions,
)
from pages.session import Label, forget_job, live_slots, result_of, slots_of, start_job, state_of

_JOB: Final = "times"
_MEASURED: Final = "times_measured"
_LOOK_EVERY_S: Final = 0.5

Measured = dict[str, LatencyResult]
"""By the fingerprint of the model's card."""


@dataclass(frozen=True)
class _Progress:
    """Progress of a measurement.

    Attributes:
        done: models measured.
        title: of the model being measured.
        live: number of live videos that it waits for.
    """

    done: int
    title: str
    live: int = 0


def latency_of(card: RunnableCard) -> LatencyResult | None:
    """Returns the latency that this visitor measured, else the cached one; None without either."""
    return _measured_here().get(card.fingerprint) or cached_latency(card)


def show_conditions(cards: Sequence[RunnableCard]) -> None:
    """Shows when the latency of these models was measured, and how busy the machine was."""
    own = _measured_here()
    yours = [own[card.fingerprint] for card in cards if card.fingerprint in own]
    cached = [
        found
        for card in cards
        if card.fingerprint not in own and (found := cached_latency(card)) is not None
    ]
    for whose, results in (("Your latency, for this session only", yours), ("Latency", cached)):
        if results:
            conditions = measurement_conditions(results)
            st.caption(f"{whose}: {conditions[0].lower()}{conditions[1:]}")


def offer_latency(cards: Sequence[RunnableCard], *, key: str) -> None:
    """Shows a button that measures the latency of each model, and the progress.

    One visitor measures at a time; the others wait. Live video has priority: a measurement waits
    for it, and an interrupted one restarts with the same model.

    Args:
        cards: of the models to measure.
        key: of the button.
    """
    if _take_result():
        st.rerun()
    state = state_of(_JOB)
    if state is not None and state.phase in ("waiting", "running"):
        result_of(_JOB)
        return
    own = _measured_here()
    is_again = all(card.fingerprint in own for card in cards)
    if st.button(
        "Measure again" if is_again else "Measure latency",
        icon=":material/timer:",
        key=key,
        help="For one face, on this machine. Only you see the result, until you leave. Takes a few "
        "seconds per model.",
    ):
        _start(cards)
        st.rerun()
    if state is not None and state.phase == "failed":
        st.caption(state.error or "")


def _start(cards: Sequence[RunnableCard]) -> None:
    slots = live_slots()

    def work(report: Callable[[_Progress], None], should_stop: Callable[[], bool]) -> Measured:
        return _measure(cards, report, should_stop, slots.taken)

    label = Label("Latency", partial(_describe, len(cards)), "compare/compare.py")
    start_job(_JOB, tuple(card.fingerprint for card in cards), work, slots_of(_JOB, 1), label)


def _measure(
    cards: Sequence[RunnableCard],
    report: Callable[[_Progress], None],
    should_stop: Callable[[], bool],
    live_videos: Callable[[], int],
) -> Measured:
    """Measures models one by one while no live video runs.

    Returns:
        The results; of fewer models if it was stopped.

    Raises:
        JobCanceled: it was stopped before the first model was measured.
        ModelError: a model cannot be loaded.
    """
    measured: Measured = {}
    for card in cards:
        classifier = load_classifier(card.name)
        while card.fingerprint not in measured and not should_stop():
            if live := live_videos():
                report(_Progress(len(measured), card.title, live))
                time.sleep(_LOOK_EVERY_S)
                continue
            report(_Progress(len(measured), card.title))
            try:
                measured[card.fingerprint] = measure_latency(
                    classifier, should_stop=lambda: should_stop() or live_videos() > 0
                )
            except JobCanceled:
                continue  # interrupted by live video (then it retries), or stopped
    if not measured:
        raise JobCanceled("The measurement was stopped before the first model was measured.")
    return measured


def _measured_here() -> Measured:
    """Returns the measurements of this visitor."""
    measured: Measured = st.session_state.get(_MEASURED, {})
    return measured


def _take_result() -> bool:
    """Stores the result of the job; returns whether there was one, so the page must rerun."""
    state = state_of(_JOB)
    if state is None or not state.result:
        return False
    st.session_state[_MEASURED] = _measured_here() | state.result
    forget_job(_JOB)
    return True


def _describe(count: int, progress: _Progress | None) -> tuple[float, str]:
    if progress is None:
        return 0.0, "Measuring…"
    part = progress.done / count
    if progress.live:
        videos = "a live video is" if progress.live == 1 else f"{progress.live} live videos are"
        return part, f"Waiting: {videos} running, which would distort the measurement."
    return part, f"Measuring {progress.title}, {progress.done + 1} of {count}…"
