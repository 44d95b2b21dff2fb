"""Shared by several benchmarks: describes the machine and measures processes (on Linux)."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fer_core.machine.processors import available_processors


def machine() -> str:
    """Returns processor, cores, and the load of the last minute and of the last 15 minutes."""
    load = os.getloadavg()
    name = platform.processor() or platform.machine()
    return f"{name}, {available_processors()} cores, load {load[0]:.1f} (15 min: {load[2]:.1f})"


def p50_p95(times: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """Returns the median and the 95th percentile of the times."""
    p50, p95 = np.percentile(times, (50, 95))
    return float(p50), float(p95)


def status(process: int | str = "self") -> dict[str, int]:
    """Returns the numbers of `/proc/PID/status`; none if the process has ended."""
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return {}
    return {name: int(value) for name, value in re.findall(r"^(\w+):\s+(\d+)", text, re.MULTILINE)}


def family(process: int) -> list[int]:
    """Returns a process and all its descendants."""
    found = [process]
    for member in found:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                found += map(int, children.read_text(encoding="ascii").split())
            except OSError:  # the thread or process has just ended
                continue
    return found


def resident_mb(process: int) -> float:
    """Returns the resident memory of a process and its descendants; shared pages count twice."""
    return sum(status(member).get("VmRSS", 0) for member in family(process)) / 1024


def peak_resident_mb(process: int) -> float:
    """Returns the sum of their peak resident memory, without processes that have ended."""
    return sum(status(member).get("VmHWM", 0) for member in family(process)) / 1024


def files(process: int | str = "self") -> tuple[int, int]:
    """Returns the number of open files of a process, and how many of them are sockets."""
    links = [_target(link) for link in Path(f"/proc/{process}/fd").iterdir()]
    return len(links), sum(link.startswith("socket:") for link in links)


def growth(values: ArrayLike, *, after: int) -> float:
    """Returns the slope of the least-squares line through equally spaced values.

    Args:
        values: one per step.
        after: number of initial values to ignore, while caches fill.
    """
    settled = np.asarray(values, float)[after:]
    return float(np.polyfit(np.arange(len(settled)), settled, 1)[0])


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed in the meantime, such as the one that lists the folder
        return ""
