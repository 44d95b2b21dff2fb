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
        (ModelStore.default().load_scored_card("tiny_a"), latency),
        (ModelStore.default().load_scored_card("tiny_b"), None),
    ]
    return ranking_table(rows, caption="Two <tiny> models")


def cells(table: str) -> list[str]:
    return re.findall("<t[dh][^>]*>(.*?)</t[dh]>", table)


def test_each_model_is_a_row_in_the_order_given(table: str) -> None:
    assert re.findall('<th scope="row"[^>]*>(.*?)</th>', table) == ["Tiny tiny_a", "Tiny tiny_b"]
    card = ModelStore.default().load_scored_card("tiny_a")
    accuracy = card.reported.accuracy
    without = card.reported.without_training_duplicates
    assert without is not None
    for text in (
        f"{accuracy.value:.1%}",
        f"[{accuracy.low * 100:.1f}, {accuracy.high * 100:.1f}]",
        f"{card.reported.macro_f1.value:.1%}",
        f"{card.weights.size_bytes / 1e6:.1f} MB",
        f"{without.accuracy.value:.1%} without duplicates",
        "4.2 ms",
        "p95 6.0 ms",
    ):
        assert text in table


def test_an_unknown_latency_is_a_dash(table: str) -> None:
    times = [cell for cell in cells(table) if " ms<" in cell or cell == "–"]
    assert len(times) == 2
    assert "4.2 ms" in times[0]
    assert times[1] == "–"


def test_the_bar_is_lighter_within_the_interval(table: str) -> None:
    accuracy = ModelStore.default().load_scored_card("tiny_a").reported.accuracy
    assert f"left:0;width:{accuracy.low:.2%}" in table
    assert f"left:{accuracy.low:.2%};width:{accuracy.high - accuracy.low:.2%};opacity" in table


def test_the_caption_is_escaped(table: str) -> None:
    assert table.count("Two &lt;tiny&gt; models") == 2


def test_models_are_ranked_by_dataset(tiny_units_dir: Path) -> None:
    store = ModelStore(tiny_units_dir)
    first, second, units = store.load_scored_cards(["tiny_a", "tiny_b", "tiny_units"])
    protocol = first.protocol.model_copy(update={"dataset": "FER+"})
    plus = first.model_copy(update={"name": "plus", "protocol": protocol})
    ranked = ranked_by_dataset([first, second, plus, units])
    assert list(ranked) == ["FER2013", "FER+"]
    assert {card.name for card in ranked["FER2013"]} == {"tiny_a", "tiny_b"}
    best, next_best = (card.reported.accuracy.value for card in ranked["FER2013"])
    assert best >= next_best
