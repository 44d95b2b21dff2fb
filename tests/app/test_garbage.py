"""When garbage is collected."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref

import pytest

from pages.components.garbage import collect_garbage_soon

LOADED = """
import gc, sys
from pages.components.garbage import collect_garbage_soon, expect_pictures, load_modules
collect_garbage_soon()  # somebody was here
if sys.argv[1] == "agreed":
    expect_pictures()
load_modules()
assert (gc.get_freeze_count() > 50_000) == (sys.argv[1] == "not agreed")
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


@pytest.mark.parametrize("state", ["not agreed", "agreed"])
def test_modules_are_out_of_the_collectors_rounds_unless_pictures_may_be_there(state: str) -> None:
    subprocess.run([sys.executable, "-c", LOADED, state], check=True)
