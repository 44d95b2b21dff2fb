"""What a card says of a model's answers, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from fer_core.emotions import FER2013, FERPLUS
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.summary import summarize


def answers(split: str, labels: tuple[str, ...], *, rows: int = 90) -> SplitPredictions:
    rng = np.random.default_rng(len(split))
    probabilities = rng.dirichlet(np.ones(len(labels)), rows).astype(np.float32)
    return SplitPredictions(
        split, labels, np.arange(rows), rng.integers(0, len(labels), rows), probabilities
    )


def test_in_seven_classes_contempt_is_neutral_in_labels_and_in_answers() -> None:
    report = answers("ferplus_test", FERPLUS)
    summary = summarize([answers("ferplus_valid", FERPLUS), report], "ferplus_valid", report.split)
    neutral, contempt = FER2013.index("neutral"), FERPLUS.index("contempt")
    probabilities = report.probabilities[:, :contempt].copy()
    probabilities[:, neutral] += report.probabilities[:, contempt]
    answer = probabilities.argmax(axis=1)
    label = np.where(report.label == contempt, neutral, report.label)
    seven = summary.seven_classes
    assert seven is not None
    assert tuple(seven.per_class) == FER2013
    assert seven.accuracy.value == pytest.approx(reference.accuracy_score(label, answer))
    for name, average in (("macro_f1", "macro"), ("weighted_f1", "weighted")):
        expected = reference.f1_score(label, answer, average=average)
        assert getattr(seven, name).value == pytest.approx(expected)


def test_seven_classes_are_no_view_of_themselves() -> None:
    splits = [answers("a_valid", FER2013), answers("a_test", FER2013)]
    assert summarize(splits, "a_valid", "a_test").seven_classes is None
