"""Times `import fer_core` in new interpreters, minus the startup time of Python.

python benchmarks/import_time.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
REPEATS = 7


def main() -> None:
    """Prints the time."""
    seconds = median_seconds("import fer_core") - median_seconds("pass")
    print(f"import fer_core: {seconds:.2f} s (median of {REPEATS}; target: under 1 s)")


def median_seconds(code: str) -> float:
    """Returns how long a new interpreter takes for `code`, after one warm-up run."""
    times = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


if __name__ == "__main__":
    main()
