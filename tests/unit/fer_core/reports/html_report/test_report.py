"""A report shows the values of the data objects, loads nothing and runs no script of a card."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.comparison.accuracy_comparison import compare_all
from fer_core.evaluation.comparison.aligned_predictions import align_predictions
from fer_core.evaluation.comparison.confusion_comparison import confusion_difference
from fer_core.evaluation.reliability.calibration import reliability
from fer_core.evaluation.reliability.selective import risk_coverage, threshold_sweep
from fer_core.evaluation.scores.confusion import confusion_matrix
from fer_core.labels.action_units import describe
from fer_core.labels.splits import split_title
from fer_core.reports.html_report import render_report
from fer_core.reports.html_report.filters import cell_text, heading
from fer_core.reports.html_report.model import class_scores_frame, every_percent
from fer_core.zoo.cards import Member, members_checksum
from fer_core.zoo.store import ModelStore
from tests.html_page import HtmlPage

SPLIT = "fer2013_private_test"
TITLE = "FER2013 test (PrivateTest)"
EVIL = '</script><script>alert(1)</script><img src="https://example.org/x.png" onerror="alert(2)">'

pytestmark = pytest.mark.usefixtures("models_dir")


def page(*names: str) -> HtmlPage:
    return HtmlPage(render_report(names))


def shown(frame: pd.DataFrame) -> list[list[str]]:
    """The rows of the table that shows this frame."""
    rows = [[cell_text(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return [[heading(str(name)) for name in frame.columns], *rows]


def change_card(folder: Path, **fields: Any) -> None:
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), encoding="utf-8")


def fill_card(folder: Path, text: str) -> None:
    """Puts a text into every free-text field of a card, and into the name of a class."""
    path = folder / "card.json"
    label = json.dumps(f"happy {text}")
    card = json.loads(path.read_text("utf-8").replace('"happy"', label))
    card["title"] = f"{folder.name} {text}"
    card |= dict.fromkeys(
        ("summary", "architecture", "data_license", "intended_use", "out_of_scope_use"), text
    )
    card["limits"] = [text]
    card["protocol"] |= {"dataset": text, "description": text}
    card["training"] |= {"hardware": text, "libraries": {text: text}}
    card["training"]["recipe"][text] = text
    path.write_text(json.dumps(card), encoding="utf-8")


def test_tables_of_one_model_show_the_data_objects() -> None:
    tables = page("tiny_a").tables
    card, predictions = (
        ModelStore.default().load_scored_card("tiny_a"),
        ModelStore.default().load_predictions("tiny_a")[SPLIT],
    )
    assert card.temperature is not None
    calibrated = card.fitted_calibration.apply(predictions.probabilities)
    scores = tables["Scores with 95% intervals by split and protocol"]
    frame = card.scores_frame()
    assert scores == shown(frame.assign(split=frame["split"].map(split_title)))
    assert TITLE in {row[0] for row in scores}
    assert {row[1] for row in scores[1:]} == {"plain", "flip", "crops"}
    classes = tables[f"Scores by expression on {TITLE}, plain"]
    assert classes == shown(class_scores_frame(card.reported))
    assert classes[4][1] == card.reported.per_class["happy"].precision.percent()
    counts = confusion_matrix(predictions).to_frame().reset_index()
    assert tables["Counts by true and predicted label"] == shown(counts)
    effect = card.calibration[SPLIT].to_frame()
    assert tables[f"Calibration on {TITLE}, plain"] == shown(effect)
    bins = reliability(calibrated, predictions.label).to_frame()
    assert tables["Bins of confidence"] == shown(bins)
    sweep = threshold_sweep(calibrated, predictions.label).to_frame()
    assert tables["Every threshold"] == shown(sweep)
    risk = every_percent(risk_coverage(calibrated, predictions.label))
    assert tables["Risk at every percent of coverage"] == shown(risk)
    assert risk["coverage"].iloc[-1] == 1


def test_a_comparison_shows_what_the_compare_page_computes() -> None:
    found = page("tiny_a", "tiny_b")
    names = sorted(
        ("tiny_a", "tiny_b"),
        key=lambda name: -ModelStore.default().load_scored_card(name).reported.accuracy.value,
    )
    aligned = align_predictions(
        {name: ModelStore.default().load_predictions(name)[SPLIT] for name in names}
    )
    pairs = compare_all(aligned).to_frame()
    titled = pairs.assign(first=f"Tiny {names[0]}", second=f"Tiny {names[1]}")
    assert found.tables["Pairwise comparisons"] == shown(titled)
    difference = confusion_difference(aligned, *names)
    cells = found.tables[f"Cells of Tiny {names[0]} minus Tiny {names[1]}"]
    assert cells == shown(difference.to_frame())
    board = found.tables[f"Scores and costs on {TITLE}"]
    assert [row[0] for row in board[1:]] == [f"Tiny {name}" for name in names]
    assert board[1][1] == cell_text(
        ModelStore.default().load_scored_card(names[0]).reported.accuracy.value
    )
    drawn = found.figure(f"group1-{names[0]}-{names[1]}")
    numbers = np.full((7, 7), np.nan)
    for written in drawn.data[2:]:
        for row, column, text in zip(written.y, written.x, written.text, strict=True):
            numbers[row, column] = float(re.sub(r"</?b>|★", "", text))
    np.testing.assert_allclose(numbers, difference.difference("true") * 100, atol=0.05)


def test_figures_have_data_a_text_alternative_and_a_table() -> None:
    found = page("tiny_a", "tiny_b")
    plots = [attributes for attributes, _ in found.all("div") if attributes.get("class") == "plot"]
    assert len(plots) == 2 * 7 + 4
    for plot in plots:
        assert len(found.figure(plot["id"]).data) > 0
        assert plot["role"] == "img"
        assert len(plot["aria-label"]) > 30
    assert len({attributes["id"] for _, attributes in found.elements if "id" in attributes}) == sum(
        "id" in attributes for _, attributes in found.elements
    )
    matrix = confusion_matrix(ModelStore.default().load_predictions("tiny_a")[SPLIT])
    squares = found.figure("tiny_a-confusion").data[1]
    assert [each[2] for each in squares.customdata[:49]] == matrix.counts.ravel().tolist()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", EVIL])
def test_card_texts_are_escaped_and_nothing_is_loaded(own_models_dir: Path, text: str) -> None:
    for name in ("tiny_a", "tiny_b"):
        fill_card(own_models_dir / name, text)
    found = page("tiny_a", "tiny_b")
    assert f"tiny_a {text}" in [content for _, content in found.all("h2")]
    assert text in [content for _, content in found.all("li")]
    assert {text, f"{text} {text}"} <= {content for _, content in found.all("dd")}
    assert f"happy {text}" in {content for _, content in found.all("th")}
    running = [attributes for attributes, _ in found.all("script") if "type" not in attributes]
    assert len(running) == 2
    assert {tag for tag, _ in found.elements}.isdisjoint(
        {"img", "link", "iframe", "object", "base"}
    )
    for _, attributes in found.elements:
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith("#")
        assert "src" not in attributes
    (style,) = [content for _, content in found.all("style")]
    assert "url(" not in style
    assert "@import" not in style
    (policy,) = [
        attributes["content"] for attributes, _ in found.all("meta") if "http-equiv" in attributes
    ]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy.split(";")[1]


def test_the_same_model_gives_the_same_report() -> None:
    assert render_report(["tiny_a"]) == render_report(["tiny_a", "tiny_a"])


def test_an_outlier_epoch_outside_the_view_is_mentioned_below_the_figure(
    own_models_dir: Path,
) -> None:
    assert "Outside this view" not in render_report(["tiny_a"])
    history = own_models_dir / "tiny_a" / "history.csv"
    header, first, *others = history.read_text().splitlines()
    cells = first.split(",")
    cells[header.split(",").index("val_loss")] = "456.6"
    history.write_text("\n".join([header, ",".join(cells), *others]) + "\n")
    assert "Outside this view: validation split (up to 457)." in render_report(["tiny_a"])


def test_a_model_without_history_has_no_curves(own_models_dir: Path) -> None:
    (own_models_dir / "tiny_a" / "history.csv").unlink()
    text = render_report(["tiny_a"])
    assert "no readable history.csv" in text
    assert "tiny_a-loss" not in text
    assert str(own_models_dir) not in text


def test_an_ensemble_shows_its_members_and_no_curves(own_models_dir: Path) -> None:
    shutil.copytree(own_models_dir / "tiny_a", own_models_dir / "both")
    members = {
        name: Member(weight=0.5, sha256=ModelStore.default().load_scored_card(name).weights.sha256)
        for name in ("tiny_a", "tiny_b")
    }
    weights = json.loads((own_models_dir / "both" / "card.json").read_text("utf-8"))["weights"]
    change_card(
        own_models_dir / "both",
        name="both",
        architecture="ensemble",
        training=None,
        members={name: member.model_dump() for name, member in members.items()},
        weights=weights | {"sha256": members_checksum(members)},
    )
    found = page("both")
    assert "tiny_a 0.500, tiny_b 0.500" in [content for _, content in found.all("dd")]
    assert "2025-01-31" in found.tables["Models in this report"][1]
    assert any("no training curves; its members do" in content for _, content in found.all("p"))
    assert not [attrs for attrs, _ in found.all("div") if attrs.get("id") == "both-loss"]


def test_a_model_of_action_units_is_not_compared_with_one_of_emotions(
    units_models_dir: Path,
) -> None:
    found = page("tiny_a", "tiny_units")
    card = ModelStore.default().load_scored_card("tiny_units")
    assert card.ckplus is not None
    assert "Pairwise comparisons" not in found.tables
    assert found.tables["Scores by predictor, output and average"] == shown(card.ckplus.to_frame())
    units = card.ckplus.by_sequence.action_units.to_frame()
    named = units.assign(action_unit=units["action_unit"].map(describe))
    assert found.tables["Scores by action unit; a row is a sequence"] == shown(named)


def test_models_with_the_same_title_are_distinguished(own_models_dir: Path) -> None:
    for name in ("tiny_a", "tiny_b"):
        change_card(own_models_dir / name, title="Same")
    headings = [content for _, content in page("tiny_a", "tiny_b").all("h2")]
    assert headings[1:] == ["Same (tiny_a)", "Same (tiny_b)"]


def test_broken_predictions_are_an_error_with_a_message(own_models_dir: Path) -> None:
    (own_models_dir / "tiny_a" / "predictions.npz").write_bytes(b"no archive")
    with pytest.raises(ModelError, match=r"predictions\.npz cannot be read"):
        render_report(["tiny_b", "tiny_a"])


def test_predictions_without_the_reported_split_are_an_error(own_models_dir: Path) -> None:
    np.savez(own_models_dir / "tiny_a" / "predictions.npz", other=np.zeros(1))
    with pytest.raises(ModelError, match=f"expected rows of {SPLIT}"):
        render_report(["tiny_a"])


def test_an_unknown_model_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="Saved models: tiny_a, tiny_b"):
        render_report(["nobody"])


def test_a_report_needs_a_model() -> None:
    with pytest.raises(ValueError, match="at least one"):
        render_report([])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (np.bool_(True), "yes"),
        (np.int64(25_089), "25,089"),
        (0.12345, "0.123"),
        (0.0000123, "1.2e-05"),
        (0.0, "0.000"),
        ("<b>", "<b>"),
    ],
)
def test_values_in_table_cells(value: object, text: str) -> None:
    assert cell_text(value) == text
