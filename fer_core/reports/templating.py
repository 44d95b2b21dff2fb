"""Jinja2 environments: HTML templates escape text, and a missing value is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


def template_environment(folder: Path) -> Environment:
    """Returns the environment of a folder of templates; only Markdown templates do not escape."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(disabled_extensions=("md",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


TEMPLATES: Final = template_environment(Path(__file__).parent / "templates")
"""Templates of the plain HTML tables that pages show."""
