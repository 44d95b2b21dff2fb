"""Checks whether an ONNX model from elsewhere is safe to open, and describes it.

>>> report = check_onnx("downloaded.onnx")
>>> report.layout, report.parameters
('NCHW', 1328167)

The graph is checked against a list of operators before ONNX Runtime opens it, without graph
optimizations. All of this runs in a separate process with limits on time, memory, network and
files.
"""

from fer_core.zoo.onnx_importing.check import check_onnx
from fer_core.zoo.onnx_importing.report import OnnxReport

__all__ = [
    "OnnxReport",
    "check_onnx",
]
