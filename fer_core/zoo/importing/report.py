"""The report on a checked model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import pandas as pd

OutputKind = Literal["probabilities", "between 0 and 1", "logits"]

_LABELS: Final[dict[OutputKind, str]] = {
    "probabilities": "rows sum to 1",
    "between 0 and 1": "between 0 and 1, rows do not sum to 1",
    "logits": "logits, rows do not sum to 1",
}
_MEANINGS: Final[dict[OutputKind, str]] = {
    "between 0 and 1": "values between 0 and 1 that do not sum to 1, as from a sigmoid: each is an "
    "independent probability.",
    "logits": "logits, not probabilities: the import appends a softmax.",
}


@dataclass(frozen=True)
class ImportReport:
    """A third-party model that passed every check and was opened once.

    Attributes:
        name: stored in the file.
        sha256: of the file.
        size_bytes: of the file.
        input_shape: of a batch; None for dimensions of any size.
        tried_shape: of the synthetic faces it was tried with.
        outputs: shape of a batch, by name.
        output_kinds: by output, the kind of its rows on those faces: `probabilities` (they sum to
            1), `between 0 and 1` (as from a sigmoid), or `logits` (any values).
        layers: number of layers by class, including those of nested models.
        parameters: number of parameters.
    """

    name: str
    sha256: str
    size_bytes: int
    input_shape: tuple[int | None, ...]
    tried_shape: tuple[int, ...]
    outputs: dict[str, tuple[int | None, ...]]
    output_kinds: dict[str, OutputKind]
    layers: dict[str, int]
    parameters: int

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> ImportReport:
        """Builds the report from its JSON form."""
        shapes = {name: tuple(fields[name]) for name in ("input_shape", "tried_shape")}
        outputs = {name: tuple(shape) for name, shape in fields["outputs"].items()}
        return cls(**{**fields, **shapes, "outputs": outputs})

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what to know before using the model here."""
        remarks = []
        *sides, channels = self.input_shape[1:] or (None,)
        if None in self.input_shape[1:]:
            tried = " x ".join(map(str, self.tried_shape))
            remarks.append(
                f"The input has no fixed size: it was tried with {tried}. Use the size that the "
                "model was trained with; at other sizes it runs, but its scores do not apply."
            )
        if channels not in (1, 3) or len(sides) != 2 or len(set(sides)) != 1:
            remarks.append(
                "Faces are square here, gray or with three channels; this model takes "
                f"{_shape(self.input_shape)} and cannot be imported."
            )
        for name, kind in self.output_kinds.items():
            if kind != "probabilities":
                remarks.append(f"The output {name} gives {_MEANINGS[kind]}")
        if len(self.outputs) > 1:
            remarks.append(
                f"It has {len(self.outputs)} outputs ({', '.join(self.outputs)}). Only a model "
                "with one can be imported."
            )
        return tuple(remarks)

    def to_frame(self) -> pd.DataFrame:
        """Returns the columns `property` and `value`, both text."""
        import pandas as pd  # slow to import, and needed here only

        outputs = [
            f"{name}: {_shape(shape)}, {_LABELS[self.output_kinds[name]]}"
            for name, shape in self.outputs.items()
        ]
        rows = [
            ("name", self.name),
            ("input", _shape(self.input_shape)),
            *(("output", output) for output in outputs),
            ("layers", ", ".join(f"{count} {name}" for name, count in self.layers.items())),
            ("parameters", f"{self.parameters:,}"),
            ("size", f"{self.size_bytes:,} bytes"),
            ("SHA-256", self.sha256),
            *(("note", remark) for remark in self.remarks),
        ]
        return pd.DataFrame(rows, columns=["property", "value"])


def _shape(shape: tuple[int | None, ...]) -> str:
    batch, *sides = shape
    return " x ".join(
        ("n" if batch is None else str(batch), *("any" if s is None else str(s) for s in sides))
    )
