from __future__ import annotations

import re

import pytest

from training.run_directory.environment import describe_environment


def test_it_names_backend_hardware_versions_and_commit() -> None:
    found = describe_environment()
    assert found["hardware"].endswith("cores")
    assert {"keras", "numpy"} <= found["packages"].keys()
    assert re.fullmatch("[0-9a-f]{40}(-dirty)?|unknown", found["code_commit"])


def test_a_copy_without_history_reads_its_commit_from_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FER_CODE_COMMIT", "0123456")
    assert describe_environment()["code_commit"] == "0123456"
