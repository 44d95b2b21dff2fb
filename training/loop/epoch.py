"""One epoch of training, batch by batch."""

from __future__ import annotations

import keras
import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from training.input_pipeline import EpochBatches
from training.run_directory import Row
from training.terminal import console


def fit_epoch(model: keras.Model, batches: EpochBatches, title: str) -> Row:
    """Trains a compiled model for one epoch; returns its mean loss and accuracy.

    Keras's `fit` is not used: if the optimizer averages weights, each call of `fit` ends by
    replacing the weights with the averages, and the next epoch would continue from these.
    """
    progress = Progress(
        title,
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        steps = [
            model.train_on_batch(*batches[index], return_dict=True)
            for index in progress.track(range(len(batches)))
        ]
    return {name: float(np.mean([step[name] for step in steps])) for name in ("loss", "accuracy")}
