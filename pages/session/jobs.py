"""Jobs of a session: they keep running when the page changes, show progress, and can be stopped.

The work runs in a `Job`. Each has a key in the session state.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import streamlit as st

from fer_core.machine import FairSlots, Job, JobFunction, JobState

_JOBS, _OWNER = "jobs", "jobs_owner"

QUICK_S: Final = 2.0
_REDRAW_S: Final = 0.1

Describe = Callable[[Any], tuple[float, str]]
"""From the latest progress report, None before the first, to the part done, 0 to 1, and a text."""


@dataclass(frozen=True)
class Label:
    """How a job is shown. It must not contain large objects: Streamlit keeps it for a while.

    Attributes:
        title: of the job, as plain text.
        describe: formats its progress.
        page: script of the page that shows the result, for `st.page_link`.
        query_params: of the link to the result.
    """

    title: str
    describe: Describe
    page: str
    query_params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class KeptJob:
    """A job with its request, its label, and a function that starts it again.

    Only the session's state refers to it. When the session ends, so does the job.
    """

    asked: object
    label: Label
    start: Callable[[], Job[Any, Any]]
    job: Job[Any, Any]

    def __post_init__(self) -> None:
        weakref.finalize(self, self.job.abandon)


def start_job(
    key: str,
    asked: object,
    work: JobFunction[Any, Any],
    slots: FairSlots | None,
    label: Label,
    *,
    so_far: object = None,
) -> None:
    """Starts a job under a key; an existing one is stopped and removed.

    Args:
        key: of the job, and prefix of its buttons' keys.
        asked: the request, which identifies the work.
        work: see `Job`, like `slots` and `so_far`.
        slots: from `slots_of`.
        label: how it is shown, here and on other pages.
        so_far: a partial result to resume from.
    """
    forget_job(key)
    owner = jobs_owner()

    def start() -> Job[Any, Any]:
        return Job(work, slots, so_far, owner=owner)

    kept_jobs()[key] = KeptJob(asked, label, start, start())


def jobs_owner() -> Hashable:
    """Returns an object that identifies this session in a queue."""
    owner: Hashable = st.session_state.setdefault(_OWNER, object())
    return owner


def request_of(key: str) -> Any:
    """Returns the request of the job under a key; None if there is no job."""
    kept = kept_jobs().get(key)
    return None if kept is None else kept.asked


def state_of(key: str) -> JobState[Any, Any] | None:
    """Returns the state of a job; None if there is none."""
    kept = kept_jobs().get(key)
    return None if kept is None else kept.job.state()


def is_at_work(key: str) -> bool:
    """Returns whether the job under a key is waiting or running."""
    state = state_of(key)
    return state is not None and state.phase in ("waiting", "running")


def result_of(key: str) -> Any:
    """Returns the result of the job under a key; until then shows the progress and returns None.

    A job that failed, or was stopped without a result, shows a message and can be retried.

    Args:
        key: of a job that was started.
    """
    state = state_of(key)
    if state is None:
        return None
    if state.phase == "failed":
        st.warning(state.error or "", icon=":material/error:")
        st.button(
            "Try again", key=f"{key}_again", icon=":material/replay:", on_click=_again, args=(key,)
        )
    elif state.phase != "done":
        st.fragment(_show_progress, run_every=0.5)(key)
    return state.result


def wait_a_moment(key: str) -> None:
    """Waits up to two seconds for a job and shows its progress.

    So short work finishes within the run of the page that started it, and nothing is drawn twice.
    """
    kept = kept_jobs()[key]
    place = st.empty()
    for _ in range(round(QUICK_S / _REDRAW_S)):
        if kept.job.wait(_REDRAW_S):
            break
        state = kept.job.state()
        if state.phase == "running":
            place.progress(*kept.label.describe(state.progress))
    place.empty()


def forget_job(key: str) -> None:
    """Stops the job under a key and removes its result; does nothing if there is none."""
    kept = kept_jobs().pop(key, None)
    if kept is not None:
        kept.job.stop()


def stop_jobs() -> None:
    """Stops all jobs of this session and removes their results."""
    for key in [*kept_jobs()]:
        forget_job(key)


def kept_jobs() -> dict[str, KeptJob]:
    """Returns the jobs of this session by their keys, running or not."""
    jobs: dict[str, KeptJob] = st.session_state.setdefault(_JOBS, {})
    return jobs


@st.cache_resource(show_spinner=False)
def slots_of(kind: str, at_once: int) -> FairSlots:
    """Returns the slots of one kind of work, shared by all visitors.

    Args:
        kind: of work; each kind has its own queue.
        at_once: number of concurrent jobs of this kind.
    """
    return FairSlots(at_once)


def place_in_words(ahead: int) -> str:
    """Returns the queue position of a waiting job in words."""
    return f"{ahead} {'other' if ahead == 1 else 'others'} before you" if ahead else "you are next"


# Callbacks and fragments get the key of a job: Streamlit keeps their arguments, and a job refers to
# the images it works on.


def _again(key: str) -> None:
    if key in kept_jobs():
        kept = kept_jobs()[key]
        kept_jobs()[key] = replace(kept, job=kept.start())


def _stop(key: str) -> None:
    if key in kept_jobs():
        kept_jobs()[key].job.stop()


def _show_progress(key: str) -> None:
    kept = kept_jobs().get(key)
    if kept is None:
        return
    state = kept.job.state()
    if state.phase in ("done", "failed"):
        st.rerun()
    is_stopping = kept.job.is_asked_to_stop
    if state.phase == "waiting":
        st.info(f"Waiting: {place_in_words(state.ahead)}.", icon="spinner")
    else:
        part, text = kept.label.describe(state.progress)
        st.progress(part, "Stopping…" if is_stopping else text)
    st.button(
        "Stop",
        key=f"{key}_stop",
        icon=":material/stop:",
        on_click=_stop,
        args=(key,),
        disabled=is_stopping,
    )
