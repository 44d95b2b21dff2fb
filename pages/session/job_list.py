"""The jobs of a session, listed in the menu of every page with links to their results."""

from __future__ import annotations

import streamlit as st

from pages.session.jobs import KeptJob, kept_jobs
from pages.widgets import as_markdown


def list_jobs() -> None:
    """Shows a line for each job below the menu: its title, progress, and a link to its page."""
    jobs = kept_jobs().values()
    if not jobs:
        return
    is_any_at_work = any(job.job.state().phase in ("waiting", "running") for job in jobs)
    with st.sidebar:
        # An unneeded timer would run for as long as the page is open.
        st.fragment(_show_lines, run_every=1.0 if is_any_at_work else None)(is_any_at_work)


def _show_lines(was_any_at_work: bool) -> None:
    is_any_at_work = False
    for job in kept_jobs().values():
        text, icon = _line_of(job)
        is_any_at_work |= icon == _AT_WORK
        st.page_link(
            job.label.page,
            label=f"{as_markdown(job.label.title)}: {text}",
            icon=icon,
            query_params=dict(job.label.query_params),
            width="stretch",
        )
    if was_any_at_work and not is_any_at_work:
        st.rerun()


_AT_WORK, _DONE, _STOPPED = (
    f":material/{name}:" for name in ("progress_activity", "check", "stop")
)


def _line_of(job: KeptJob) -> tuple[str, str]:
    """Returns the status of a job in words, and an icon."""
    state = job.job.state()
    match state.phase:
        case "waiting":
            # The menu is narrow and truncates long lines.
            return f"{state.ahead} before you" if state.ahead else "next", _AT_WORK
        case "running":
            part, _ = job.label.describe(state.progress)
            return "stopping" if job.job.is_asked_to_stop else f"{part:.0%}", _AT_WORK
        case "failed":
            return "stopped" if state.was_stopped else "failed", _STOPPED
        case "done":
            return ("stopped", _STOPPED) if state.was_stopped else ("done", _DONE)
