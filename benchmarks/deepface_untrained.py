"""The adapter of `deepface` with random weights, for times where its own cannot be downloaded.

    PackageCommand.parse("deepface=../others/bin/python:benchmarks/deepface_untrained.py")

It is started with the Python that has the package. An untrained network is as fast as a trained
one; its predictions mean nothing.
"""

from __future__ import annotations

import contextlib
import runpy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

PROJECT = Path(__file__).resolve().parent.parent
ADAPTER = PROJECT / "fer_core/benchmark/packages/deepface_adapter.py"
NOTE = "Its emotion model has random weights: only the times mean anything."


def build_untrained(engine: str) -> None:
    """Makes deepface build its emotion model with random weights.

    Args:
        engine: `"tensorflow"` or `"onnx"`.
    """
    from deepface.modules import modeling

    with random_weights(engine):
        modeling.build_model("facial_attribute", "Emotion")


@contextlib.contextmanager
def random_weights(engine: str) -> Iterator[None]:
    """Gives deepface an untrained network of its architecture instead of a download."""
    from deepface.commons import weight_utils

    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        file = str(Path(folder) / "emotion.onnx")
        if engine == "onnx":
            export_untrained(file)
        instead = {
            "download_weights_if_necessary": lambda **_: file,
            "load_model_weights": lambda model, **_: model,
        }
        for name, function in instead.items():
            stack.enter_context(mock.patch.object(weight_utils, name, new=function))
        yield


def export_untrained(file: str) -> None:
    """Writes deepface's architecture as ONNX, with channels last, as its pictures are."""
    import torch
    from deepface.models.demography.pytorch.Emotion import base_model

    # With one channel, channels last and channels first have the same memory layout.
    channels_first = [torch.nn.Flatten(), torch.nn.Unflatten(1, (1, 48, 48))]
    torch.onnx.export(
        torch.nn.Sequential(*channels_first, base_model()).eval(),
        (torch.zeros(1, 48, 48, 1),),
        file,
        input_names=["faces"],
        dynamic_axes={"faces": {0: "n"}},
        dynamo=False,
    )


if __name__ == "__main__":
    adapter = runpy.run_path(str(ADAPTER))
    build_untrained("tensorflow")
    adapter["run"](NOTE)
