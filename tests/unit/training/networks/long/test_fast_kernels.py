"""The fast kernels on the other backends, each in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.conftest import PROJECT

COVERS = (
    "tests/unit/training/networks/test_fast_kernels.py",
    "training/networks/*.py",
    "training/networks/fast_kernels.py",
)


def installed(*backends: str) -> list[str]:
    return [backend for backend in backends if find_spec(backend)]


@pytest.mark.parametrize("backend", installed("jax", "torch"))
def test_other_backends_pass_these_tests_too(backend: str) -> None:
    tests = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            str(PROJECT / "tests/unit/training/networks/test_fast_kernels.py"),
        ],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert tests.returncode == 0, tests.stdout
