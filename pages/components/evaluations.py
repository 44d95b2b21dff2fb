"""What the saved models come with, read once: predictions, scores, training histories."""

from __future__ import annotations

import streamlit as st

from fer_core.cards import ModelCard
from fer_core.evaluation.history import History, load_history
from fer_core.evaluation.metrics import classification_metrics
from fer_core.evaluation.predictions import SplitPredictions, load_predictions
from fer_core.evaluation.scores import ClassificationMetrics, EvaluationProtocol


def predictions_of(card: ModelCard) -> dict[str, SplitPredictions]:
    """Returns the model's saved predictions by split."""
    return _predictions(card.name, card.weights.sha256)


def metrics_of(card: ModelCard, split: str, protocol: EvaluationProtocol) -> ClassificationMetrics:
    """Returns the model's scores on one split: its card's, or else those of its predictions."""
    stored = card.metrics.get(split, {}).get(protocol)
    return stored or _metrics(card.name, card.weights.sha256, split, protocol)


def history_of(card: ModelCard) -> History:
    """Returns the model's training history."""
    return _history(card.name, card.weights.sha256)


def at_best_epoch(history: History) -> dict[str, float]:
    """Returns what a run had reached at its best epoch, with the gap between its two accuracies."""
    at = history.epoch.tolist().index(history.best_epoch)
    return {
        "best_epoch": history.best_epoch,
        "epochs": len(history),
        "accuracy": history.accuracy[at],
        "val_accuracy": history.val_accuracy[at],
        "overfit_gap": history.accuracy[at] - history.val_accuracy[at],
        "learning_rate": history.learning_rate[at],
        "seconds": history.seconds.sum(),
    }


@st.cache_resource(max_entries=16, show_spinner=False)
def _predictions(name: str, checksum: str) -> dict[str, SplitPredictions]:
    return load_predictions(name)


@st.cache_data(max_entries=64, show_spinner="Computing intervals…")
def _metrics(
    name: str, checksum: str, split: str, protocol: EvaluationProtocol
) -> ClassificationMetrics:
    return classification_metrics(_predictions(name, checksum)[split], protocol=protocol)


@st.cache_resource(max_entries=16, show_spinner=False)
def _history(name: str, checksum: str) -> History:
    return load_history(name)
