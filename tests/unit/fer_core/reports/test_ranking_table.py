from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fer_core.reports.ranking_table import ranked_by_dataset, ranking_table
from fer_core.zoo.latency import LatencyResult
from fer_core.zoo.store import ModelStore


@pytest.fixture
def table(models_dir: Path) -> str:
    latency = LatencyResult("tiny_a", 1, 10, 4.2, 6.0, datetime(2026, 5, 4, tzinfo=UTC), 0.0)
    rows = [
        (ModelStore.default().load_card("tiny_a"), latency),
        (ModelStore.default().load_card("tiny_b"), None),
    ]
    return ranking_table(rows, caption="Two <tiny> models")


def cells(table: str) -> list[str]:
    return re.findall("<t[dh][^>]*>(.*?)</t[dh]>", table)


def test_each_model_is_a_row_in_the_order_given(table: str) -> None:
    assert re.findall('<th scope="row"[^>]*>(.*?)</th>', table) == ["Tiny tiny_a", "Tiny tiny_b"]
    card = ModelStore.default().load_card("tiny_a")
    accuracy = card.reported.accuracy
    without = card.reported.without_training_duplicates
    assert without is not None
    for text in (
        f"{accuracy.value:.1%}",
        f"{accuracy.low:.1%} to {accuracy.high:.1%}",
        f"{card.reported.macro_f1.value:.3f}",
        f"{card.weights.size_bytes / 1e6:.1f} MB",
        f"{without.accuracy.value:.1%} without duplicates",
        "4.2 ms",
        "95 % in 6.0 ms",
    ):
        assert text in table


def test_a_time_that_is_not_known_is_left_out(table: str) -> None:
    times = [cell for cell in cells(table) if " ms<" in cell or cell == "–"]
    assert len(times) == 2
    assert "4.2 ms" in times[0]
    assert times[1] == "–"


def test_the_bar_is_full_up_to_the_interval_and_pale_within(table: str) -> None:
    accuracy = ModelStore.default().load_card("tiny_a").reported.accuracy
    assert f"left:0;width:{accuracy.low:.2%}" in table
    assert f"left:{accuracy.low:.2%};width:{accuracy.high - accuracy.low:.2%};opacity" in table


def test_what_it_shows_is_said_and_no_markup(table: str) -> None:
    assert table.count("Two &lt;tiny&gt; models") == 2


def test_models_are_ranked_among_those_that_saw_the_same_faces(tiny_units_dir: Path) -> None:
    first, second, units = ModelStore(tiny_units_dir).load_cards(["tiny_a", "tiny_b", "tiny_units"])
    protocol = first.protocol.model_copy(update={"dataset": "FER+"})
    plus = first.model_copy(update={"name": "plus", "protocol": protocol})
    ranked = ranked_by_dataset([first, second, plus, units])
    assert list(ranked) == ["FER2013", "FER+"]
    assert {card.name for card in ranked["FER2013"]} == {"tiny_a", "tiny_b"}
    best, next_best = (card.reported.accuracy.value for card in ranked["FER2013"])
    assert best >= next_best
