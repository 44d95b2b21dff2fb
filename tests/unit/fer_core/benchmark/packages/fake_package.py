"""A package that does what the names of photos say, behind a real adapter in a real process."""

from __future__ import annotations

import sys
from pathlib import Path

from fer_core.benchmark.packages import PackageCommand

CLASSES = ("happiness", "Sadness", "bored")

ADAPTER = """
import json, os, subprocess, sys, time

def reply(**fields):
    print("\\n@reply " + json.dumps(fields), flush=True)

def face(*probabilities, box=(10, 10, 50, 50)):
    return {"box": box, "probabilities": probabilities}

FACES = {
    "happy": [face(0.6, 0.2, 0.2)],
    "sad": [face(0.1, 0.9, 0.0)],
    "bored": [face(0.0, 0.0, 1.0)],
    "nobody": [],
    "rounded": [face(0.66, 0.33, 0.04)],
    "sum": [face(0.5, 0.2, 0.1)],
    "nan": [face(float("nan"), 0.5, 0.5)],
    "negative": [face(-0.5, 1.0, 0.5)],
    "two": [face(0.5, 0.5)],
    "several": [face(0.9, 0.1, 0.0), face(0.1, 0.9, 0.0, box=(60, 0, 160, 100))],
    "boxless": [face(0.9, 0.1, 0.0, box=None), face(0.1, 0.9, 0.0, box=None)],
    "box": [face(0.9, 0.1, 0.0, box="left")],
}
START
for line in sys.stdin:
    request = json.loads(line)
    kind = os.path.basename(request["photo"]).split(".")[0]
    number = request["id"]
    if kind == "crash":
        sys.exit("the last words")
    elif kind == "killed":
        os.kill(os.getpid(), 9)
    elif kind == "hang":
        time.sleep(600)
    elif kind == "error":
        reply(id=number, error="no such\\nfile")
    elif kind == "json":
        print("@reply {'id': 1}", flush=True)
    elif kind == "list":
        print("@reply [1]", flush=True)
    elif kind == "anonymous":
        reply(faces=FACES["happy"])
    elif kind == "twice":
        for _ in range(200):
            reply(id=number, faces=FACES["happy"])
    elif kind == "noise":
        print("x" * 3_000_000)
        print('{"id": 1, "faces": []}')
        sys.stderr.write("y" * 3_000_000)
        print("progress 50%", end="", flush=True)
        os.write(1, b"\\xff\\x00 from C")
        reply(id=number, faces=FACES["happy"])
    elif kind == "secret":
        reply(id=number, error=",".join(sorted(os.environ)))
    elif kind == "request":
        reply(id=number, error=json.dumps(request))
    else:
        reply(id=number, faces=FACES[kind])
"""


def fake_package(
    folder: Path, start: str | None = None, classes: tuple[str, ...] = CLASSES
) -> PackageCommand:
    """Writes an adapter, and returns the command that runs it.

    Args:
        folder: where to write it.
        start: Python lines instead of those that describe the package.
        classes: what it says that it predicts.
    """
    described = f'reply(protocol=1, name="fake", version="1.2", classes={list(classes)})'
    adapter = folder / "fake_adapter.py"
    adapter.write_text(ADAPTER.replace("START", described if start is None else start))
    return PackageCommand("fake", Path(sys.executable), adapter)
