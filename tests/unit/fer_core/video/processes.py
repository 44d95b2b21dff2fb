"""`python -m fer_core video` as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from fer_core.cli.main import app
from tests.conftest import PROJECT


def fer(*arguments: str | Path) -> Result:
    """Runs `python -m fer_core video` in this process."""
    options = ["--detector", "haar"]
    return CliRunner().invoke(app, ["video", *map(str, arguments), *options])


def as_process(*arguments: str | Path) -> subprocess.Popen[str]:
    """Starts the same in a separate process, which may be stopped or killed."""
    command = [sys.executable, "-m", "fer_core", "video", *map(str, arguments)]
    return subprocess.Popen(
        [*command, "--detector", "haar"],
        cwd=PROJECT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
