"""The file robustness.csv in a model's folder: how many answers were right under what.

One row per corruption and severity, and one with the corruption `none` for the undisturbed faces.
The columns `split`, `weights` (the checksum of the weights measured) and `protocol` are the same in
every row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from fer_core.atomic import replacing
from fer_core.errors import ModelError
from fer_core.evaluation.corruptions import CORRUPTIONS, SEVERITIES
from fer_core.evaluation.robustness import Robustness
from fer_core.zoo import model_folder

ROBUSTNESS_FILE: Final = "robustness.csv"
_CLEAN: Final = "none"
_TEXTS: Final = ("split", "weights", "protocol")


def write_robustness(path: Path, result: Robustness) -> None:
    """Writes one robustness.csv, as a whole or not at all."""
    frame = result.to_frame()[["corruption", "severity", "rows", "correct"]]
    frame.loc[frame["severity"] == 0, "corruption"] = _CLEAN
    frame = frame.drop_duplicates()
    frame = frame.assign(split=result.split, weights=result.weights, protocol=result.protocol)
    with replacing(path) as file:
        frame.to_csv(file, index=False, lineterminator="\n")


def load_robustness(name: str, *, models_dir: Path | None = None) -> Robustness | None:
    """Reads the robustness of one saved model; None where it was never measured.

    Raises:
        ModelError: there is no such model, or its robustness.csv is not valid.
    """
    path = model_folder(name, models_dir=models_dir) / ROBUSTNESS_FILE
    return read_robustness(path, name) if path.is_file() else None


def read_robustness(path: Path, model: str) -> Robustness:
    """Reads one robustness.csv.

    Raises:
        ModelError: the file cannot be read, or a column or a row is missing.
    """
    import pandas as pd

    try:
        # As texts: a checksum may look like a number.
        texts = dict.fromkeys((*_TEXTS, "corruption"), str)
        frame = pd.read_csv(path, dtype=texts, keep_default_na=False)
        counts = frame.set_index(["corruption", "severity"])["correct"].astype(np.int64)
        (constant,) = frame[["rows", *_TEXTS]].drop_duplicates().to_dict("records")
        correct = [
            [counts.loc[(corruption, severity)] for severity in SEVERITIES]
            for corruption in CORRUPTIONS
        ]
        return Robustness(
            model,
            split=constant["split"],
            weights=constant["weights"],
            protocol=constant["protocol"],
            rows=int(constant["rows"]),
            clean=int(counts.loc[(_CLEAN, 0)]),
            correct=np.array(correct, np.int64),
        )
    except KeyError as error:
        raise ModelError(f"The robustness {path} is not valid: {error} is missing") from error
    except (OSError, TypeError, ValueError) as error:
        raise ModelError(f"The robustness {path} is not valid: {error}") from error
