"""Jinja2 as this project uses it: HTML escapes every text, and a missing value is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


def template_environment(folder: Path) -> Environment:
    """Returns the environment of a folder of templates; only those in Markdown escape nothing."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(disabled_extensions=("md",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


TEMPLATES: Final = template_environment(Path(__file__).parent / "templates")
"""Of the tables in plain HTML that pages show."""
