"""Which columns of a table hold the probabilities of which classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fer_core.benchmark.importing.table import Table, and_others
from fer_core.errors import PredictionsRejected
from fer_core.files import shown
from fer_core.labels import FERPLUS, canonical_label

_PREFIX: Final = "p_"


@dataclass(frozen=True)
class ClassColumns:
    """The k columns with probabilities.

    Attributes:
        columns: their names, in the order of the file.
        labels: their classes.
    """

    columns: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, table: Table) -> ClassColumns:
        """Finds the columns: `p_<class>`, or without any such column those named as a class.

        Synonyms of classes are known; see `labels.canonical_label`.

        Raises:
            PredictionsRejected: there are fewer than two, a class is unknown, or one occurs twice.
        """
        columns = [name for name in table.columns if name.lower().startswith(_PREFIX)]
        if not columns:
            columns = [name for name in table.columns if _class_named(name)]
        labels = [_class_named(name) or "" for name in columns]
        if unknown := [name for name, label in zip(columns, labels, strict=True) if not label]:
            raise PredictionsRejected(
                f"{shown(table.file)}: {shown(unknown[0])} is no known class"
                f"{and_others(len(unknown), 'column')}. Expected p_ and one of "
                f"{', '.join(FERPLUS)}. Leave out other classes, and divide each row by its sum."
            )
        if twice := next((label for label in labels if labels.count(label) > 1), None):
            both = [name for name, label in zip(columns, labels, strict=True) if label == twice]
            raise PredictionsRejected(
                f"{shown(table.file)}: {' and '.join(map(shown, both))} both name {twice}."
            )
        if len(columns) < 2:
            raise PredictionsRejected(
                f"{shown(table.file)}: expected a column of probabilities per class, p_angry, "
                f"p_happy and so on. Received the columns: "
                f"{shown(', '.join(table.columns))[:200] or 'none'}"
            )
        return cls(tuple(columns), tuple(labels))

    @property
    def read_as(self) -> dict[str, str]:
        """The class of each column."""
        return dict(zip(self.columns, self.labels, strict=True))


def read_labels(
    table: Table, column: str, classes: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """Reads a column of true labels: names of classes, or numbers.

    Args:
        table: with this column.
        column: its name.
        classes: those that the numbers 0, 1, 2... stand for.

    Returns:
        The class of each row, and the class that each text in the column is read as.

    Raises:
        PredictionsRejected: a label is missing or unknown; the message names the first line.
    """
    texts = table.texts(column)
    known = {text: _labeled(text, classes) for text in set(texts)}
    unknown = [row for row, text in enumerate(texts) if not known[text]]
    if unknown:
        row = unknown[0]
        raise PredictionsRejected(
            f"{table.place(row)}: expected a label, one of {', '.join(FERPLUS)}. "
            f"Received: {shown(texts[row])[:40] or 'nothing'}{and_others(len(unknown), 'row')}"
        )
    return [known[text] for text in texts], dict(sorted(known.items()))


def is_exact(name: str, label: str) -> bool:
    """Returns whether a column or a text is named as its class, ignoring case."""
    return _bare(name) == label


def _class_named(name: str) -> str | None:
    try:
        return canonical_label(_bare(name))
    except ValueError:
        return None


def _labeled(text: str, classes: Sequence[str]) -> str:
    if text.isascii() and text.isdigit() and int(text) < len(classes):
        return classes[int(text)]
    return _class_named(text) or ""


def _bare(name: str) -> str:
    return name.strip().lower().removeprefix(_PREFIX)
