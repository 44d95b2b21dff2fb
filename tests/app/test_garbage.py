"""When garbage is collected."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref

from pages.components.garbage import collect_garbage_soon

LOADED = """
import gc
from pages.components.garbage import collect_garbage_soon, load_modules
collect_garbage_soon()  # somebody was here
load_modules()
assert gc.get_freeze_count() > 50_000
"""


class Ring:
    """What only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


def test_what_a_run_leaves_is_gone_soon() -> None:
    left = weakref.ref(Ring())
    gc.disable()
    try:
        before = threading.active_count()
        for _ in range(20):
            collect_garbage_soon()
        assert left() is not None
        assert threading.active_count() <= before + 1
        deadline = time.monotonic() + 30
        while left() is not None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        gc.enable()


def test_modules_are_out_of_the_collectors_rounds() -> None:
    subprocess.run([sys.executable, "-c", LOADED], check=True)
