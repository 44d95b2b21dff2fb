"""What the weights of each fold answer for the subjects they have not seen."""

from __future__ import annotations

import numpy as np

from fer_core.action_units import CKPLUS_ACTION_UNITS
from fer_core.emotions import CKPLUS
from fer_core.evaluation.ckplus_predictions import SPLIT, CkPlusPredictions
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.preprocessing import preprocess_batch
from training.checkpoints import Checkpoint
from training.ckplus.run import Run
from training.light_weights import FULL_MANTISSA_BITS, round_weights

_BATCH_SIZE = 128


def predict_out_of_fold(
    run: Run, *, mantissa_bits: int = FULL_MANTISSA_BITS, folds: range | None = None
) -> CkPlusPredictions:
    """Lets every fold's weights answer for the frames that the fold held out.

    Args:
        run: with these folds finished.
        mantissa_bits: explicit mantissa bits that weights of rank 2 and more keep.
        folds: only these; all of them if None.

    Raises:
        CheckpointError: a fold is not finished.
    """
    chosen = folds or range(run.settings.folds)
    data = run.dataset
    emotion = np.zeros((len(data), len(CKPLUS)), np.float32)
    action_units = np.zeros((len(data), len(CKPLUS_ACTION_UNITS)), np.float32)
    start = run.model.get_weights()
    for number in chosen:
        rows = run.fold == number
        run.model.set_weights(Checkpoint.load(run.fold_file(number)).weights)
        round_weights(run.model, mantissa_bits)
        faces = preprocess_batch(data.images[rows], run.preprocessing)
        emotion[rows], action_units[rows] = run.model.predict(
            faces, batch_size=_BATCH_SIZE, verbose=0
        )
    run.model.set_weights(start)
    rows = np.isin(run.fold, chosen)
    subject = np.array([int(name[1:]) for name in data.subject], np.int64)
    sequence = subject * 1000 + [int(name.partition("_")[2]) for name in data.sequence]
    return CkPlusPredictions(
        emotion=SplitPredictions(
            SPLIT,
            CKPLUS,
            row_id=np.flatnonzero(rows),
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
