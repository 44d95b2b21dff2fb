"""The adapter in docs/evaluate.md, as a user would copy it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from fer_core.benchmark.packages import PackageCommand, PackageProcess, evaluate_package
from tests.conftest import PROJECT

SMILES = """
from types import SimpleNamespace

__version__ = "0.3"

def predict(photo, detect):
    if photo.endswith("broken.jpg"):
        raise ValueError("cannot be read")
    scores = {"neutral": 0.1, "sad": 0.2, "happy": 0.7}
    return [SimpleNamespace(left=1, top=2, right=3, bottom=4 if detect else 5, scores=scores)]
"""


@pytest.fixture
def command(tmp_path: Path) -> PackageCommand:
    guide = (PROJECT / "docs" / "evaluate.md").read_text("utf-8")
    (adapter,) = re.findall(r"```python\n(import json\n.*?)```", guide, re.DOTALL)
    assert len(adapter.splitlines()) <= 30
    (tmp_path / "my_adapter.py").write_text(adapter, "utf-8")
    (tmp_path / "smiles.py").write_text(SMILES, "utf-8")
    return PackageCommand.parse(f"mine={sys.executable}:{tmp_path}/my_adapter.py")


def test_it_runs(command: PackageCommand) -> None:
    entry = evaluate_package(command, [Path("/photos/1.jpg"), Path("/photos/broken.jpg")])
    assert entry.title == "smiles 0.3"
    assert [entry.labels[label] for label in entry.predicted] == ["happy"]
    assert entry.reasons.tolist() == ["", "smiles 0.3: cannot be read."]


def test_it_passes_on_that_photos_are_cropped(command: PackageCommand) -> None:
    with PackageProcess(command) as package:
        (found,) = package.faces(Path("1.jpg")).faces
        (given,) = package.faces(Path("1.jpg"), pre_cropped=True).faces
    assert found.box == pytest.approx((1, 2, 3, 4))
    assert given.box == pytest.approx((1, 2, 3, 5))
