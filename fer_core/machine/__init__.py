"""The machine: processors, load, background jobs and fair scheduling."""

from fer_core.machine.background_job import Job, JobFunction, JobState
from fer_core.machine.fair_slots import FairSlots
from fer_core.machine.load import IDLE_BELOW, processor_load, wait_until_idle
from fer_core.machine.processors import available_processors, codec_threads

__all__ = [
    "IDLE_BELOW",
    "FairSlots",
    "Job",
    "JobFunction",
    "JobState",
    "available_processors",
    "codec_threads",
    "processor_load",
    "wait_until_idle",
]
