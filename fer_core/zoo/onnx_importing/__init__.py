"""Checks whether an ONNX model from elsewhere is safe to open, describes it, and adds it.

>>> report = check_onnx("downloaded.onnx")
>>> report.layout, report.parameters
('NCHW', 1328167)

The graph is checked against a list of operators before ONNX Runtime opens it. All of this runs in a
separate process with limits on time, memory, network and files. `add_model` then stores a rewritten
copy that takes and gives what every model here does, with a card.
"""

from fer_core.zoo.onnx_importing.add_model import add_model
from fer_core.zoo.onnx_importing.check import check_onnx
from fer_core.zoo.onnx_importing.import_settings import (
    LABEL_SETS,
    ImportSettings,
    StatedSettings,
    model_name,
    read_settings,
    read_stated_settings,
)
from fer_core.zoo.onnx_importing.keras_conversion import keras_as_onnx
from fer_core.zoo.onnx_importing.report import OnnxReport

__all__ = [
    "LABEL_SETS",
    "ImportSettings",
    "OnnxReport",
    "StatedSettings",
    "add_model",
    "check_onnx",
    "keras_as_onnx",
    "model_name",
    "read_settings",
    "read_stated_settings",
]
