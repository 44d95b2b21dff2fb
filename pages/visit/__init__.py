"""What belongs to a session: consent, jobs, clearing, links."""

from pages.visit.clearing import offer_clearing
from pages.visit.consent import ask_for_consent, has_consent, keep_consent
from pages.visit.job_list import list_jobs
from pages.visit.jobs import (
    Label,
    asked_of,
    forget_job,
    is_at_work,
    jobs_owner,
    result_of,
    slots_of,
    start_job,
    state_of,
    wait_a_moment,
)
from pages.visit.slots import LiveSlots, live_slots, max_live_sessions

__all__ = [
    "Label",
    "LiveSlots",
    "ask_for_consent",
    "asked_of",
    "forget_job",
    "has_consent",
    "is_at_work",
    "jobs_owner",
    "keep_consent",
    "list_jobs",
    "live_slots",
    "max_live_sessions",
    "offer_clearing",
    "result_of",
    "slots_of",
    "start_job",
    "state_of",
    "wait_a_moment",
]
