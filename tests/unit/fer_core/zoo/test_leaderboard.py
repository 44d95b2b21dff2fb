from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fer_core.evaluation.reliability.calibration import calibration_scores
from fer_core.evaluation.reliability.temperature import Calibration
from fer_core.evaluation.result_types import EvaluationProtocol
from fer_core.zoo.latency import LatencyResult
from fer_core.zoo.leaderboard import Candidate, Leaderboard, calibration_error_as_served
from fer_core.zoo.store import ModelStore, list_models

SPLIT = "fer2013_private_test"
MEASURED_AT = datetime(2026, 5, 4, 3, 2, tzinfo=UTC)


def board(latency_ms: float | None) -> Leaderboard:
    return Leaderboard.of(
        Candidate(
            card,
            card.metrics[SPLIT]["flip"],
            calibration_error_as_served(
                ModelStore.default().load_predictions(card.name)[SPLIT], "flip", Calibration()
            ),
            LatencyResult(card.name, 1, 50, latency_ms, 2 * latency_ms, MEASURED_AT, 0.1)
            if latency_ms
            else None,
        )
        for card in list_models().cards
    )


def test_table_states_scores_of_the_protocol_and_costs_of_the_card(models_dir: Path) -> None:
    found = board(latency_ms=4.0)
    table = found.to_frame()
    assert table["accuracy"].is_monotonic_decreasing
    for (_, row), candidate in zip(table.iterrows(), found.candidates, strict=True):
        scores = candidate.card.metrics[SPLIT]["flip"]
        assert row["name"] == candidate.card.name
        assert row["accuracy"] == scores.accuracy.value
        assert row["macro_f1"] == scores.macro_f1.value
        assert row["f1_fear"] == scores.per_class["fear"].f1.value
        assert row["macs"] == candidate.card.flops / 2
        assert row["size_mb"] == candidate.card.weights.size_bytes / 1e6
        assert (row["p50_ms"], row["p95_ms"]) == (4.0, 8.0)
        assert (row["measured_at"], row["load"]) == (MEASURED_AT, 0.1)


def test_time_is_empty_and_has_no_front_until_it_is_measured(models_dir: Path) -> None:
    found = board(latency_ms=None)
    assert found.to_frame()["p50_ms"].isna().all()
    assert found.pareto("latency") is None
    front = found.pareto("size")
    assert front is not None
    assert {point.cost for point in front.points} == set(found.to_frame()["size_mb"])


def test_calibration_error_is_that_of_what_the_app_shows(models_dir: Path) -> None:
    predictions = ModelStore.default().load_predictions("tiny_a")[SPLIT]
    plain = calibration_error_as_served(predictions, "plain", Calibration())
    assert plain == calibration_scores(predictions.probabilities, predictions.label).ece
    cooled = calibration_error_as_served(predictions, "plain", Calibration(2.0))
    expected = Calibration(2.0).apply(predictions.probabilities)
    assert cooled == calibration_scores(expected, predictions.label).ece
    assert cooled != plain


@pytest.mark.parametrize("protocol", ["flip", "crops"])
def test_what_the_temperature_is_not_meant_for_has_no_calibration_error(
    models_dir: Path, protocol: EvaluationProtocol
) -> None:
    predictions = ModelStore.default().load_predictions("tiny_a")[SPLIT]
    assert calibration_error_as_served(predictions, protocol, Calibration(2.0)) is None
    assert board(latency_ms=None).to_frame()["ece"].isna().all()


def test_the_table_has_the_calibration_error_beside_its_noise_floor(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    error = calibration_error_as_served(
        ModelStore.default().load_predictions("tiny_a")[SPLIT], "plain", Calibration()
    )
    assert error is not None
    row = Leaderboard.of([Candidate(card, card.reported, error, None)]).to_frame().iloc[0]
    assert (row["ece"], row["ece_noise_floor"], row["ece_p_value"]) == (
        error.value,
        error.noise_floor,
        error.p_value,
    )


def test_costs_are_in_the_units_of_their_titles(models_dir: Path) -> None:
    for candidate in board(latency_ms=4.0).candidates:
        card = candidate.card
        assert candidate.cost("size") == card.weights.size_bytes / 1e6
        assert candidate.cost("macs") == card.macs / 1e6
        assert candidate.cost("parameters") == card.parameters / 1e6
        assert candidate.cost("latency") == 4.0


def test_the_table_has_the_accuracy_without_duplicates(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    without = card.reported.without_training_duplicates
    assert without is not None
    row = Leaderboard.of([Candidate(card, card.reported, None, None)]).to_frame().iloc[0]
    assert row["accuracy_without_duplicates"] == without.accuracy.value
