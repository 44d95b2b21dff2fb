"""Out-of-fold predictions: for subjects that the weights were not trained on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.scores import SPLIT, CkPlusPredictions
from fer_core.labels import CKPLUS, CKPLUS_ACTION_UNITS
from fer_core.preprocessing import preprocess_batch
from training.artifacts import FULL_MANTISSA_BITS, round_weights
from training.ckplus.run import CkPlusRun
from training.run_directory import Checkpoint

_BATCH_SIZE = 128


def predict_out_of_fold(
    run: CkPlusRun, *, mantissa_bits: int = FULL_MANTISSA_BITS
) -> CkPlusPredictions:
    """Predicts every frame with the weights of the fold that held it out.

    Args:
        run: with all folds finished.
        mantissa_bits: explicit mantissa bits kept by weights of rank 2 or higher.

    Raises:
        CheckpointError: a fold is not finished.
    """
    checkpoints = {
        number: Checkpoint.load(run.fold_file(number)) for number in range(run.settings.folds)
    }
    rows_of = {number: np.flatnonzero(run.fold == number) for number in checkpoints}
    return _predict(run, checkpoints, rows_of, mantissa_bits)


def predict_rows(
    run: CkPlusRun, checkpoint: Checkpoint, rows: NDArray[np.int64]
) -> CkPlusPredictions:
    """Predicts some frames with the weights of one checkpoint.

    Args:
        run: the run whose settings the weights were trained with.
        checkpoint: with the weights.
        rows: positions in the run's dataset, all frames of their sequences.
    """
    return _predict(run, {0: checkpoint}, {0: rows}, FULL_MANTISSA_BITS)


def _predict(
    run: CkPlusRun,
    checkpoints: Mapping[int, Checkpoint],
    rows_of: Mapping[int, NDArray[np.int64]],
    mantissa_bits: int,
) -> CkPlusPredictions:
    data = run.dataset
    emotion = np.zeros((len(data), len(CKPLUS)), np.float32)
    action_units = np.zeros((len(data), len(CKPLUS_ACTION_UNITS)), np.float32)
    start = run.model.get_weights()
    for number, checkpoint in checkpoints.items():
        rows = rows_of[number]
        run.model.set_weights(checkpoint.weights)
        round_weights(run.model, mantissa_bits)
        faces = preprocess_batch(data.images[rows], run.preprocessing)
        emotion[rows], action_units[rows] = run.model.predict(
            faces, batch_size=_BATCH_SIZE, verbose=0
        )
    run.model.set_weights(start)
    rows = np.sort(np.concatenate(list(rows_of.values())))
    subject = np.array([int(name[1:]) for name in data.subject], np.int64)
    sequence = subject * 1000 + [int(name.partition("_")[2]) for name in data.sequence]
    return CkPlusPredictions(
        emotion=SplitPredictions(
            SPLIT,
            CKPLUS,
            row_id=rows,
            label=data.label[rows],
            probabilities=emotion[rows],
        ),
        high_level=data.high_level[rows],
        action_unit_names=CKPLUS_ACTION_UNITS,
        action_units=data.action_units[rows],
        action_unit_probabilities=action_units[rows],
        fold=run.fold[rows],
        subject=subject[rows],
        sequence=sequence[rows].astype(np.int64),
    )
