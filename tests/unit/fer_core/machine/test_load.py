from __future__ import annotations

import threading
from pathlib import Path

import pytest

from fer_core.machine.load import IDLE_BELOW, processor_load, wait_until_idle


def counts(user: int, idle: int) -> str:
    return f"cpu  {user} 0 0 {idle} 5 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n"


@pytest.mark.parametrize(("busy", "idle", "load"), [(30, 10, 0.75), (0, 40, 0.0), (40, 0, 1.0)])
def test_load_is_the_busy_share_of_the_time_watched(
    tmp_path: Path, busy: int, idle: int, load: float
) -> None:
    file = tmp_path / "stat"
    file.write_text(counts(1000, 1000))
    change = threading.Timer(0.1, file.write_text, [counts(1000 + busy, 1000 + idle)])
    change.start()
    assert processor_load(0.5, file) == pytest.approx(load)
    change.join()


@pytest.mark.parametrize(
    "text", [None, "", "cpu 1 2", "cpu a b c d e f g h", "intr 1 2 3 4 5 6 7 8"]
)
def test_load_is_not_known_where_the_system_does_not_say(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "stat").write_text(text)
    assert processor_load(0.0, tmp_path / "stat") is None


def test_it_waits_until_the_machine_is_idle() -> None:
    loads = iter([0.9, IDLE_BELOW, IDLE_BELOW / 2, 0.8])
    assert wait_until_idle(3600, load=lambda: next(loads)) == IDLE_BELOW / 2


@pytest.mark.parametrize("load", [0.9, None])
def test_it_waits_no_longer_than_asked_to(load: float | None) -> None:
    assert wait_until_idle(0.0, load=lambda: load) == load
