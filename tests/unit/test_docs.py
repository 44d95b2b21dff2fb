"""The documents name all that a user can set, call or open, and nothing that is not there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, cast, get_args

import pytest
import typer
from pydantic import BaseModel

from fer_core.cli.main import app
from training.ckplus.settings import CkPlusSettings
from training.settings import TrainingSettings

ROOT = Path(__file__).parents[2]
CODE = ("fer_core", "pages", "training", "app.py")
DECISIONS = ROOT / "docs" / "decisions"
GUIDES = [
    *sorted(set(ROOT.glob("*.md")) - {ROOT / "CHANGELOG.md"}),
    *sorted((ROOT / "docs").rglob("*.md")),
]
COMMANDS = cast(Any, typer.main.get_command(app)).commands


PARTS = ["Context", "Decision", "Consequences"]


def python_files(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


@cache
def documents() -> str:
    return "\n".join(guide.read_text("utf-8") for guide in GUIDES)


@cache
def named_in(document: str) -> set[str]:
    """Whatever a document sets in backquotes."""
    return set(re.findall(r"`([^`\n]+)`", (ROOT / document).read_text("utf-8")))


def environment_variables() -> set[str]:
    texts = (file.read_text("utf-8") for file in chain.from_iterable(map(python_files, CODE)))
    return {name for text in texts for name in re.findall(r"\bFER_[A-Z_]*[A-Z]\b", text)}


@cache
def options() -> set[tuple[str, str]]:
    """Each command with each of its options."""
    return {
        (name, max(parameter.opts, key=len))
        for name, command in COMMANDS.items()
        for parameter in command.params
        if parameter.param_type_name == "option"
    }


def training_commands() -> set[str]:
    files = (file for file in python_files("training"))
    runnable = {file for file in files if '__name__ == "__main__"' in file.read_text("utf-8")}
    modules = (file.relative_to(ROOT / "training").with_suffix("").parts for file in runnable)
    return {".".join(parts).removesuffix(".__main__") for parts in modules}


def page_paths() -> set[str]:
    """The paths in the URLs of all pages but the first."""
    tree = ast.parse((ROOT / "pages" / "navigation.py").read_text("utf-8"))
    keywords = (node for node in ast.walk(tree) if isinstance(node, ast.keyword))
    values = (node.value for node in keywords if node.arg == "url_path")
    return {f"/{ast.literal_eval(value)}" for value in values}


def models_within(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_within(argument)


def choices_within(annotation: Any) -> Iterator[str]:
    for argument in get_args(annotation):
        if isinstance(argument, str):
            yield argument
        else:
            yield from choices_within(argument)


def settings_of(model: type[BaseModel], section: str = "") -> Iterator[tuple[str, list[str]]]:
    """The settings of a config, as `section.name`, each with the words that it may be."""
    for name, setting in model.model_fields.items():
        sections = list(models_within(setting.annotation))
        for each in sections:
            yield from settings_of(each, f"{name}.")
        if not sections:
            yield section + name, list(choices_within(setting.annotation))


def documented_settings() -> Iterator[str]:
    """The first cells in the tables of docs/training.md, each within the `[section]` above it."""
    section = ""
    for line in (ROOT / "docs" / "training.md").read_text("utf-8").splitlines():
        if line.startswith("#"):
            section = ""
        elif begins := re.match(r"`\[(\w+)\]`", line):
            section = f"{begins.group(1)}."
        elif row := re.match(r"\| ([^|]*`[^|]*)\|", line):
            for name in re.findall(r"`([\w.]+)`", row.group(1)):
                yield name if "." in name else section + name


def streamlit_settings(table: dict[str, Any], place: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from streamlit_settings(value, f"{place}{name}.")
        else:
            yield f"{place}{name}"


def table_row(document: str, name: str) -> str:
    """The lines of a document that begin, as a row of a table, with `name`."""
    lines = (ROOT / document).read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if re.match(rf"\| [^|]*`{re.escape(name)}`", line))


def exists(name: str) -> bool:
    """Whether a Python file is there; documents may name it from within its package, or alone."""
    if "/" not in name:
        return name in file_names()
    return any((ROOT / start / name).is_file() for start in ("", "fer_core", "pages", "training"))


def can_be_run(module: str) -> bool:
    """Whether `python -m module` finds something, without importing it."""
    place = ROOT.joinpath(*module.split("."))
    return place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


@cache
def file_names() -> set[str]:
    places = (*CODE, "tests", "benchmarks")
    return {file.name for file in chain.from_iterable(map(python_files, places))}


def headings(document: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_what_is_to_be_documented_is_found() -> None:
    assert {"FER_CACHE_DIR", "FER_ICE_SERVERS", "FER_CODE_COMMIT"} <= environment_variables()
    assert {("batch", "--resume"), ("report", "--model")} <= options()
    assert {"train", "ckplus", "artifacts.robustness"} <= training_commands()
    assert {"/live", "/models"} <= page_paths()
    assert {"distillation.teachers", "seed", "augmentation.zoom"} <= {
        name for name, _ in settings_of(TrainingSettings)
    }


@pytest.mark.parametrize("variable", sorted(environment_variables()))
def test_an_environment_variable_is_documented(variable: str) -> None:
    assert variable in named_in("docs/settings.md"), f"document {variable} in docs/settings.md"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_documented(command: str) -> None:
    assert f"python -m fer_core {command}" in documents()


@pytest.mark.parametrize(("command", "option"), sorted(options()))
def test_an_option_is_documented(command: str, option: str) -> None:
    row = table_row("docs/scoring.md", option)
    assert f"`{command}`" in row, f"document {option} of {command} in docs/scoring.md"


@pytest.mark.parametrize("command", sorted(training_commands()))
def test_a_training_command_is_documented(command: str) -> None:
    assert table_row("docs/training.md", command), f"document training.{command}"


@pytest.mark.parametrize("path", sorted(page_paths()))
def test_a_page_is_documented(path: str) -> None:
    assert path in named_in("README.md"), f"name the page {path} in README.md"
    for kind in ("desk-light", "desk-dark", "phone-light", "phone-dark"):
        assert (ROOT / "docs" / "screenshots" / f"{path[1:]}-{kind}.png").is_file()


@pytest.mark.parametrize("model", [TrainingSettings, CkPlusSettings])
def test_training_settings_are_documented(model: type[BaseModel]) -> None:
    documented = set(documented_settings())
    for name, choices in settings_of(model):
        assert name in documented, f"document the setting {name} in docs/training.md"
        assert set(choices) <= named_in("docs/training.md"), f"document what {name} may be"


def test_streamlit_settings_are_documented() -> None:
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))
    named = named_in("docs/settings.md")
    for setting in streamlit_settings(config):
        is_of_a_theme = setting.startswith(("theme.light.", "theme.dark."))
        name = setting.rpartition(".")[2] if is_of_a_theme else setting
        assert name in named, f"document {setting} in docs/settings.md"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: str(guide.relative_to(ROOT)))
def test_a_document_names_only_what_exists(guide: Path) -> None:
    text = guide.read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        assert "://" in link or (guide.parent / link).exists(), f"{guide} links to {link}"
    for module in re.findall(r"python -m ((?:fer_core|training)[\w.]*)", text):
        assert can_be_run(module), f"{guide} runs {module}"
    for name in re.findall(r"`([\w/]+\.py)`", text):
        assert exists(name), f"{guide} names {name}"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: str(guide.relative_to(ROOT)))
def test_links_lead_to_headings_that_exist(guide: Path) -> None:
    for link, heading in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", guide.read_text("utf-8")):
        target = guide.parent / link if link else guide
        assert heading in headings(target), f"{guide} links to {link}#{heading}"


def test_commands_in_the_documents_have_only_options_that_exist() -> None:
    calls = re.findall(r"python -m fer_core ([\w-]+)([^\n`#]*)", documents())
    assert calls
    for command, rest in calls:
        for option in re.findall(r"--[\w-]+", rest):
            assert (command, option) in options() or option == "--help", f"{command} {option}"


def test_every_room_is_named_in_the_architecture() -> None:
    named = {part for name in named_in("docs/architecture.md") for part in name.split("/")}
    for package in ("fer_core", "training", "pages"):
        rooms = {file.parent.name for file in (ROOT / package).rglob("__init__.py")} - {package}
        assert rooms <= named, f"docs/architecture.md lacks {rooms - named}"


def test_every_decision_is_listed_and_has_its_parts() -> None:
    index = (DECISIONS / "README.md").read_text("utf-8")
    records = sorted(DECISIONS.glob("[0-9]*.md"))
    listed = re.findall(r"^- \[\d+\]\(([^)]+)\) (.+)$", index, re.MULTILINE)
    assert [name for name, _ in listed] == [record.name for record in records]
    for record, (_, title) in zip(records, listed, strict=True):
        text = record.read_text("utf-8")
        assert text.startswith(f"# {int(record.name[:4])}. {title}\n"), record
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == PARTS, record
