"""Runs one visitor's live video for half an hour and prints the server's memory each minute.

    python benchmarks/live_endurance.py
    python benchmarks/live_endurance.py --minutes 5 --faces 3

The server is `streamlit run app.py`, the visitor a real Chromium with a camera of 15 frames per
second. Growth is measured after the first third, in which caches and the timeline fill.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import typer

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.app_server import chromium, keep_playing, play_live, serving_app  # noqa: E402
from benchmarks.measuring import files, growth, machine, status  # noqa: E402


def main(minutes: int = 30, faces: int = 1, port: int | None = None) -> None:
    """Runs the measurement; see the module's docstring."""
    print(machine())
    print("minute  memory MB  threads  files  sockets  load  text on the page")
    memory_mb = []
    with serving_app(port) as server, chromium(faces) as browser:
        page = browser.new_page()
        page.set_default_timeout(60_000)
        play_live(page, server.address)
        started_s = time.monotonic()
        for minute in range(minutes + 1):
            page.wait_for_timeout(max(0.0, started_s + 60 * minute - time.monotonic()) * 1000)
            numbers, (opened, sockets) = status(server.process), files(server.process)
            memory_mb.append(numbers["VmRSS"] / 1024)
            # If there is no result of the last three seconds, the page says that instead.
            metrics, notes = page.get_by_test_id("stMetric"), page.get_by_test_id("stAlert")
            shown = " | ".join(metrics.all_inner_texts() or notes.all_inner_texts())
            print(
                f"{minute:6}  {memory_mb[-1]:9.1f}  {numbers['Threads']:7}  {opened:5}  "
                f"{sockets:7}  {os.getloadavg()[0]:4.1f}  {' '.join(shown.split())}",
                flush=True,
            )
            keep_playing(page)
    print(f"Growth: {growth(memory_mb, after=minutes // 3):+.2f} MB per minute. {machine()}")


if __name__ == "__main__":
    typer.run(main)
