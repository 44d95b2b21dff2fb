"""Converts a checked Keras model to ONNX, in a process that inherits no secrets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer_core.errors import ModelError, ModelRejected
from fer_core.zoo import Progress, export_onnx_in_process
from fer_core.zoo.importing import bare_environment, checked_copy


@contextmanager
def keras_as_onnx(path: Path, side: int | None, progress: Progress | None = None) -> Iterator[Path]:
    """Checks a Keras model, converts it and yields the path of a temporary ONNX file.

    Args:
        path: of a `.keras` file.
        side: of a face in pixels, for a model that accepts any size.
        progress: called during the conversion.

    Raises:
        ModelRejected: the file is rejected, has several outputs, or cannot be converted.
    """
    with checked_copy(path) as (report, copy), tempfile.TemporaryDirectory() as folder:
        if len(report.outputs) != 1:
            raise ModelRejected(
                f"Only a model with one output can be imported. Received: {len(report.outputs)}, "
                f"{', '.join(report.outputs)}",
                reason="graph",
            )
        target = Path(folder) / "model.onnx"
        try:
            export_onnx_in_process(
                path.name,
                copy,
                target,
                progress,
                side=side or report.tried_shape[0],
                environment=bare_environment(Path(folder)),
            )
        except ModelError as error:
            raise ModelRejected(str(error), reason="failed") from error
        yield target
