"""Runs the tests in folders named `long`: training in several processes, kills, replicas, Ray.

    python -m tests.long_tests                 # all of them: `make test-all`
    python -m tests.long_tests --changed       # those that have not passed on the current code
    python -m tests.long_tests MODULE...       # these

Each module lists the files it covers in `COVERS`, as patterns from the project's folder. When it
passes, their checksum is written to `long_tests.json` next to this file, which is committed. A
change of those files makes the module run again, here or in CI.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parent.parent
RECORD: Final = PROJECT / "tests" / "long_tests.json"
SIDE_BY_SIDE: Final = 2

_OF_ALL: Final = ("requirements-dev.txt", "fer_core/files/atomic.py")
"""What every one of them rests on."""

_noting = threading.Lock()


def long_modules() -> list[str]:
    """Returns the test modules in folders named `long`, as paths from the project's folder."""
    found = (PROJECT / "tests").glob("**/long/test_*.py")
    return sorted(path.relative_to(PROJECT).as_posix() for path in found)


def checksum_of_covered(module: str) -> str:
    """Returns the checksum of a module, of all files that it covers, and of the dependencies.

    Raises:
        ValueError: the module has no `COVERS`, or a pattern in it matches no file.
    """
    files = {PROJECT / module}
    for pattern in (*_covers(module), *_OF_ALL):
        fitting = {path for path in PROJECT.glob(pattern) if path.is_file()}
        if not fitting:
            raise ValueError(f"{module}: COVERS has {pattern!r}, which matches no file")
        files |= fitting
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(path.relative_to(PROJECT).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]


def _covers(module: str) -> list[str]:
    for node in ast.parse((PROJECT / module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COVERS":
            return list(ast.literal_eval(node.value))
    raise ValueError(f"{module} has no COVERS: list the files that it covers")


def changed_modules() -> list[str]:
    """Returns the modules that have not passed on the current files."""
    passed = json.loads(RECORD.read_text(encoding="utf-8"))
    return [each for each in long_modules() if passed.get(each) != checksum_of_covered(each)]


def run(module: str) -> bool:
    """Runs one module in a separate process; returns whether nothing failed.

    Only a module that passed completely, without a skipped test, is recorded as passed.
    """
    checksum = checksum_of_covered(module)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "--durations", "5", module]
    tests = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    print(f"{tests.stdout}{tests.stderr}\n{module}: {time.monotonic() - started:.0f} s", flush=True)
    counts = tests.stdout.rstrip().rpartition("\n")[2]
    if tests.returncode == 0 and " passed" in counts and " skipped" not in counts:
        _note(module, checksum)
    return tests.returncode == 0


def _note(module: str, checksum: str) -> None:
    with _noting:
        passed = json.loads(RECORD.read_text(encoding="utf-8"))
        passed = {each: passed[each] for each in long_modules() if each in passed}
        text = json.dumps(passed | {module: checksum}, indent=2, sort_keys=True)
        RECORD.write_text(text + "\n", encoding="utf-8")


def needs_the_machine(module: str) -> bool:
    """Returns whether a module must not run in parallel with others."""
    return "mark.alone" in (PROJECT / module).read_text(encoding="utf-8")


def main() -> None:
    """Runs the requested modules; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--changed", action="store_true", help="only where files have changed")
    arguments = parser.parse_args()
    modules = arguments.modules or (changed_modules() if arguments.changed else long_modules())
    print(f"Long tests: {len(modules)} of {len(long_modules())} modules", flush=True)
    beside = [module for module in modules if not needs_the_machine(module)]
    alone = [module for module in modules if needs_the_machine(module)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        passed = dict(zip(beside, pool.map(run, beside), strict=True))
    passed |= {module: run(module) for module in alone}
    failed = [module for module, has_passed in passed.items() if not has_passed]
    if failed:
        sys.exit("Not passed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
