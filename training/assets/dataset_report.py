"""What is in a dataset: classes per split, images that occur more than once, labels in conflict.

python -m training.assets.dataset_report --data data/fer2013.csv
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from fer_core.errors import DatasetError
from training.datasets import SPLITS, Duplicates, FaceDataset, find_duplicates, read_dataset
from training.terminal import run

if TYPE_CHECKING:
    import pandas as pd

N_CONFLICTS_SHOWN: Final = 5

app = typer.Typer()


@dataclass(frozen=True, eq=False)
class ClassDistribution:
    """How many faces of each class each split holds.

    Attributes:
        counts: `(3, len(label_names))` int64, one row for each of `training.datasets.SPLITS`.
        label_names: the classes.
    """

    counts: NDArray[np.int64]
    label_names: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per class, with columns for each split, the total and its share."""
        import pandas as pd

        frame = pd.DataFrame(self.counts.T, index=list(self.label_names), columns=list(SPLITS))
        frame.index.name = "class"
        frame["total"] = frame.sum(axis=1)
        frame["share"] = frame["total"] / max(1, int(frame["total"].sum()))
        return frame.reset_index()


@dataclass(frozen=True)
class TwinsOfTraining:
    """How many rows of a split have the very image of a training row.

    Attributes:
        split: `valid` or `test`.
        n_rows: rows of the split.
        n_twins: those of them with a twin in training.
        n_same_label: those of the twins whose label also stands on a training twin.
    """

    split: str
    n_rows: int
    n_twins: int
    n_same_label: int


def class_distribution(dataset: FaceDataset) -> ClassDistribution:
    """Counts the classes of each split."""
    n_classes = len(dataset.label_names)
    counts = [np.bincount(dataset.labels[dataset.split == s], minlength=n_classes) for s in SPLITS]
    return ClassDistribution(np.stack(counts).astype(np.int64), dataset.label_names)


def twins_by_split(dataset: FaceDataset, duplicates: Duplicates) -> tuple[TwinsOfTraining, ...]:
    """Counts, for the valid and the test split, the rows with a twin in training."""
    is_train = duplicates.split == "train"
    trained_groups = duplicates.group[is_train]
    trained = set(zip(trained_groups.tolist(), duplicates.label[is_train].tolist(), strict=True))
    results = []
    for split in SPLITS[1:]:
        is_twin = (duplicates.split == split) & np.isin(duplicates.group, trained_groups)
        twins = zip(
            duplicates.group[is_twin].tolist(), duplicates.label[is_twin].tolist(), strict=True
        )
        n_same_label = sum(twin in trained for twin in twins)
        n_rows = int((dataset.split == split).sum())
        results.append(TwinsOfTraining(split, n_rows, int(is_twin.sum()), n_same_label))
    return tuple(results)


def print_report(dataset: FaceDataset, console: Console) -> None:
    """Prints the tables."""
    console.print(f"[bold]{dataset.name}[/]: {len(dataset):,} faces", highlight=False)
    for note in dataset.notes:
        console.print(f"[yellow]Note:[/] {note}", highlight=False)
    console.print(_distribution_table(class_distribution(dataset)))
    duplicates = find_duplicates(dataset)
    console.print(_twins_table(twins_by_split(dataset, duplicates)))
    conflicts = duplicates.conflicts()
    console.print(
        f"{duplicates.n_surplus:,} rows repeat the image of another row. "
        f"{conflicts['group'].nunique():,} images stand in rows with different labels"
        + (", such as:" if len(conflicts) else "."),
        highlight=False,
    )
    if len(conflicts):
        console.print(_conflicts_table(conflicts))


def _distribution_table(distribution: ClassDistribution) -> Table:
    frame = distribution.to_frame()
    table = Table("class", title="Classes per split", show_footer=True)
    table.columns[0].footer = "all"
    for column in (*SPLITS, "total"):
        table.add_column(column, justify="right", footer=f"{frame[column].sum():,}")
    table.add_column("share", justify="right")
    for row in frame.to_dict("records"):
        numbers = [f"{row[column]:,}" for column in (*SPLITS, "total")]
        table.add_row(row["class"], *numbers, f"{row['share']:.1%}")
    return table


def _twins_table(twins: tuple[TwinsOfTraining, ...]) -> Table:
    table = Table(title="Rows whose very image also stands in the train split")
    table.add_column("split")
    for column in ("rows", "with a copy in train", "with one of the same label"):
        table.add_column(column, justify="right")
    for twin in twins:
        table.add_row(
            twin.split,
            f"{twin.n_rows:,}",
            f"{twin.n_twins:,} ({twin.n_twins / max(1, twin.n_rows):.1%})",
            f"{twin.n_same_label:,} ({twin.n_same_label / max(1, twin.n_twins):.1%})",
        )
    return table


def _conflicts_table(conflicts: pd.DataFrame) -> Table:
    table = Table("rows", "labels", title="One image, different labels")
    for _, rows in list(conflicts.groupby("group"))[:N_CONFLICTS_SHOWN]:
        places = (
            f"{row} ({split})" for row, split in zip(rows["row_id"], rows["split"], strict=True)
        )
        table.add_row(", ".join(places), ", ".join(rows["label"]))
    return table


@app.command()
def main(
    data: Annotated[Path, typer.Option(help="A FER2013 file, or a folder of pictures.")],
) -> None:
    """Prints class distribution, duplicates and label conflicts of a dataset."""
    try:
        dataset = read_dataset(data)
    except DatasetError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error
    print_report(dataset, Console())


if __name__ == "__main__":
    run(main)
