"""The house: which room may import which, how they import each other, how large they may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]

# From the ground up: a room imports only from floors below its own.
FLOORS = (
    ("fer_core.errors", "fer_core.paths"),
    ("fer_core.labels", "fer_core.files", "fer_core.machine"),
    ("fer_core.imaging", "fer_core.fer2013"),
    ("fer_core.faces", "fer_core.preprocessing"),
    ("fer_core.quality",),
    ("fer_core.evaluation",),
    ("fer_core.evaluation.scores",),
    ("fer_core.evaluation.comparison", "fer_core.evaluation.reliability"),
    ("fer_core.evaluation.dataset",),
    ("fer_core.zoo.cards",),
    ("fer_core.zoo", "fer_core.zoo.importing"),
    ("fer_core.zoo.onnx_importing",),
    ("fer_core.recognition", "fer_core.explain", "fer_core.training_logs"),
    ("fer_core.tracking", "fer_core.batch", "fer_core.benchmark"),
    ("fer_core.drawing", "fer_core.benchmark.importing", "fer_core.benchmark.packages"),
    ("fer_core.live", "fer_core.video", "fer_core.benchmark.photos"),
    ("fer_core.plots",),
    ("fer_core.reports",),
    ("fer_core.reports.html_report",),
    ("fer_core.cli",),
    ("training.settings", "training.terminal", "training.publishing"),
    ("training.networks", "training.datasets"),
    ("training.datasets.ckplus", "training.input_pipeline"),
    ("training.run_directory",),
    ("training.loop",),
    ("training.assets",),
    ("training.artifacts",),
    ("training.train", "training.score_run", "training.results"),
    ("training.export", "training.ensemble", "training.predict", "training.compress"),
    ("training.sweep", "training.update_statistics", "training.studies", "training.ckplus"),
    ("training.evaluate",),
    ("pages.compat",),
    ("pages.widgets",),
    ("pages.links",),
    ("pages.session",),
    ("pages.pickers",),
    ("pages.shared", "pages.live.connection"),
    ("pages.home", "pages.live", "pages.upload", "pages.compare", "pages.confusion"),
    ("pages.curves", "pages.calibration", "pages.robustness", "pages.preprocessing"),
    ("pages.data", "pages.models", "pages.evaluate"),
    ("pages.navigation",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
PACKAGES = ("fer_core", "training", "pages")
MOST_FILES, MOST_FILES_ON_THE_GROUND, MOST_LINES = 12, 8, 350


class Import(NamedTuple):
    """One import statement: where it stands, what it imports from."""

    file: Path
    room: str
    module: str


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    module_of(file): file
    for file in chain.from_iterable(sorted((ROOT / each).rglob("*.py")) for each in PACKAGES)
}


def room_of(module: str) -> str:
    """The folder of a module; one on the ground floor is a room of its own."""
    file = MODULES[module]
    folder = ".".join(file.parent.relative_to(ROOT).parts)
    return module if folder in PACKAGES and file.name != "__init__.py" else folder


@cache
def exported_names(module: str) -> tuple[str, ...]:
    """What `__all__` of a room lists."""
    for node in ast.parse(MODULES[module].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return tuple(ast.literal_eval(node.value))
    return ()


def own_imports() -> Iterator[Import]:
    """Every import of the project's own modules, inside functions too."""
    for module, file in MODULES.items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            for name in node.names:
                whole = f"{node.module}.{name.name}"  # a module may share its name with a function
                is_module = whole in MODULES and name.name not in exported_names(node.module)
                imported = whole if is_module else node.module
                if imported in MODULES:
                    yield Import(file, room_of(module), imported)


def can_be_run(module: str) -> bool:
    return '__name__ == "__main__"' in MODULES[module].read_text(encoding="utf-8")


def test_every_room_has_its_floor() -> None:
    rooms = {room_of(module) for module in MODULES} - {*PACKAGES, "fer_core.__main__"}
    assert rooms == set(FLOOR_OF)


def test_rooms_import_only_from_floors_below() -> None:
    for file, room, imported in own_imports():
        other = room_of(imported)
        if other == room or room in PACKAGES or room == "fer_core.__main__":
            continue
        assert FLOOR_OF[other] < FLOOR_OF[room], f"{file}: {room} imports {imported}"


def test_rooms_import_each_other_by_their_front_door() -> None:
    """A module that can be run is imported by its name, for its room would load it before."""
    for file, room, imported in own_imports():
        other = room_of(imported)
        if room == "fer_core.__main__":  # the commands, which not everybody who uses the room loads
            continue
        if other == room:
            assert imported != room or file.stem == "__init__", f"{file} uses its own front door"
        elif imported != other:
            assert can_be_run(imported), f"{file}: import from {other} instead of {imported}"


def test_no_room_loads_what_can_be_run() -> None:
    """Python would load it twice, and warns."""
    for file, room, imported in own_imports():
        if room_of(imported) == room and not can_be_run(module_of(file)):
            assert not can_be_run(imported), f"{file} imports {imported}"


@pytest.mark.parametrize("module", [name for name in MODULES if MODULES[name].stem == "__init__"])
def test_a_front_door_says_what_the_room_is_for_and_holds_no_code(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), module
    for node in tree.body[1:]:
        exports = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        assert exports or isinstance(node, ast.ImportFrom), f"{module} line {node.lineno}"


def test_other_modules_hold_code() -> None:
    for module, file in MODULES.items():
        kinds = {type(node) for node in ast.parse(file.read_text(encoding="utf-8")).body[1:]}
        assert file.stem == "__init__" or not kinds <= {ast.Import, ast.ImportFrom}, module


def test_no_class_name_occurs_twice() -> None:
    """Somebody who reads a name in one room should not think of another room's class."""
    places: dict[str, list[str]] = {}
    for module, file in MODULES.items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(f"{module} line {node.lineno}")
    assert not {name: where for name, where in places.items() if len(where) > 1}


def test_no_room_and_no_file_is_too_large() -> None:
    folders = {file.parent for file in MODULES.values()}
    for folder in folders:
        files = [each for each in folder.iterdir() if each.is_file()]
        most = MOST_FILES_ON_THE_GROUND if folder == ROOT / "fer_core" else MOST_FILES
        assert len(files) <= most, f"{folder} has {len(files)} files"
    for file in MODULES.values():
        lines = len(file.read_text(encoding="utf-8").splitlines())
        assert lines <= MOST_LINES, f"{file} has {lines} lines"
