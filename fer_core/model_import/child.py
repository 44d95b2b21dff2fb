"""The process that opens a foreign model, after it has judged it: no part of the app.

    python -m fer_core.model_import.child model.keras

Reads the file, prints one line of JSON: the report, or why the model is refused.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.errors import ModelRejected
from fer_core.model_import.archive import read_archive
from fer_core.model_import.config import check_config
from fer_core.model_import.limits import forbid_contact, forbid_writing, limit_growth
from fer_core.model_import.weights import check_weights

_GRAY = 0.5


def judge(data: bytes) -> None:
    """Looks at the archive, the configuration and the weights, without Keras.

    Args:
        data: the whole `.keras` file.

    Raises:
        ModelRejected: the file is refused.
    """
    archive = read_archive(data)
    check_config(archive.config)
    check_weights(archive.weights)


def check_and_describe(path: Path) -> dict[str, Any]:
    """Judges a file, and only then loads it and describes the model.

    Args:
        path: a copy that nobody else can change.

    Returns:
        The fields of `ImportReport`.

    Raises:
        ModelRejected: the file is refused, or Keras cannot load it within the limits.
    """
    data = path.read_bytes()
    judge(data)
    return {
        **_load_and_describe(path),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
    }


def _load_and_describe(path: Path) -> dict[str, Any]:
    import keras

    forbid_writing()
    try:
        model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)
        faces = np.full([side or 1 for side in _only_input(model)], _GRAY, np.float32)
        answers = [np.asarray(answer) for answer in _as_list(model(faces))]
    except ModelRejected:
        raise
    except (Exception, MemoryError) as error:  # Keras fails in many ways on what does not fit
        raise ModelRejected(
            f"Keras cannot load the model: {_first_line(error)}", reason="failed"
        ) from error
    names = [str(name) for name in model.output_names]
    return {
        "name": str(model.name),
        "input_shape": list(_only_input(model)),
        "outputs": dict(zip(names, ([None, *answer.shape[1:]] for answer in answers), strict=True)),
        "sums_to_one": dict(zip(names, map(_is_distribution, answers), strict=True)),
        "layers": dict(Counter(type(layer).__name__ for layer in model.layers).most_common()),
        "parameters": int(model.count_params()),
    }


def _only_input(model: Any) -> tuple[int | None, ...]:
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    if len(shapes) != 1:
        raise ModelRejected(
            f"Expected a model with one input, the face. Received {len(shapes)}.", reason="failed"
        )
    return shapes[0]


def _as_list(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _is_distribution(answer: np.ndarray[Any, Any]) -> bool:
    return bool(answer.min() >= 0 and np.allclose(answer.sum(axis=-1), 1.0, atol=1e-3))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def main() -> None:
    """Answers with one line on standard output; whatever libraries print goes to standard error."""
    answer_to, sys.stdout = sys.stdout, sys.stderr
    limit_growth()
    forbid_contact()
    answer: dict[str, Any]
    try:
        answer = {"report": check_and_describe(Path(sys.argv[1]))}
    except ModelRejected as error:
        answer = {"rejected": str(error), "reason": error.reason}
    except Exception as error:  # whatever a file leads to, it is an answer and no traceback
        message = f"The model cannot be judged: {_first_line(error)}"
        answer = {"rejected": message, "reason": "failed"}
    print(json.dumps(answer), file=answer_to, flush=True)


if __name__ == "__main__":
    main()
