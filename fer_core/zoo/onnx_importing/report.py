"""The report on a checked ONNX model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from fer_core.zoo.importing import OutputKind

if TYPE_CHECKING:
    import pandas as pd

Layout = Literal["NCHW", "NHWC"]

_CHANNELS: Final = {1: "gray", 3: "color"}


@dataclass(frozen=True)
class OnnxReport:
    """An ONNX model that passed every check and was run on synthetic faces.

    Attributes:
        sha256: of the file.
        size_bytes: of the file.
        opset: version of the standard operators.
        input_shape: of a batch; None for dimensions of any size.
        input_type: `float32` or `float16`.
        layout: `NCHW` if the second dimension is the channels, `NHWC` if the last is.
        channels: 1 (gray) or 3 (color).
        tried_shape: of the synthetic faces it was tried with.
        takes_batches: whether several faces at once give the rows that each gives alone.
        classes: number of outputs for one face.
        output_kind: the kind of its rows on those faces, as in `ImportReport`.
        operators: number of nodes by operator.
        parameters: number of stored weights.
        p95_ms: 95th percentile of the time for one face, on two threads.
        peak_memory_bytes: largest resident memory of the process that ran it, with Python and
            ONNX Runtime; None where the system does not tell.
    """

    sha256: str
    size_bytes: int
    opset: int
    input_shape: tuple[int | None, ...]
    input_type: Literal["float32", "float16"]
    layout: Layout
    channels: int
    tried_shape: tuple[int, ...]
    takes_batches: bool
    classes: int
    output_kind: OutputKind
    operators: dict[str, int]
    parameters: int
    p95_ms: float
    peak_memory_bytes: int | None

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> OnnxReport:
        """Builds the report from its JSON form."""
        shapes = {name: tuple(fields[name]) for name in ("input_shape", "tried_shape")}
        return cls(**{**fields, **shapes})

    def to_frame(self) -> pd.DataFrame:
        """Returns the columns `property` and `value`, both text."""
        import pandas as pd  # slow to import, and needed here only

        batch, *sides = self.input_shape
        shape = " x ".join(
            ("n" if batch is None else str(batch), *("any" if s is None else str(s) for s in sides))
        )
        memory = self.peak_memory_bytes
        rows = [
            ("input", f"{shape}, {self.input_type}"),
            ("layout", f"{self.layout}, {_CHANNELS[self.channels]}"),
            ("tried with", " x ".join(map(str, self.tried_shape))),
            ("output", f"{self.classes} classes, {self.output_kind}"),
            ("opset", str(self.opset)),
            ("operators", ", ".join(f"{n} {name}" for name, n in self.operators.items())),
            ("parameters", f"{self.parameters:,}"),
            ("time for one face, p95", f"{self.p95_ms:.1f} ms"),
            ("peak memory", "unknown" if memory is None else f"{memory / 1e6:.0f} MB"),
            ("size", f"{self.size_bytes:,} bytes"),
            ("SHA-256", self.sha256),
        ]
        return pd.DataFrame(rows, columns=["property", "value"])
