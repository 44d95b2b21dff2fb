"""Times `python -m fer_core batch` on a folder of photos, with one process and with several.

    python benchmarks/folder_throughput.py path/to/photos --workers 1 --workers 2 --rounds 3

Rounds alternate, so that other load on the machine affects all alike. Processor time is the cost of
a photo independent of other load.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from fer_core.machine.processors import available_processors  # noqa: E402


def main(
    folder: Path,
    workers: Annotated[list[int] | None, typer.Option(min=1)] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 1,
    model: str | None = None,
) -> None:
    """Runs the measurement; see the module's docstring."""
    print(f"{platform.processor() or platform.machine()}, {available_processors()} cores")
    print(f"{'workers':>7} {'seconds':>8} {'processor s':>12} {'load':>6}")
    for _ in range(rounds):
        for count in workers or [1, available_processors()]:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            started = time.perf_counter()
            with tempfile.TemporaryDirectory() as name:
                command = [sys.executable, "-m", "fer_core", "batch", str(folder.resolve())]
                command += ["--out", f"{name}/faces.parquet", "--workers", str(count)]
                command += ["--model", model] if model else []
                result = subprocess.run(
                    command, cwd=PROJECT, check=True, capture_output=True, text=True
                )
            seconds = time.perf_counter() - started
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"{count:>7} {seconds:>8.1f} {cpu_s:>12.1f} {os.getloadavg()[0]:>6.1f}")
    print(result.stdout)


if __name__ == "__main__":
    typer.run(main)
