"""No command loses existing files, and outputs are checked before any work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fer_core.errors import OutputError
from fer_core.files.output_files import check_outputs

CONTENT = b"what must not be lost"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(CONTENT)
    return path


def symlink(source: Path) -> Path:
    link = source.with_name("link.mp4")
    link.symlink_to(source)
    return link


def hard_link(source: Path) -> Path:
    link = source.with_name("hard.mp4")
    os.link(source, link)
    return link


def folder_link(source: Path) -> Path:
    link = source.with_name("folder")
    link.symlink_to(source.parent, target_is_directory=True)
    return link / source.name


SPELLINGS: dict[str, Callable[[Path], Path]] = {
    "the same": lambda source: source,
    "with dots": lambda source: source.parent / "." / "x" / ".." / source.name,
    "relative": lambda source: Path(os.path.relpath(source)),
    "a link": symlink,
    "a hard link": hard_link,
    "through a linked folder": folder_link,
    "what a run keeps beside an output": lambda source: source.with_suffix(""),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("overwrite", [False, True])
def test_no_output_is_an_input(source: Path, spelling: str, *, overwrite: bool) -> None:
    (source.parent / "x").mkdir()
    output = SPELLINGS[spelling](source)
    if spelling.startswith("what"):
        source = source.rename(f"{output}.partial")
    with pytest.raises(OutputError, match="--csv must not be an input file"):
        check_outputs({"--csv": output}, inputs=[source], overwrite=overwrite)
    assert source.read_bytes() == CONTENT


@pytest.mark.parametrize("second", ["a.csv", "./a.csv", "A.CSV", "a.csv.partial", "a.csv.lock"])
def test_no_output_is_written_twice(tmp_path: Path, second: str) -> None:
    outputs = {"--csv": tmp_path / "a.csv", "--json": tmp_path / second}
    with pytest.raises(OutputError, match="--csv and --json must be different files"):
        check_outputs(outputs)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_replaced_only_on_request(source: Path) -> None:
    with pytest.raises(OutputError, match="--overwrite"):
        check_outputs({"--out": source})
    check_outputs({"--out": source}, overwrite=True)
    assert source.read_bytes() == CONTENT


def test_two_outputs_with_names_of_their_own_are_fine(source: Path) -> None:
    outputs = {"--csv": source.with_name("a.csv"), "--json": source.with_name("a.json")}
    check_outputs(outputs, inputs=[source])
    assert [path.name for path in source.parent.iterdir()] == ["clip.mp4"]


def dangling(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "none" / "a.csv")
    return folder / "link"


def circle(folder: Path) -> Path:
    (folder / "circle").symlink_to(folder / "circle")
    return folder / "circle"


def within_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "a.csv"


def write_protected(folder: Path) -> Path:
    path = folder / "kept.csv"
    path.touch(mode=0o444)
    return path


BAD_PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no folder": (lambda folder: folder / "none" / "a.csv", "folder of --out must exist"),
    "in a file": (within_a_file, "folder of --out must exist"),
    "a folder": (lambda folder: folder, "a folder"),
    "a link to nothing": (dangling, "broken link"),
    "a link to itself": (circle, "broken link"),
    "a device": (lambda folder: Path(os.devnull), "regular file"),
    "a long name": (lambda folder: folder / ("a" * 250 + ".csv"), "cannot be written"),
    "write-protected": (write_protected, "write-protected"),
    "a closed folder": (lambda folder: Path("/proc/a.csv"), "cannot be written"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows names and protects things otherwise")
@pytest.mark.parametrize("place", BAD_PLACES)
def test_an_invalid_output_path_is_reported_in_one_line(tmp_path: Path, place: str) -> None:
    make, words = BAD_PLACES[place]
    path = make(tmp_path)
    if path.is_file() and os.access(path, os.W_OK):
        pytest.skip("whoever runs this may write everything")
    if place == "a closed folder" and not path.parent.is_dir():
        pytest.skip("there is no folder that is closed to everybody")
    with pytest.raises(OutputError, match=words) as caught:
        check_outputs({"--out": path}, overwrite=True)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("*.tmp"))
