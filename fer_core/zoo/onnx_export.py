"""The ONNX file of a model; model.keras is exported once, into the user's cache folder.

The export needs TensorFlow, which takes seconds to import and hundreds of megabytes, so it runs in
a separate process, `exporter_process.py`. The file is named by the checksum of model.keras and
written atomically after its outputs have been compared with Keras, so several processes may export
at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from fer_core.errors import CacheError, ModelError
from fer_core.files import check_writable, shown
from fer_core.paths import PROJECT, cache_folder, cache_root
from fer_core.zoo.cards import RunnableCard
from fer_core.zoo.store import BrokenModel, ModelStore

Progress = Callable[[float, str], None]
"""Called with the fraction done, 0 to 1, and a description of the current step."""

PROGRESS_MARK: Final = "progress"
"""First word of a line with the fraction done and the current step, printed by the process."""


def onnx_path(card: RunnableCard) -> Path:
    """Returns the path of a model's ONNX file, which may not exist yet."""
    return cache_folder("onnx") / f"{card.weights.sha256}.onnx"


def onnx_file(
    name: str, *, store: ModelStore | None = None, progress: Progress | None = None
) -> Path:
    """Returns the ONNX file of a saved model, exporting it if necessary; its own if it has one.

    Args:
        name: of the model.
        store: where the saved models are; by default `ModelStore.default()`.
        progress: called during an export.

    Raises:
        ModelError: the model is missing or damaged, or cannot be exported faithfully.
        CacheError: the cache folder cannot be written.
    """
    store = store or ModelStore.default()
    weights = store.verified_weights(name)
    if weights.suffix == ".onnx":
        return weights
    try:
        target = onnx_path(store.load_card(name))
    except OSError as error:
        raise _no_cache(error) from error
    if not target.exists():
        try:
            check_writable(target)
        except OSError as error:
            raise _no_cache(error) from error
        export_onnx_in_process(name, weights, target, progress)
    return target


def _no_cache(error: OSError) -> CacheError:
    return CacheError(
        f"The cache folder {shown(cache_root())} cannot be written: {error.strerror or error}. The "
        "ONNX file of a model is exported once and stored there. Make it writable, or set "
        "FER_CACHE_DIR to another folder."
    )


def prepare_models(
    store: ModelStore | None = None, *, progress: Progress | None = None
) -> tuple[BrokenModel, ...]:
    """Exports every saved model without an ONNX file, and returns those that cannot be used.

    Args:
        store: where the saved models are; by default `ModelStore.default()`.
        progress: called during the exports.

    Raises:
        CacheError: the cache folder cannot be written.
    """
    store = store or ModelStore.default()
    listing = store.list_models()
    broken = list(listing.broken)
    cards = [card for card in listing.cards if not card.members]
    for index, card in enumerate(cards):

        def report(part: float, text: str, done: int = index, title: str = card.title) -> None:
            if progress is not None:
                progress((done + part) / len(cards), f"{title}: {text}")

        try:
            onnx_file(card.name, store=store, progress=report)
        except CacheError:  # no other model can be exported either
            raise
        except ModelError as error:
            broken.append(BrokenModel(card.name, str(error)))
        report(1.0, "ready")
    return tuple(broken)


def export_onnx_in_process(
    name: str,
    weights: Path,
    target: Path,
    progress: Progress | None = None,
    *,
    side: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Exports a Keras model to ONNX in a separate process, and compares their outputs.

    Args:
        name: of the model, for messages.
        weights: the file to read, of a trusted or checked model.
        target: the file to write.
        progress: called during the export.
        side: of a face in pixels, for a model that accepts any size.
        environment: of the process; by default that of this one.

    Raises:
        ModelError: the model cannot be exported faithfully.
    """
    report = progress or (lambda part, text: None)
    project = str(PROJECT)
    variables = {**os.environ} if environment is None else {**environment}
    variables |= {
        "PYTHONPATH": os.pathsep.join(filter(None, (project, variables.get("PYTHONPATH")))),
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Otherwise tf2onnx copies the graph before each pass, to restore it if the pass fails: for
        # resnet50 twice the memory, 7.9 GB, and 25% more time.
        "TF2ONNX_CATCH_ERRORS": "FALSE",
    }
    command = [sys.executable, "-m", "fer_core.zoo.exporter_process", str(weights), str(target)]
    command += [] if side is None else [str(side)]
    report(0.0, "starting TensorFlow")
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log,
        subprocess.Popen(
            command, env=variables, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            mark, _, step = line.strip().partition(" ")
            if mark == PROGRESS_MARK:
                part, _, text = step.partition(" ")
                report(float(part), text)
        if process.wait() != 0:
            log.seek(0)
            reason = (log.read().strip().splitlines() or ["no reason given"])[-1]
            raise ModelError(f"Model {name!r} cannot be exported to ONNX: {reason}")
