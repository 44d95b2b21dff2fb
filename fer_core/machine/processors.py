"""How many processors this process may use, which in a container are fewer than the machine has."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Final

CGROUPS: Final = Path("/sys/fs/cgroup")
"""Where Linux shows a container its own limits."""

_MOST_CODEC_THREADS: Final = 16
"""As many as FFmpeg takes by itself; each holds frames."""


def available_processors(cgroups: Path = CGROUPS) -> int:
    """Returns how many processors may be used: at least 1.

    That is what the machine has, less what affinity (`taskset`, `--cpuset-cpus`) or a quota of
    processor time (`--cpus`, a limit in Kubernetes) leave. A part of a processor counts as one.

    Args:
        cgroups: the folder with the limits of this process, in version 1 or 2 of their layout
            (Linux, Documentation/admin-guide/cgroup-v2.rst, `cpu.max`).
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = _quota(cgroups)
    return max(1, count if quota is None else min(count, math.ceil(quota)))


def codec_threads() -> int:
    """Returns how many threads FFmpeg may use for a stream: it knows no quota by itself."""
    return min(available_processors(), _MOST_CODEC_THREADS)


def _quota(cgroups: Path) -> float | None:
    """Returns the processors that a quota of processor time comes to; None without a quota."""
    try:
        if (cgroups / "cpu.max").exists():
            allowed, period = (cgroups / "cpu.max").read_text("ascii").split()
        else:
            allowed = (cgroups / "cpu" / "cpu.cfs_quota_us").read_text("ascii")
            period = (cgroups / "cpu" / "cpu.cfs_period_us").read_text("ascii")
        quota = int(allowed) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # "max" is no number
        return None
    return quota if quota > 0 else None
