"""The watch over a server finds pictures wherever they are held: without it, the tests see less."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CANARY = random.Random(3).randbytes(64)

SERVER = """
import gc, os, signal, sys
import random
import numpy as np
from PIL import Image
holder = dict(others=[])
gc.freeze()
row = np.frombuffer(random.Random(3).randbytes(64), np.uint8)
held = {held}
holder["held"] = held
del held, row
signal.raise_signal(signal.SIGUSR1)
del holder["held"]
signal.raise_signal(signal.SIGUSR1)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of Unix")
@pytest.mark.parametrize(
    ("held", "kind"),
    [
        ("row.tobytes()", "bytes"),
        ("np.tile(row, 2)", "ndarray"),
        ("np.tile(row, 2).astype(np.float32) / 255", "ndarray"),
        ("Image.fromarray(np.tile(row, (4, 1)))", "Image"),
    ],
)
def test_what_a_frozen_object_holds_is_seen(tmp_path: Path, held: str, kind: str) -> None:
    (tmp_path / "canaries").write_text(CANARY.hex(), encoding="ascii")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "watched_server"), str(ROOT)]),
        "WATCH_LOG": str(tmp_path / "log"),
        "WATCH_CANARIES": str(tmp_path / "canaries"),
    }
    command = [sys.executable, "-c", SERVER.format(held=held), "streamlit"]
    subprocess.run(command, env=environment, check=True, cwd=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    before, after = (subject for what, subject in lines if what == "held")
    assert [0, kind] in before
    assert after == []
