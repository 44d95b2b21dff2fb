"""Times `import fer_core` in fresh interpreters, the time of starting Python taken off.

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
    print(f"import fer_core: {seconds:.2f} s (median of {REPEATS}; under 1 s is wanted)")


def median_seconds(code: str) -> float:
    """Returns how long a fresh interpreter takes for `code`, after one run to warm the disk up."""
    times = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


if __name__ == "__main__":
    main()
