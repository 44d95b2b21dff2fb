from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

DEEDS = {
    "connect": "socket.create_connection(('127.0.0.1', 9))",
    "listen": "socket.socket().bind(('127.0.0.1', 0))",
    "look a host up": "socket.getaddrinfo('localhost', 80)",
    "fetch": "urllib.request.urlopen('http://127.0.0.1:9/')",
    "run a command": "os.system('touch canary')",
    "start a process": "subprocess.run(['touch', 'canary'])",
    "write": "open('canary', 'w')",
    "write bytes": "pathlib.Path('canary').write_bytes(b'x')",
    "write below Python's files": "os.open('canary', os.O_CREAT | os.O_WRONLY)",
    "make a folder": "os.mkdir('canary')",
    "remove": "os.remove('secret')",
    "rename": "os.rename('secret', 'canary')",
    "link": "os.symlink('secret', 'canary')",
}
SCRIPT = """
import json, os, pathlib, socket, subprocess, sys, urllib.request
from fer_core.zoo.importing.limits import forbid_contact, forbid_writing, limit_growth
limit_growth()
forbid_contact()
forbid_writing()
outcomes = {}
for name, deed in json.loads(sys.argv[1]).items():
    try:
        exec(deed)
        outcomes[name] = "done"
    except PermissionError:
        outcomes[name] = "refused"
    except Exception as error:
        outcomes[name] = repr(error)
print(json.dumps(outcomes))
"""


def test_nothing_that_a_model_may_not_do_can_be_done(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("kept")
    finished = run(SCRIPT, tmp_path, json.dumps(DEEDS))
    outcomes = json.loads(finished.stdout)
    reasons = {name: outcome for name, outcome in outcomes.items() if outcome != "refused"}
    # urllib tells of a refused connection in its own words.
    assert set(reasons) <= {"fetch"}
    assert "may not do this" in reasons.get("fetch", "may not do this")
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's addresses")
def test_memory_is_bounded(tmp_path: Path) -> None:
    script = (
        "from fer_core.zoo.importing.limits import limit_growth; limit_growth(); bytes(9 << 30)"
    )
    assert "MemoryError" in run(script, tmp_path).stderr


def run(script: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
        text=True,
    )
