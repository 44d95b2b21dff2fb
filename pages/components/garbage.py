"""When garbage is collected: not while somebody waits for an answer.

Streamlit's own collection after every run of a page is switched off in `.streamlit/config.toml`. It
looks at each object there is, most of which are modules that stay, and holds back the last words of
the run for 0.15 s.
"""

from __future__ import annotations

import gc
import importlib
import threading
import time
from typing import Final

COLLECT_AFTER_S: Final = 0.3

HOME_MODULES: Final = ("cv2",)
OTHER_MODULES: Final = ("pandas", "aiortc", "av", "onnxruntime", "scipy.stats")
FIRST_VISIT_WITHIN_S: Final = 10.0
DRAWN_AFTER_S: Final = 2.0

_is_due = threading.Lock()
_was_visited = threading.Event()
_may_hold_pictures = threading.Event()


def load_modules() -> None:
    """Loads large modules and takes all there are out of the collector's rounds for good.

    What Home needs comes while the first browser is on its way, the rest when its first page has
    run and the browser has had a moment to draw it, perhaps on the same cores. Modules with widgets
    of their own are left to the pages: Streamlit knows only those that were imported during a
    visit.
    """
    for name in HOME_MODULES:
        importlib.import_module(name)
    _freeze()
    _was_visited.wait(FIRST_VISIT_WITHIN_S)
    time.sleep(DRAWN_AFTER_S)
    for name in OTHER_MODULES:
        importlib.import_module(name)
    _freeze()


def expect_pictures() -> None:
    """Says that from now on what is alive may be a visitor's, and must not be kept for good."""
    _may_hold_pictures.set()


def _freeze() -> None:
    if not _may_hold_pictures.is_set():
        gc.collect()
        gc.freeze()


def collect_garbage_soon() -> None:
    """Collects a little after a page has run: what a run leaves may hold whole photos."""
    _was_visited.set()
    if _is_due.acquire(blocking=False):
        timer = threading.Timer(COLLECT_AFTER_S, _collect)
        timer.daemon = True
        timer.start()


def _collect() -> None:
    _is_due.release()
    gc.collect()
