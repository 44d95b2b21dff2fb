"""How busy this machine's processors are."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

PROCESSOR_TIMES: Final = Path("/proc/stat")
"""Where Linux counts what its processors did (Linux, Documentation/filesystems/proc.rst)."""

IDLE_BELOW: Final = 0.2
"""With a smaller share of the processors busy, times measured here are those of the machine."""

SAMPLE_S: Final = 0.2


def processor_load(
    sample_s: float = SAMPLE_S, processor_times: Path = PROCESSOR_TIMES
) -> float | None:
    """Watches the processors for a moment and returns the share of them that was busy, 0 to 1.

    That is all of the machine's processors, whoever uses them; the calling thread sleeps.

    Args:
        sample_s: how long to watch.
        processor_times: the file with the counts.

    Returns:
        None where the system does not say.
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
    """Waits until less than `IDLE_BELOW` of the processors is busy.

    Args:
        patience_s: how long to wait at most.
        load: measures the share that is busy, and takes a moment.

    Returns:
        The last load: at least `IDLE_BELOW` when the time was up, None where it is not known.
    """
    until_s = time.monotonic() + patience_s
    while True:
        share = load()
        if share is None or share < IDLE_BELOW or time.monotonic() >= until_s:
            return share


def _busy_and_all(processor_times: Path) -> tuple[int, int] | None:
    """Returns clock ticks of all processors since the start: those spent working, and all."""
    try:
        name, *columns = processor_times.read_text("ascii").split("\n", 1)[0].split()
        user, nice, system, idle, io_wait, interrupts, soft, stolen = map(int, columns[:8])
    except (OSError, ValueError):
        return None
    if name != "cpu":
        return None
    busy = user + nice + system + interrupts + soft + stolen
    return busy, busy + idle + io_wait
