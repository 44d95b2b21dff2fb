"""A report shows robustness where it was measured with the current weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from fer_core.evaluation.reliability.corruption_errors import corruption_errors
from fer_core.evaluation.reliability.robustness import Robustness
from fer_core.reports.html_report import render_report
from fer_core.reports.html_report.filters import cell_text, heading
from fer_core.zoo.artifacts import ROBUSTNESS_FILE, write_robustness
from fer_core.zoo.store import ModelStore
from tests.html_page import HtmlPage
from tests.robustness_results import robustness_of

TITLE = "FER2013 test (PrivateTest)"
EVIL = '</script><script>alert(1)</script><img src="https://example.org/x.png" onerror="alert(2)">'


def change_card(folder: Path, **fields: str) -> None:
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), encoding="utf-8")


def measure(models_dir: Path, name: str, *, seed: int = 0, **changes: str) -> Robustness:
    """Writes a made-up result for the current weights into a model folder, and returns it."""
    correct = np.random.default_rng(seed).integers(200, 400, (10, 5))
    fields = {"weights": ModelStore.default().load_scored_card(name).weights.sha256} | changes
    result = robustness_of(correct, clean=450, rows=700, model=name, **fields)
    write_robustness(models_dir / name / ROBUSTNESS_FILE, result)
    return result


def headings(page: HtmlPage) -> list[str]:
    return [content for _, content in page.all("h2")]


def test_figure_and_tables_show_the_results(own_models_dir: Path) -> None:
    (own_models_dir / "tiny_a").rename(own_models_dir / "cnn")
    change_card(own_models_dir / "cnn", name="cnn")
    results = [measure(own_models_dir, name, seed=n) for n, name in enumerate(("cnn", "tiny_b"))]
    page = HtmlPage(render_report(["cnn", "tiny_b"]))
    assert headings(page).count(f"Robustness on {TITLE}") == 1
    drawn = page.figure("robustness1-accuracy").data
    assert [line.name for line in drawn] == ["Tiny tiny_a", "Tiny tiny_b"]
    for line, result in zip(drawn, results, strict=True):
        np.testing.assert_allclose(
            line.y, [result.mean_accuracy(level).value for level in range(6)]
        )
    rows = page.tables[f"Accuracy by corruption and severity on {TITLE}"]
    assert len(rows) == 1 + 2 * 10 * 6
    of_first = results[0].to_frame().itertuples(index=False, name=None)
    assert rows[1:61] == [["Tiny tiny_a", *map(cell_text, row)] for row in of_first]
    errors = corruption_errors(results)
    assert errors is not None
    expected = errors.to_frame().replace({"model": {"cnn": "Tiny tiny_a", "tiny_b": "Tiny tiny_b"}})
    found = page.tables["Errors relative to Tiny tiny_a"]
    assert found[0] == [heading(str(name)) for name in expected.columns]
    assert found[1:] == [
        [cell_text(value) for value in row] for row in expected.itertuples(index=False, name=None)
    ]
    pairs = page.tables["First minus second, on the same faces"]
    assert len(pairs) == 2
    assert set(pairs[1][:2]) == {"Tiny tiny_a", "Tiny tiny_b"}
    assert any("random rotation" in text for _, text in page.all("p"))


def test_without_the_baseline_there_are_no_corruption_errors(own_models_dir: Path) -> None:
    measure(own_models_dir, "tiny_a")
    page = HtmlPage(render_report(["tiny_a"]))
    assert any(
        "neither “cnn” nor “ferplus_cnn” is among these" in text for _, text in page.all("p")
    )
    assert "Corruption errors" not in [text for _, text in page.all("h3")]


def test_outdated_and_damaged_results_are_left_out(own_models_dir: Path) -> None:
    measure(own_models_dir, "tiny_a", weights="0" * 64)
    (own_models_dir / "tiny_b" / ROBUSTNESS_FILE).write_text("nothing")
    page = HtmlPage(render_report(["tiny_a", "tiny_b"]))
    assert not [text for text in headings(page) if "Robustness" in text]


def test_each_split_has_its_own_section(own_models_dir: Path) -> None:
    measure(own_models_dir, "tiny_a")
    measure(own_models_dir, "tiny_b", split="ferplus_test")
    found = headings(HtmlPage(render_report(["tiny_a", "tiny_b"])))
    assert {f"Robustness on {TITLE}", "Robustness on FER+ test (PrivateTest)"} <= set(found)


def test_titles_and_splits_are_escaped(own_models_dir: Path) -> None:
    change_card(own_models_dir / "tiny_a", title=EVIL)
    measure(own_models_dir, "tiny_a", split=EVIL)
    page = HtmlPage(render_report(["tiny_a"]))
    assert f"Robustness on {EVIL}" in headings(page)
    assert not list(page.all("img"))
    assert (
        len([attributes for attributes, _ in page.all("script") if "type" not in attributes]) == 2
    )
    (line,) = page.figure("robustness1-accuracy").data
    assert "<" not in line.name
