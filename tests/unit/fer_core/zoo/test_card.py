from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.scores.ckplus import CKPLUS_PROTOCOL_IN_WORDS
from fer_core.preprocessing.preprocess import PreprocessingConfig
from fer_core.zoo.cards import ModelCard
from fer_core.zoo.store import ModelStore
from tests.scored_cards import read_scored_card
from training.publishing.model_readme import render_readme
from training.publishing.result_tables import render_results


@pytest.fixture
def card_file(own_models_dir: Path) -> Path:
    return own_models_dir / "tiny_a" / "card.json"


def change(card_file: Path, field: str, value: Any) -> None:
    """Sets one field of the file; a dot leads into a part."""
    content = json.loads(card_file.read_text())
    *parts, last = field.split(".")
    part = content
    for name in parts:
        part = part[name]
    part[last] = value
    card_file.write_text(json.dumps(content))


def test_card_survives_being_written_and_read(card_file: Path) -> None:
    card = read_scored_card(card_file)
    assert card.preprocessing == PreprocessingConfig()
    assert card.to_json() == card_file.read_text()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("parameters", "91", "parameters: expected a valid integer. Received: '91'"),
        ("color", "red", "color: unknown field"),
        ("task", "age", "task: expected 'emotion' or 'emotion+action_units'. Received: 'age'"),
        ("task", "emotion+action_units", "action_units must name at least one"),
        ("action_units", ["AU1"], "task is 'emotion', so action_units must be empty"),
        ("action_units", ["smile"], "action_units.0: String should match pattern"),
        ("temperature", 0.0, "temperature: expected greater than 0. Received: 0.0"),
        ("labels", ["angry", "angry"], "labels must be unique"),
        ("input_shape", [44, 44, 1], "input_shape must be (48, 48, 1)"),
        ("preprocessing.contrast", 2, "preprocessing: unknown contrast; expected only color, "),
        ("preprocessing.size", "48", "preprocessing.size: expected a valid integer"),
        ("preprocessing.scaling", "log", "preprocessing.scaling: expected 'unit', 'symmetric', "),
        ("protocol.report_split", "ckplus", "metrics must hold 'ckplus'"),
        ("weights.sha256", "abc", "weights.sha256: "),
        ("metrics.fer2013_public_test.plain.accuracy.low", 1.0, "low must not exceed high"),
        ("metrics.fer2013_public_test.plain.rows", 0, "rows: expected greater than or equal to 1"),
        ("metrics.fer2013_public_test.plain.per_class", {}, "must name exactly the labels"),
        ("metrics.fer2013_public_test.ten_crops", {}, "fer2013_public_test.ten_crops"),
    ],
)
def test_an_invalid_field_is_named_with_what_was_expected(
    card_file: Path, field: str, value: Any, message: str
) -> None:
    change(card_file, field, value)
    with pytest.raises(ModelError) as caught:
        read_scored_card(card_file)
    assert str(card_file) in str(caught.value)
    assert message in str(caught.value)


def test_every_defect_is_reported_at_once(card_file: Path) -> None:
    change(card_file, "parameters", "91")
    change(card_file, "flops", -1)
    with pytest.raises(ModelError, match=r"(?s)parameters: .*flops: "):
        read_scored_card(card_file)


def test_missing_field_is_named(card_file: Path) -> None:
    content = json.loads(card_file.read_text())
    del content["training"]["seed"]
    card_file.write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"training\.seed: this field is missing"):
        read_scored_card(card_file)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b'{"name": NaN}'])
def test_damaged_file_gives_a_model_error(card_file: Path, content: bytes) -> None:
    card_file.write_bytes(content)
    with pytest.raises(ModelError, match="model card"):
        read_scored_card(card_file)


def test_missing_file_gives_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_scored_card(tmp_path / "card.json")


def test_readme_states_the_scores_of_the_card(card_file: Path) -> None:
    card = read_scored_card(card_file)
    readme = render_readme(card)
    for protocols in card.metrics.values():
        for metrics in protocols.values():
            assert metrics.accuracy.percent() in readme
            assert metrics.without_training_duplicates is not None
            assert metrics.without_training_duplicates.accuracy.percent() in readme
    for text in (*card.labels, card.weights.sha256[:12], card.intended_use, *card.limits):
        assert text in readme
    assert '"learning_rate": 0.05' in readme


def test_readme_and_results_state_the_scores_of_action_units(tiny_units_dir: Path) -> None:
    names = ("tiny_a", "tiny_units")
    cards = [read_scored_card(tiny_units_dir / name / "card.json") for name in names]
    card = cards[1]
    assert card.ckplus is not None
    macro = card.ckplus.by_sequence.action_units.macro
    assert macro is not None
    readme = render_readme(card)
    assert f"{macro.f1:.3f}" in readme
    assert "| AU12 lip corner puller |" in readme
    assert "Action units, in order | AU1, AU2" in readme
    emotions, action_units, protocol = render_results(cards).split("\n\n")
    assert protocol == CKPLUS_PROTOCOL_IN_WORDS
    assert protocol in readme
    assert "tiny_units" not in emotions
    assert "tiny_a" not in action_units
    assert card.ckplus.by_sequence.emotion.accuracy.percent() in action_units


def test_readme_says_what_rounding_the_weights_changed(card_file: Path) -> None:
    change(card_file, "weights.mantissa_bits", 8)
    change(card_file, "weights.rounding_accuracy_change", -0.0006)
    assert "rounded to 8 bits" in render_readme(read_scored_card(card_file))
    assert "by -0.06 points" in render_readme(read_scored_card(card_file))


def test_model_is_scored_on_one_split_and_chosen_on_another(card_file: Path) -> None:
    card: ModelCard = read_scored_card(card_file)
    predictions = ModelStore.default().load_predictions("tiny_a")
    for metrics, split in (
        (card.reported, "fer2013_private_test"),
        (card.selected_on, "fer2013_public_test"),
    ):
        rows = predictions[split]
        accuracy = (rows.probabilities.argmax(axis=1) == rows.label).mean()
        assert metrics.accuracy.value == pytest.approx(accuracy)


def test_scores_frame_has_every_split_and_protocol(card_file: Path) -> None:
    card = read_scored_card(card_file)
    frame = card.scores_frame()
    found = set(zip(frame["split"], frame["protocol"], strict=True))
    assert found == {(split, way) for split, ways in card.metrics.items() for way in ways}
    plain = frame[(frame["split"] == card.protocol.report_split) & (frame["protocol"] == "plain")]
    assert list(plain["accuracy"]) == [card.reported.accuracy.percent()]


def test_a_changed_copy_has_a_fingerprint_of_its_own(card_file: Path) -> None:
    card = read_scored_card(card_file)
    before = card.fingerprint
    warmer = card.model_copy(update={"temperature": 3.0})
    assert warmer.fingerprint != before
    assert ModelCard(**dict(warmer)).fingerprint == warmer.fingerprint
    assert card.fingerprint == before


def test_an_interval_of_the_calibration_error_is_left_out(card_file: Path) -> None:
    """Cards had one once. It did not cover the true error, so it is computed where it is shown."""
    card = read_scored_card(card_file)
    old = {"value": 0.02, "low": 0.01, "high": 0.03}
    for when in ("before", "after"):
        change(card_file, f"calibration.fer2013_public_test.{when}.ece", old)
    found = read_scored_card(card_file)
    assert set(found.calibration) == {"fer2013_private_test"}
    assert found.metrics == card.metrics
