"""What the Containerfile must keep to; `benchmarks/container_steps.py` carries it out."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.container_steps import PROJECT, instructions

TEXT = (PROJECT / "Containerfile").read_text(encoding="utf-8")
STEPS = instructions(TEXT)


def arguments(name: str) -> list[str]:
    return [rest for step, rest in STEPS if step == name]


def test_bases_are_slim_official_and_of_one_named_version() -> None:
    bases = {rest.split()[0] for rest in arguments("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.1[0-3]-slim-\w+", bases.pop())


def test_the_app_runs_as_an_ordinary_user_and_says_whether_it_is_well() -> None:
    last = STEPS[max(i for i, (name, _) in enumerate(STEPS) if name == "FROM") :]
    names = [name for name, _ in last]
    user = dict(last)["USER"]
    assert user.isdecimal()
    assert int(user) > 0
    assert names.index("USER") < names.index("CMD")
    assert "/_stcore/health" in dict(last)["HEALTHCHECK"]
    command = json.loads(dict(last)["CMD"])  # no shell stands between it and the signals
    assert command[:3] == ["streamlit", "run", "app.py"]


def test_packages_come_from_the_lock_with_checksums() -> None:
    installs = [rest for rest in arguments("RUN") if "pip install" in rest]
    assert installs
    for install in installs:
        assert "--require-hashes --requirement requirements.txt" in install
    assert not re.search(r"apt-get|curl|wget|sudo", TEXT)
    assert not arguments("ADD")


def test_only_what_serves_is_copied_and_the_context_holds_it() -> None:
    ignore = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    for copied in arguments("COPY"):
        if copied.startswith("--from="):
            continue
        *sources, _ = copied.split()
        for source in sources:
            assert (PROJECT / source).exists(), source
            assert f"!{source}" in ignore


@pytest.mark.parametrize("word", ["secret", "password", "token", "key"])
def test_the_image_contains_no_secret(word: str) -> None:
    assert word not in TEXT.lower()
