"""What several benchmarks say: which machine this is, and what a process takes (on Linux)."""

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
    """Returns processor, cores, and the load of the last minute and quarter of an hour."""
    load = os.getloadavg()
    name = platform.processor() or platform.machine()
    return f"{name}, {available_processors()} cores, load {load[0]:.1f} (15 min: {load[2]:.1f})"


def p50_p95(times: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """Returns what half and what 95 of 100 of the times stay below."""
    p50, p95 = np.percentile(times, (50, 95))
    return float(p50), float(p95)


def status(process: int | str = "self") -> dict[str, int]:
    """Returns the numbers of `/proc/PID/status`; none of a process that is gone."""
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return {}
    return {name: int(value) for name, value in re.findall(r"^(\w+):\s+(\d+)", text, re.MULTILINE)}


def family(process: int) -> list[int]:
    """Returns a process and all that it started, and they."""
    found = [process]
    for member in found:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                found += map(int, children.read_text(encoding="ascii").split())
            except OSError:  # the thread or process has just ended
                continue
    return found


def resident_mb(process: int) -> float:
    """Returns the resident memory of a process and all that it started, shared pages twice."""
    return sum(status(member).get("VmRSS", 0) for member in family(process)) / 1024


def peak_resident_mb(process: int) -> float:
    """Returns the sum of the largest that each of them has held; those that are gone not."""
    return sum(status(member).get("VmHWM", 0) for member in family(process)) / 1024


def files(process: int | str = "self") -> tuple[int, int]:
    """Returns how many files a process holds open, and how many of them are sockets."""
    links = [_target(link) for link in Path(f"/proc/{process}/fd").iterdir()]
    return len(links), sum(link.startswith("socket:") for link in links)


def growth(values: ArrayLike, *, after: int) -> float:
    """Returns the slope of the least-squares line through values in even steps.

    Args:
        values: one per step.
        after: so many at the beginning do not count, while caches fill.
    """
    settled = np.asarray(values, float)[after:]
    return float(np.polyfit(np.arange(len(settled)), settled, 1)[0])


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed meanwhile, as the one that lists the folder
        return ""
