"""What belongs to a session: consent, uploads, jobs, clearing."""

from pages.session.clearing import offer_clearing
from pages.session.consent import ask_for_consent, has_consent, keep_consent
from pages.session.job_list import list_jobs
from pages.session.jobs import (
    Label,
    forget_job,
    is_at_work,
    jobs_owner,
    request_of,
    result_of,
    slots_of,
    start_job,
    state_of,
    wait_a_moment,
)
from pages.session.live_video import LIVE_VIDEO_KEY, end_live_video
from pages.session.slots import LiveSlots, live_slots, max_live_sessions
from pages.session.uploads import KEPT, empty_uploader, show_kept, upload_file, upload_files

__all__ = [
    "KEPT",
    "LIVE_VIDEO_KEY",
    "Label",
    "LiveSlots",
    "ask_for_consent",
    "empty_uploader",
    "end_live_video",
    "forget_job",
    "has_consent",
    "is_at_work",
    "jobs_owner",
    "keep_consent",
    "list_jobs",
    "live_slots",
    "max_live_sessions",
    "offer_clearing",
    "request_of",
    "result_of",
    "show_kept",
    "slots_of",
    "start_job",
    "state_of",
    "upload_file",
    "upload_files",
    "wait_a_moment",
]
