"""The load of this machine's processors."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

PROCESSOR_TIMES: Final = Path("/proc/stat")
"""The Linux counters of processor time (Linux, Documentation/filesystems/proc.rst)."""

IDLE_BELOW: Final = 0.2
"""Below this load, measured times are valid for the machine."""

SAMPLE_S: Final = 0.2


def processor_load(
    sample_s: float = SAMPLE_S, processor_times: Path = PROCESSOR_TIMES
) -> float | None:
    """Samples the processors for a moment and returns their load, 0 to 1.

    Counts all processors of the machine and all processes; the calling thread sleeps.

    Args:
        sample_s: sampling time in seconds.
        processor_times: the file with the counters.

    Returns:
        None if the system does not provide it.
    """
    before = _busy_and_all(processor_times)
    time.sleep(sample_s)
    after = _busy_and_all(processor_times)
    if before is None or after is None or after[1] <= before[1]:
        return None
    return min(1.0, max(0.0, (after[0] - before[0]) / (after[1] - before[1])))


def wait_until_idle(
    patience_s: float, *, load: Callable[[], float | None] = processor_load
) -> float | None:
    """Waits until the load is below `IDLE_BELOW`.

    Args:
        patience_s: maximum waiting time in seconds.
        load: measures the load, which takes a moment.

    Returns:
        The last load: at least `IDLE_BELOW` after a timeout, None if unknown.
    """
    until_s = time.monotonic() + patience_s
    while True:
        share = load()
        if share is None or share < IDLE_BELOW or time.monotonic() >= until_s:
            return share


def _busy_and_all(processor_times: Path) -> tuple[int, int] | None:
    """Returns clock ticks of all processors since boot: busy ticks, and all ticks."""
    try:
        name, *columns = processor_times.read_text("ascii").split("\n", 1)[0].split()
        user, nice, system, idle, io_wait, interrupts, soft, stolen = map(int, columns[:8])
    except (OSError, ValueError):
        return None
    if name != "cpu":
        return None
    busy = user + nice + system + interrupts + soft + stolen
    return busy, busy + idle + io_wait
