"""Long work of a visit: kept while pages come and go, with its progress shown, and stopped.

The work itself runs in a `Job`. Each stands under a key in the session state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from fer_core.job import Job, JobState, Work
from pages.compat.streamlit_session import presence

_JOBS = "jobs"

Describe = Callable[[Any], tuple[float, str]]
"""From a report of progress, None before the first, to the part done, 0 to 1, and what to say."""


@dataclass(frozen=True, eq=False)
class _Kept:
    """A job, what it was asked for, and how to begin it anew."""

    asked: object
    begin: Callable[[], Job[Any, Any]]
    job: Job[Any, Any]


def start_job(
    key: str,
    asked: object,
    work: Work[Any, Any],
    turns: threading.Semaphore,
    *,
    so_far: object = None,
) -> None:
    """Starts a job under a key; one that is there already is stopped and forgotten.

    Args:
        key: of the job, and prefix of its buttons' keys.
        asked: what the work is for, to be told apart from other work.
        work: see `Job`, like `turns` and `so_far`.
        turns: from `turns_of`.
        so_far: what there is already.
    """
    forget_job(key)

    def begin() -> Job[Any, Any]:
        return Job(work, turns, so_far, presence())

    _jobs()[key] = _Kept(asked, begin, begin())


def asked_of(key: str) -> Any:
    """Returns what the job under a key is for; None where there is no job."""
    kept = _jobs().get(key)
    return None if kept is None else kept.asked


def state_of(key: str) -> JobState[Any, Any] | None:
    """Returns how a job is; None where there is none."""
    kept = _jobs().get(key)
    return None if kept is None else kept.job.state()


def result_of(key: str, describe: Describe, *, waiting: str) -> Any:
    """Returns what the job under a key came to; before that shows how far it is, and None.

    Work that failed, or was stopped with nothing to give, says so and can be tried again.

    Args:
        key: of a job that was started.
        describe: puts its progress into words.
        waiting: what to say until its turn comes.
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
        st.fragment(_show_progress, run_every=0.5)(key, describe, waiting)
    return state.result


def forget_job(key: str) -> None:
    """Stops the job under a key and drops what it came to; nothing where there is none."""
    kept = _jobs().pop(key, None)
    if kept is not None:
        kept.job.stop()


def stop_jobs() -> None:
    """Stops whatever is being made for this visit, and forgets what was made."""
    for key in [*_jobs()]:
        forget_job(key)


@st.cache_resource(show_spinner=False)
def turns_of(kind: str, at_once: int) -> threading.Semaphore:
    """Returns whose turn it is, for all visitors together.

    Args:
        kind: of work; one kind does not wait for another.
        at_once: as many jobs of this kind run at the same time.
    """
    return threading.Semaphore(at_once)


def _jobs() -> dict[str, _Kept]:
    jobs: dict[str, _Kept] = st.session_state.setdefault(_JOBS, {})
    return jobs


# A job is named by its key here: Streamlit keeps what a button or a fragment calls, and with a job
# the pictures that it works on.


def _again(key: str) -> None:
    if key in _jobs():
        kept = _jobs()[key]
        _jobs()[key] = replace(kept, job=kept.begin())


def _stop(key: str) -> None:
    if key in _jobs():
        _jobs()[key].job.stop()


def _show_progress(key: str, describe: Describe, waiting: str) -> None:
    kept = _jobs().get(key)
    if kept is None:
        return
    state = kept.job.state()
    if state.phase in ("done", "failed"):
        st.rerun()
    is_stopping = kept.job.is_asked_to_stop
    if state.phase == "waiting":
        st.info(waiting, icon="spinner")
    else:
        part, text = describe(state.progress)
        st.progress(part, "Stopping…" if is_stopping else text)
    st.button(
        "Stop",
        key=f"{key}_stop",
        icon=":material/stop:",
        on_click=_stop,
        args=(key,),
        disabled=is_stopping,
    )
