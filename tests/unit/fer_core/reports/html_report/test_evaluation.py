"""The report of an evaluation: complete, self-contained, and safe whatever names say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fer_core.benchmark import PhotoEvaluation, summarize
from fer_core.reports.html_report import leaderboard_frame, render_evaluation
from tests.unit.fer_core.benchmark.evaluations import made_up


def evaluation(**changes: object) -> PhotoEvaluation:
    site = np.array(["day", "night"])[np.arange(200) % 2]
    made = made_up(200, accuracy={"good": 0.9, "poor": 0.5}, missed=0.1, columns={"site": site})
    return replace(made, **changes)  # type: ignore[arg-type]


def test_it_has_every_part_and_every_entry() -> None:
    text = render_evaluation(evaluation(left_out={"contempt": 18}, notes=("Faces were found.",)))
    for part in ("Leaderboard", "Significance", "Confusion", "Calibration", "Slices"):
        assert f">{part}<" in text
    assert text.count("<section") == 2
    assert "contempt (18)" in text
    assert "Faces were found." in text
    assert "no face found" in text
    assert "No slice is significantly worse" in text


def test_it_loads_nothing_and_runs_no_script_of_a_file_name() -> None:
    entry = replace(evaluation().entries["good"], title="<script>alert(1)</script>")
    text = render_evaluation(evaluation(entries={"good": entry}))
    assert "<script>alert" not in text
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert "Significance" not in text  # there is nothing to compare one entry with


def test_an_entry_without_any_face_is_reported() -> None:
    text = render_evaluation(made_up(20, missed=1.0))
    assert "0.0% [0.0, 16.1]" in text


def test_people_change_what_intervals_are_said_to_be() -> None:
    assert "by person" in render_evaluation(made_up(120, subject=np.arange(120) // 4))


def test_the_leaderboard_has_the_most_accurate_entry_first() -> None:
    made = made_up(accuracy={"poor": 0.5, "good": 0.9})
    assert leaderboard_frame(summarize(made))["entry"].tolist() == ["Good", "Poor"]
