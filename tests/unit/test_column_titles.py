"""Columns of tables have titles on screen."""

from __future__ import annotations

import pandas as pd
import pytest

from pages.widgets import column_titles, with_titles


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("accuracy_low", "Accuracy low"),
        ("p_value", "p"),
        ("p_value_before", "p before"),
        ("p_happy", "P(happy)"),
        ("roc_auc_low", "ROC AUC low"),
        ("f1_fear", "F1 fear"),
        ("ece_before", "ECE before"),
        ("macro_f1", "Macro F1"),
        ("p50_ms", "P50 (ms)"),
        ("file_sha256", "File SHA256"),
        ("learning_rate", "Learning rate"),
    ],
)
def test_a_column_has_a_title(name: str, title: str) -> None:
    assert column_titles(pd.DataFrame({name: [0.0]})) == {name: title}


def test_a_column_named_after_a_model_has_the_title_of_the_model() -> None:
    frame = pd.DataFrame({"cnn_small": ["happy"], 0: [1]})
    assert column_titles(frame, {"cnn_small": "Small CNN"}) == {"cnn_small": "Small CNN"}


def test_models_and_splits_have_titles_and_other_columns_stay() -> None:
    frame = pd.DataFrame({"model": ["cnn", "other"], "label": ["cnn", "cnn"]})
    shown = with_titles(frame, {"cnn": "CNN"})
    assert shown.to_dict("list") == {"model": ["CNN", "other"], "label": ["cnn", "cnn"]}
    assert frame["model"].tolist() == ["cnn", "other"]
