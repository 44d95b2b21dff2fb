"""The number of processors that this process may use, which containers can limit."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Final

CGROUPS: Final = Path("/sys/fs/cgroup")
"""Where Linux shows the limits of a container."""

_MOST_CODEC_THREADS: Final = 16
"""The default limit of FFmpeg; each thread buffers frames."""


def available_processors(cgroups: Path = CGROUPS) -> int:
    """Returns the number of available processors, at least 1.

    That is the number of the machine, limited by affinity (`taskset`, `--cpuset-cpus`) or by a CPU
    quota (`--cpus`, a limit in Kubernetes). Fractions are rounded up.

    Args:
        cgroups: the folder with the limits of this process, cgroup version 1 or 2 (Linux,
            Documentation/admin-guide/cgroup-v2.rst, `cpu.max`).
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = _quota(cgroups)
    return max(1, count if quota is None else min(count, math.ceil(quota)))


def codec_threads() -> int:
    """Returns the number of threads for an FFmpeg stream: FFmpeg ignores quotas."""
    return min(available_processors(), _MOST_CODEC_THREADS)


def _quota(cgroups: Path) -> float | None:
    """Returns the CPU quota in processors; None without a quota."""
    try:
        if (cgroups / "cpu.max").exists():
            allowed, period = (cgroups / "cpu.max").read_text("ascii").split()
        else:
            allowed = (cgroups / "cpu" / "cpu.cfs_quota_us").read_text("ascii")
            period = (cgroups / "cpu" / "cpu.cfs_period_us").read_text("ascii")
        quota = int(allowed) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # "max" is not a number
        return None
    return quota if quota > 0 else None
