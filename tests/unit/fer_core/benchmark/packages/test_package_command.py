"""How a package, its Python and its adapter are named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fer_core.benchmark.packages import ADAPTERS, PackageCommand
from fer_core.errors import PackageError


def test_a_shipped_adapter_is_found_by_the_name_of_the_package() -> None:
    command = PackageCommand.parse(f"fer={sys.executable}")
    assert command == PackageCommand("fer", Path(sys.executable), ADAPTERS["fer"])


def test_a_package_may_have_a_name_of_its_own() -> None:
    command = PackageCommand.parse(f"fer-22.5.1={sys.executable}:fer")
    assert command == PackageCommand("fer-22.5.1", Path(sys.executable), ADAPTERS["fer"])


def test_an_adapter_may_be_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my adapter.py").touch()
    monkeypatch.chdir(tmp_path)
    absolute = PackageCommand.parse(f"mine={sys.executable}:{tmp_path}/my adapter.py")
    relative = PackageCommand.parse(f"mine={sys.executable}:my adapter.py")
    assert absolute == relative
    assert absolute.adapter == tmp_path / "my adapter.py"


def test_the_link_of_a_virtual_environment_is_kept(tmp_path: Path) -> None:
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    assert PackageCommand.parse(f"fer={link}").interpreter == link


def test_a_drive_is_no_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr(Path, "is_file", lambda path: True)
    command = PackageCommand.parse(r"fer=C:\others\python.exe")
    assert command.interpreter.name == r"C:\others\python.exe"
    assert command.adapter == ADAPTERS["fer"]
    command = PackageCommand.parse(r"fer=C:\others\python.exe:D:\mine.py")
    assert command.interpreter.name == r"C:\others\python.exe"
    assert command.adapter.name == r"D:\mine.py"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fer", r"Expected a package as NAME=INTERPRETER or .*\. Received: fer"),
        ("fer=", "Expected a package as"),
        ("a b=python", "Expected a package as"),
        ("fer=/no/such/python", "interpreter of the package fer cannot be run"),
        (f"mine={sys.executable}", "There is no adapter mine for the package mine"),
        (f"mine={sys.executable}:no_such.py", "There is no adapter no_such.py .* fer, deepface"),
    ],
)
def test_a_mistake_is_one_sentence(text: str, message: str) -> None:
    with pytest.raises(PackageError, match=message):
        PackageCommand.parse(text)
