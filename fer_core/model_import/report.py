"""What a checked model is, and what it still lacks to be listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

NEEDED_FOR_A_CARD: Final = (
    "a folder models/<name>/ with the file as model.keras",
    "the labels, in the order of the outputs",
    "the preprocessing that it was trained with",
    "its training data, their licence, and which split chose the weights",
    "predictions.npz, measured on data that it has not seen; every score is computed from it",
    "card.json with all of this, the file's size and its SHA-256 (docs/architecture.md)",
)
"""What must be known of a model, and cannot be read from its file."""


@dataclass(frozen=True)
class ImportReport:
    """A model from elsewhere that passed every check and was opened once.

    Attributes:
        name: that the model gives itself.
        sha256: of the file.
        size_bytes: of the file.
        input_shape: of a batch; None where any size fits.
        outputs: by name, the shape of a batch.
        sums_to_one: by output, whether each row is a distribution, as tried on a gray face.
        layers: by class, how many there are.
        parameters: number of weights.
    """

    name: str
    sha256: str
    size_bytes: int
    input_shape: tuple[int | None, ...]
    outputs: dict[str, tuple[int | None, ...]]
    sums_to_one: dict[str, bool]
    layers: dict[str, int]
    parameters: int

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> ImportReport:
        """Builds the report from its JSON form."""
        outputs = {name: tuple(shape) for name, shape in fields["outputs"].items()}
        return cls(
            **{**fields, "input_shape": tuple(fields["input_shape"]), "outputs": outputs},
        )

    def to_frame(self) -> pd.DataFrame:
        """Returns the columns `property` and `value`, both text."""
        import pandas as pd  # slow to import, and needed here only

        outputs = [
            f"{name}: {_shape(shape)}"
            f"{', rows sum to 1' if self.sums_to_one[name] else ', rows do not sum to 1'}"
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
        ]
        return pd.DataFrame(rows, columns=["property", "value"])


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("n" if side is None else str(side) for side in shape)
