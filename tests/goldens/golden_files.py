"""Reads and writes the golden files, so that a change of one is a diff that a person can read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).resolve().parent / "data"
MODELS: Final = DATA / "models"
ONNX: Final = DATA / "onnx"

_WIDTH: Final = 100
_WRITE: Final = "FER_WRITE_GOLDENS"


def golden(name: str, now: Any) -> Any:
    """Returns what a golden file holds; when goldens are made, it is written first.

    Args:
        name: of the file, without suffix.
        now: what the code gives, as JSON data.
    """
    path = DATA / f"{name}.json"
    if writes_goldens():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_lines(now) + "\n", encoding="utf-8")
    return read_golden(name)


def read_golden(name: str) -> Any:
    """Returns what a golden file holds."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def writes_goldens() -> bool:
    """Tells whether this run makes the goldens anew, as `python -m tests.goldens.make` does."""
    return os.environ.get(_WRITE) == "1"


def _lines(value: Any, indent: int = 0) -> str:
    """Returns JSON in which whatever fits stands on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= _WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        inner = [
            f"{json.dumps(key, ensure_ascii=False)}: {_lines(each, indent + 1)}"
            for key, each in value.items()
        ]
    else:
        inner = [_lines(each, indent + 1) for each in value]
    begin, end = "{}" if isinstance(value, dict) else "[]"
    return f"{begin}\n{pad}" + f",\n{pad}".join(inner) + f"\n{' ' * indent}{end}"
