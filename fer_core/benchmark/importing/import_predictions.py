"""Predictions from elsewhere as an evaluation: ids, labels and probabilities, in memory.

>>> file = TableFile("mine.csv", Path("mine.csv").read_bytes())
>>> truth = split_rows(ModelStore.default(), "fer2013_private_test")
>>> import_predictions(file, name="mine", truth=truth).is_correct("mine").mean()
0.712
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark import PRE_CROPPED, EvaluationEntry, LabeledRows, PhotoEvaluation
from fer_core.benchmark.importing.class_columns import ClassColumns, is_exact, read_labels
from fer_core.benchmark.importing.class_order import better_order
from fer_core.benchmark.importing.probabilities import read_probabilities
from fer_core.benchmark.importing.table import Table, TableFile, and_others, slicing_column
from fer_core.benchmark.importing.table_formats import read_table
from fer_core.errors import ClassesNotConfirmed, PredictionsRejected
from fer_core.evaluation import SplitPredictions
from fer_core.files import shown
from fer_core.labels import FERPLUS, split_title

ID_COLUMNS: Final = ("id", "row_id", "file")
LABEL_COLUMN: Final = "label"
NO_PREDICTION: Final = "no prediction in the file"
"""The reason of a photo that the file leaves out."""


def import_predictions(
    file: TableFile,
    *,
    name: str,
    title: str | None = None,
    truth: LabeledRows | TableFile | None = None,
    accept_classes: bool = False,
) -> PhotoEvaluation:
    """Reads predictions and checks them; nothing is written.

    Args:
        file: CSV, Parquet or NPZ with a column `id`, `row_id` or `file`, a column `p_<class>` or
            `<class>` per class with probabilities that sum to 1 in every row, and perhaps a column
            `label`. Other columns are ignored.
        name: of the evaluation and of its entry.
        title: display name of the entry; by default `name`.
        truth: the true labels: the rows of a split (`split_rows`), or a file with an id, a label
            and columns for slices. None if `file` has a column `label`. A photo without a
            prediction counts as an error.
        accept_classes: whether names of classes that are not exact, numbers for labels, and an
            order of classes that looks wrong are accepted; the entry then has a note of it.

    Raises:
        ClassesNotConfirmed: the names of classes are not exact or seem to be in another order,
            and `accept_classes` is false.
        PredictionsRejected: a file cannot be used; the message names the line and the reason.
    """
    table = read_table(file)
    classes = ClassColumns.of(table)
    ids = _ids(table)
    read_as = classes.read_as
    own_labels: list[str] | None = None
    if LABEL_COLUMN in table.columns:
        own_labels, known = read_labels(table, LABEL_COLUMN, classes.labels)
        read_as |= known
    if isinstance(truth, TableFile):
        rows, known = _labeled_rows(read_table(truth), classes.labels)
        read_as |= known
        where = shown(truth.name)
    elif truth is not None:
        rows, where = truth, split_title(truth.split) if truth.split else "the labels"
    elif own_labels is not None:
        rows, where = _rows(ids, own_labels), shown(file.name)
    else:
        raise PredictionsRejected(
            f"{shown(file.name)} has no column {LABEL_COLUMN}. Add one, give a file of labels, or "
            "name the split of a dataset whose rows the ids are."
        )
    if rows.split is not None:
        ids = _row_ids(ids)
    position = _positions(table, ids, rows, where)
    _check_labels(table, own_labels, position, rows, where)
    probabilities = read_probabilities(table, classes.columns)
    evaluation = _evaluation(file, name, title, rows, position, classes.labels, probabilities)
    doubts, seems = _doubts(read_as, classes, evaluation.predictions(name))
    if doubts and not accept_classes:
        raise ClassesNotConfirmed(
            f"{shown(file.name)}: {' Also, '.join(doubts)}", read_as=read_as, seems=seems
        )
    notes = tuple(f"Confirmed on import: {doubt}" for doubt in doubts)
    entry = replace(evaluation.entries[name], notes=notes)
    return replace(evaluation, entries={name: entry})


def _ids(table: Table) -> list[str]:
    column = next((name for name in ID_COLUMNS if name in table.columns), None)
    if column is None:
        raise PredictionsRejected(
            f"{shown(table.file)}: expected a column {' or '.join(ID_COLUMNS)}. "
            f"Received the columns: {shown(', '.join(table.columns))[:200]}"
        )
    ids = table.texts(column)
    first: dict[str, int] = {}
    for row, name in enumerate(ids):
        if not name:
            raise PredictionsRejected(f"{table.place(row)}: the {column} is missing.")
        if name in first:
            raise PredictionsRejected(
                f"{table.place(row)}: the {column} {shown(name)[:80]} occurs twice, before at "
                f"{table.place(first[name])}."
            )
        first[name] = row
    return ids


def _row_ids(ids: list[str]) -> list[str]:
    """Returns numbers without leading zeros or decimals: `32298` for `32298.0`."""
    return [_whole(each) for each in ids]


def _whole(text: str) -> str:
    whole = text.strip().removesuffix(".0")
    return str(int(whole)) if whole.isascii() and whole.isdigit() and len(whole) < 19 else text


def _rows(
    ids: list[str], labels: list[str], columns: dict[str, NDArray[np.generic]] | None = None
) -> LabeledRows:
    classes: tuple[str, ...] = tuple(label for label in FERPLUS if label in set(labels))
    return LabeledRows(
        id=tuple(ids),
        labels=classes,
        label=np.array([classes.index(label) for label in labels], np.int64),
        columns=columns or {},
    )


def _labeled_rows(table: Table, classes: tuple[str, ...]) -> tuple[LabeledRows, dict[str, str]]:
    """Reads a file of labels: an id, a label, and columns for slices."""
    ids = _ids(table)
    if LABEL_COLUMN not in table.columns:
        raise PredictionsRejected(
            f"{shown(table.file)}: expected a column {LABEL_COLUMN}. "
            f"Received the columns: {shown(', '.join(table.columns))[:200]}"
        )
    labels, read_as = read_labels(table, LABEL_COLUMN, classes)
    columns = {
        name: slicing_column(values)
        for name, values in table.columns.items()
        if name not in (*ID_COLUMNS, LABEL_COLUMN)
    }
    return _rows(ids, labels, columns), read_as


def _positions(table: Table, ids: list[str], rows: LabeledRows, where: str) -> NDArray[np.int64]:
    """Returns `(n,)` the position of each row of the file among the labeled rows."""
    position = {name: row for row, name in enumerate(rows.id)}
    unknown = [row for row, name in enumerate(ids) if name not in position]
    if unknown:
        row = unknown[0]
        hint = ""
        if rows.split is not None:
            numbers = [int(name) for name in rows.id]
            hint = f" It has rows {min(numbers)} to {max(numbers)} of the dataset, counted from 0."
            if all(name.isdigit() and int(name) < len(rows) for name in ids):
                hint += " The ids look like positions within the split."
        raise PredictionsRejected(
            f"{table.place(row)}: the id {shown(ids[row])[:80]} is not in {where}"
            f"{and_others(len(unknown), 'id')}.{hint}"
        )
    return np.array([position[name] for name in ids], np.int64)


def _check_labels(
    table: Table,
    own: list[str] | None,
    position: NDArray[np.int64],
    rows: LabeledRows,
    where: str,
) -> None:
    if own is None:
        return
    true = [rows.labels[label] for label in rows.label[position]]
    wrong = [row for row in range(len(own)) if own[row] != true[row]]
    if wrong:
        row = wrong[0]
        raise PredictionsRejected(
            f"{table.place(row)}: the label is {own[row]}, but {true[row]} in {where}"
            f"{and_others(len(wrong), 'row')}."
        )


def _evaluation(
    file: TableFile,
    name: str,
    title: str | None,
    rows: LabeledRows,
    position: NDArray[np.int64],
    labels: tuple[str, ...],
    probabilities: NDArray[np.float32],
) -> PhotoEvaluation:
    photos = rows.of_classes(labels)
    if not len(photos):
        raise PredictionsRejected(
            f"{shown(file.name)} has none of the classes of the photos, {', '.join(rows.labels)}."
        )
    kept = np.isin(rows.label, [rows.labels.index(label) for label in photos.labels])
    left_out = Counter(rows.labels[label] for label in rows.label[~kept])
    new_position = np.where(kept, np.cumsum(kept) - 1, -1)[position]
    order = np.argsort(new_position)
    order = order[new_position[order] >= 0]
    reasons = np.full(len(photos), NO_PREDICTION)
    reasons[new_position[order]] = ""
    entry = EvaluationEntry(
        name=name,
        title=title or name,
        kind="predictions",
        labels=labels,
        row=new_position[order],
        probabilities=probabilities[order],
        reasons=reasons,
        faces="unknown" if rows.split is None else PRE_CROPPED,
        checksum=hashlib.sha256(file.data).hexdigest(),
    )
    return PhotoEvaluation(
        name=name,
        created=datetime.now(UTC),
        photos=photos,
        entries={name: entry},
        left_out=dict(left_out),
    )


def _doubts(
    read_as: dict[str, str], classes: ClassColumns, predictions: SplitPredictions
) -> tuple[list[str], dict[str, str]]:
    """Says which names are not exact and whether the order looks wrong.

    Returns:
        Sentences, and the class that a column seems to hold instead, by its name.
    """
    doubts = []
    renamed = {name: label for name, label in read_as.items() if not is_exact(name, label)}
    if renamed:
        pairs = ", ".join(f"{shown(name)} is read as {label}" for name, label in renamed.items())
        doubts.append(f"the classes are not named exactly as here: {pairs}.")
    predicted = predictions.probabilities.argmax(axis=1)
    held = better_order(predicted, predictions.label, len(classes.labels))
    seems: dict[str, str] = {}
    if held is not None:
        columns = zip(classes.columns, classes.labels, held, strict=True)
        seems = {
            column: classes.labels[each]
            for column, label, each in columns
            if classes.labels[each] != label
        }
        pairs = ", ".join(f"{shown(column)} holds {label}" for column, label in seems.items())
        given = predictions.is_correct.mean()
        better = (np.array(held)[predicted] == predictions.label).mean()
        doubts.append(
            f"the classes seem to be in another order: accuracy is {given:.1%} as they are named, "
            f"and {better:.1%} if {pairs}."
        )
    return doubts, seems
