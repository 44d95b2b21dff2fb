"""Makes a model folder of a checked ONNX model."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from fer_core.errors import ModelRejected
from fer_core.files import atomic_directory
from fer_core.zoo import (
    CARD_FILE,
    IMPORTED_FILE,
    ImportedCard,
    ImportedFile,
    ModelStore,
    WeightsFile,
)
from fer_core.zoo.onnx_importing.adapted_graph import adapted, declared_batch
from fer_core.zoo.onnx_importing.check import check_onnx
from fer_core.zoo.onnx_importing.graph import judge
from fer_core.zoo.onnx_importing.import_settings import ImportSettings
from fer_core.zoo.onnx_importing.report import OnnxReport


def add_model(
    onnx_file: Path,
    original: Path,
    settings: ImportSettings,
    *,
    store: ModelStore,
    overwrite: bool = False,
) -> ImportedCard:
    """Rewrites a checked model for this project, checks the result too, and stores it.

    Args:
        onnx_file: that `check_onnx` accepted: the original, or made from it.
        original: the file from elsewhere, `.onnx` or `.keras`.
        settings: of the import.
        store: where the folder is made.
        overwrite: whether an existing model of this name may be replaced.

    Raises:
        ModelRejected: the file changed since the check, or the rewritten model cannot be run.
        OutputError: there is a model of this name and `overwrite` is false, or the folder cannot be
            written.
    """
    model = judge(onnx_file.read_bytes())
    with atomic_directory(
        store.folder, settings.name, "The saved model", overwrite=overwrite
    ) as folder:
        stored = folder / IMPORTED_FILE
        for batch in (None, declared_batch(model)):
            stored.write_bytes(adapted(model, settings, batch=batch).SerializeToString())
            try:
                report = check_onnx(stored)
            except ModelRejected:
                if batch is None:
                    continue  # perhaps its shapes are fixed inside
                raise
            if batch is not None or report.takes_batches:
                break
        card = _card(original, settings, report)
        (folder / CARD_FILE).write_text(card.to_json(), encoding="utf-8")
    return card


def _card(original: Path, settings: ImportSettings, report: OnnxReport) -> ImportedCard:
    kind: Literal["onnx", "keras"] = "onnx" if original.suffix.lower() == ".onnx" else "keras"
    data = original.read_bytes()
    size, channels = settings.preprocessing.size, settings.preprocessing.channels
    return ImportedCard(
        name=settings.name,
        title=settings.title,
        summary=f"Imported from {original.name}. It was not scored on a test split here.",
        input_shape=(size, size, channels),
        labels=settings.labels,
        preprocessing=settings.preprocessing,
        parameters=max(report.parameters, 1),
        weights=WeightsFile(sha256=report.sha256, size_bytes=report.size_bytes),
        source=ImportedFile(
            file=original.name,
            format=kind,
            sha256=hashlib.sha256(data).hexdigest(),
            layout=settings.layout,
            output=settings.output,
            p95_ms=round(report.p95_ms, 2),
            peak_memory_bytes=report.peak_memory_bytes,
            imported=datetime.now(UTC).date(),
        ),
    )
