"""Makes the goldens anew, for who has changed on purpose what users rely on.

python -m tests.goldens.make            all that the tests compare with; look at the diff
python -m tests.goldens.make links      one file of tests only, here test_links.py
python -m tests.goldens.make half-done  the half-done runs: see README.md before
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.goldens.commands import STOPPED_AFTER, checksum, fer, write_album, write_clip
from tests.goldens.golden_files import DATA, MODELS, ONNX

HALF_DONE = DATA / "half_done"


def make_half_done() -> None:
    """Begins a run of each kind with the code as it is, stops it, and keeps what is left of it."""
    from fer_core.onnx_export import onnx_path
    from fer_core.zoo import load_card

    shutil.rmtree(HALF_DONE, ignore_errors=True)
    HALF_DONE.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        folder = Path(scratch)
        patch.setenv("FER_CACHE_DIR", str(folder / "cache"))
        patch.setenv("FER_MODELS_DIR", str(MODELS))
        for model in MODELS.iterdir():
            shutil.copyfile(ONNX / f"{model.name}.onnx", onnx_path(load_card(model.name)))
        _batch(folder, patch)
        _video(folder, patch)
        _training(folder, patch)


def _batch(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """All parts are done, and the table is not written: a test leaves out the last part."""
    from fer_core.batch import command

    real = command.score_folder  # type: ignore[attr-defined]

    def stopped(*arguments: object, **options: object) -> object:
        def stop(done: int, total: int) -> None:
            if done == total:
                raise KeyboardInterrupt

        return real(*arguments, **options | {"progress": stop})  # type: ignore[arg-type]

    album = write_album(folder / "album")
    patch.setattr(command, "score_folder", stopped)
    result = fer(
        "batch",
        album,
        "--out",
        folder / "faces.csv",
        "--model",
        "tiny_units",
        "--threshold",
        "0.1",
        "--workers",
        "1",
    )
    assert result.exit_code == 130, result.output
    shutil.copytree(folder / "faces.csv.partial", HALF_DONE / "batch")
    _put_marks(HALF_DONE / "batch" / "plan.json", {str(album.resolve()): "@FOLDER@"})


def _video(folder: Path, patch: pytest.MonkeyPatch) -> None:
    from fer_core.video import command

    @contextmanager
    def stopped(what: str) -> Iterator[object]:
        def stop(so_far: object) -> None:
            if so_far.frames >= STOPPED_AFTER:  # type: ignore[attr-defined]
                raise KeyboardInterrupt

        yield stop

    clip = write_clip(folder / "clip.mkv")
    patch.setattr(command, "_progress", stopped)
    table = folder / "clip.csv"
    result = fer(
        "video",
        clip,
        "--csv",
        table,
        "--json",
        folder / "clip.json",
        "--model",
        "tiny_a",
        "--threshold",
        "0.1",
    )
    assert result.exit_code == 130, result.output
    (HALF_DONE / "video").mkdir()
    kept = HALF_DONE / "video" / "clip.csv.partial"
    shutil.copyfile(folder / "clip.csv.partial", kept)
    _put_marks(kept, {checksum(clip): "@CLIP@", str(folder.resolve()): "@FOLDER@"})


def _training(folder: Path, patch: pytest.MonkeyPatch) -> None:
    from tests.goldens.trainings import CONFIG, train
    from training import train as program

    def stop(row: dict[str, float]) -> str:
        raise KeyboardInterrupt

    patch.setattr(program, "_describe", stop)
    assert train(folder, folder / "run").exit_code != 0
    shutil.copytree(folder / "run", HALF_DONE / "training")
    assert (HALF_DONE / "training" / "config.toml").read_text() == CONFIG


def _put_marks(path: Path, marks: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for value, mark in marks.items():
        assert json.dumps(value)[1:-1] in text
        text = text.replace(json.dumps(value)[1:-1], mark)
    path.write_text(text, encoding="utf-8")


def make(*names: str) -> int:
    """Runs the tests, or those of the files that are named, so that they write what they find."""
    here = Path(__file__).parent
    places = [str(here / f"test_{name}.py") for name in names] or [str(here)]
    options = ["-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *places],
        env=os.environ | {"FER_WRITE_GOLDENS": "1"},
        check=False,
    ).returncode


if __name__ == "__main__":
    if sys.argv[1:] == ["half-done"]:
        make_half_done()
    else:
        sys.exit(make(*sys.argv[1:]))
