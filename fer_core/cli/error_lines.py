"""What every command shares: UTF-8 output, and errors that end it with one line."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from fer_core.errors import FerError
from fer_core.files import shown


class Commands(TyperGroup):
    """A group of commands that reports an expected error as one line."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Runs the command line."""
        with errors_as_lines():
            return super().main(*args, **options)


@contextmanager
def errors_as_lines() -> Iterator[None]:
    """Ends the process with a message and exit code 1 after an error that the user can fix."""
    write_utf8()
    try:
        yield
    except (FerError, OSError) as error:
        sys.stderr.write(f"{_message(error)}\n")
        raise SystemExit(1) from error


def _message(error: FerError | OSError) -> str:
    if isinstance(error, FerError):
        return shown(error, keep_lines=True)  # some list several problems, one per line
    place = "" if error.filename is None else f"{shown(error.filename)}: "
    return f"{place}{shown(error.strerror or error)}."


def write_utf8() -> None:
    """Makes standard output and standard error UTF-8, whatever the terminal or locale.

    File names may hold any character, and a piped table may be read on another system.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
