from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

from fer_core.evaluation.scores.action_units import action_unit_metrics
from fer_core.labels.action_units import CKPLUS_ACTION_UNITS, describe

NAMES = ("AU1", "AU12", "AU11")
RNG = np.random.default_rng(1)
SEQUENCE = np.repeat(np.arange(40), 3)
SUBJECT = SEQUENCE // 4
PRESENT = np.stack([SEQUENCE % 2 == 0, SEQUENCE % 3 == 0, SEQUENCE == 7], axis=1).astype(np.int8)
PROBABILITIES = np.clip(0.25 + 0.3 * PRESENT + 0.3 * RNG.random(PRESENT.shape), 0, 1)


def test_units_are_named() -> None:
    assert describe("AU12") == "AU12 lip corner puller"
    assert describe("AU99") == "AU99"
    assert len(CKPLUS_ACTION_UNITS) == 15


def test_a_rare_unit_is_reported_and_not_averaged() -> None:
    metrics = action_unit_metrics(PRESENT, PROBABILITIES, SEQUENCE, SUBJECT, NAMES)
    rare = metrics.per_unit["AU11"]
    assert (rare.positives, rare.positive_sequences, rare.is_averaged) == (3, 1, False)
    assert metrics.macro is not None
    assert metrics.micro is not None
    said = PROBABILITIES >= 0.5
    common = [f1_score(PRESENT[:, unit], said[:, unit]) for unit in (0, 1)]
    assert metrics.macro.f1 == pytest.approx(np.mean(common))
    assert metrics.micro.f1 == pytest.approx(f1_score(PRESENT[:, :2].ravel(), said[:, :2].ravel()))
    assert metrics.micro.roc_auc == pytest.approx(
        roc_auc_score(PRESENT[:, :2].ravel(), PROBABILITIES[:, :2].ravel())
    )
    assert metrics.micro.accuracy == pytest.approx((said == PRESENT)[:, :2].mean())
    assert metrics.rare_units == ("AU11",)
    every = [f1_score(PRESENT[:, unit], said[:, unit]) for unit in range(3)]
    assert metrics.macro_all_units.f1 == pytest.approx(np.mean(every))
    assert metrics.micro_all_units.accuracy == pytest.approx((said == PRESENT).mean())


def test_intervals_draw_whole_people() -> None:
    unsure = 0.3 * PRESENT + 0.7 * np.random.default_rng(2).random(PRESENT.shape)

    def bounds(repeats: int, subject: NDArray[np.int64]) -> list[float]:
        metrics = action_unit_metrics(
            np.repeat(PRESENT, repeats, axis=0),
            np.repeat(unsure, repeats, axis=0),
            np.repeat(SEQUENCE, repeats),
            np.repeat(subject, repeats),
            NAMES,
        )
        assert metrics.macro is not None
        f1, area = metrics.macro_f1, metrics.macro_roc_auc
        assert f1 is not None
        assert area is not None
        assert (f1.value, area.value) == (metrics.macro.f1, metrics.macro.roc_auc)
        assert f1.low < f1.value < f1.high
        assert area.low < area.value < area.high
        return [f1.low, f1.high, area.low, area.high]

    once = bounds(1, SUBJECT)
    assert bounds(5, SUBJECT) == pytest.approx(once)  # copies of a person's rows say nothing new
    assert bounds(1, np.arange(len(SEQUENCE))) != pytest.approx(once)


def test_rows_that_are_not_known_are_left_out() -> None:
    unknown = PRESENT.copy()
    unknown[:30] = -1
    metrics = action_unit_metrics(unknown, PROBABILITIES, SEQUENCE, SUBJECT, NAMES)
    known = action_unit_metrics(
        PRESENT[30:], PROBABILITIES[30:], SEQUENCE[30:], SUBJECT[30:], NAMES
    )
    assert metrics == known
    assert metrics.rows == 90


def test_a_unit_that_never_occurs_has_no_roc_area() -> None:
    never = np.zeros_like(PRESENT)
    metrics = action_unit_metrics(never, PROBABILITIES, SEQUENCE, SUBJECT, NAMES)
    assert metrics.per_unit["AU1"].roc_auc is None
    assert metrics.per_unit["AU1"].f1 == 0
    assert (metrics.micro, metrics.macro, metrics.macro_f1) == (None, None, None)


def test_the_table_has_a_row_per_unit_and_average() -> None:
    frame = action_unit_metrics(PRESENT, PROBABILITIES, SEQUENCE, SUBJECT, NAMES).to_frame()
    assert frame["action_unit"].tolist() == [
        *(*NAMES, "micro", "macro"),
        *("micro all units", "macro all units"),
    ]


@pytest.mark.parametrize(
    ("present", "message"),
    [(PRESENT[:, :2], "Received: .120, 2"), (np.full_like(PRESENT, -1), "Received: none")],
)
def test_what_does_not_fit_is_refused(present: NDArray[np.int8], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        action_unit_metrics(present, PROBABILITIES, SEQUENCE, SUBJECT, NAMES)
