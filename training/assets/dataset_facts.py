"""Counts the app's dataset facts: classes, duplicates, and agreement between two sets of labels.

    python -m training.assets.dataset_facts --data data/fer2013 --ferplus data/ferplus \
        --ckplus data/ckplus

Writes fer_core/assets/dataset_facts.json: numbers only. FER+ is counted by its authors' majority
protocol: an image gets the label with more than half of its votes, or is excluded. The number of
its training images is counted separately, because training uses the vote distributions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from fer_core.cli import OverwriteOption
from fer_core.errors import FerError
from fer_core.evaluation.dataset import (
    FACTS_FILE,
    ClassCounts,
    DatasetDuplicates,
    DatasetFacts,
    LabelContingencyTable,
    SplitDuplicates,
)
from fer_core.fer2013 import load_published_rows
from fer_core.files import atomic_write_text, check_outputs, shown
from fer_core.labels import CKPLUS
from training.datasets import (
    SPLIT_OF,
    SPLITS,
    Duplicates,
    FaceDataset,
    Split,
    find_duplicates,
    read_dataset,
    read_ferplus,
)
from training.datasets.ckplus import CkPlusDataset, read_ckplus
from training.terminal import console, print_error, print_notes, run

_SPLIT_NAMES: dict[str, str] = {split: usage for usage, split in SPLIT_OF.items()}


def dataset_facts(
    fer2013: FaceDataset,
    ferplus: FaceDataset,
    ckplus: CkPlusDataset,
    *,
    ferplus_training_images: int,
) -> DatasetFacts:
    """Counts the facts.

    Args:
        fer2013: the complete dataset.
        ferplus: the rows of `fer2013` that FER+ keeps, with its labels.
        ckplus: the peak frames.
        ferplus_training_images: see `DatasetFacts`.
    """
    duplicates = find_duplicates(fer2013)
    test, valid, train = (
        duplicates.group[duplicates.split == split] for split in ("test", "valid", "train")
    )
    in_validation = np.isin(test, valid)
    return DatasetFacts(
        classes={
            "FER2013": _class_counts(fer2013),
            "FER+": _class_counts(ferplus),
            "CK+": ClassCounts(
                labels=CKPLUS,
                images={"peak frames": _counts(ckplus.label, len(CKPLUS))},
            ),
        },
        ferplus_training_images=ferplus_training_images,
        approximate=_without_original_pixels(),
        duplicates=DatasetDuplicates(
            surplus=duplicates.n_surplus,
            in_conflict=duplicates.n_in_conflict,
            by_split={
                _SPLIT_NAMES[split]: _duplicates_of(fer2013, duplicates, split)
                for split in SPLITS[1:]
            },
            test_in_validation=int(in_validation.sum()),
            test_in_validation_and_training=int((in_validation & np.isin(test, train)).sum()),
        ),
        labels=_contingency_table(fer2013, ferplus),
    )


def _without_original_pixels() -> dict[str, int]:
    rows = load_published_rows()
    missing = rows.usage[~rows.has_checksum]
    return {_SPLIT_NAMES[split]: int((missing == _SPLIT_NAMES[split]).sum()) for split in SPLITS}


def _class_counts(dataset: FaceDataset) -> ClassCounts:
    classes = len(dataset.label_names)
    return ClassCounts(
        labels=dataset.label_names,
        images={
            _SPLIT_NAMES[split]: _counts(dataset.labels[dataset.split == split], classes)
            for split in SPLITS
        },
    )


def _duplicates_of(dataset: FaceDataset, duplicates: Duplicates, split: Split) -> SplitDuplicates:
    """Counts the rows of a split whose image is also in the training split."""
    is_train = duplicates.split == "train"
    trained = duplicates.group[is_train]
    labeled = set(zip(trained.tolist(), duplicates.label[is_train].tolist(), strict=True))
    is_duplicate = (duplicates.split == split) & np.isin(duplicates.group, trained)
    found = zip(
        duplicates.group[is_duplicate].tolist(),
        duplicates.label[is_duplicate].tolist(),
        strict=True,
    )
    return SplitDuplicates(
        images=int((dataset.split == split).sum()),
        duplicates=int(is_duplicate.sum()),
        same_label=sum(duplicate in labeled for duplicate in found),
    )


def _contingency_table(fer2013: FaceDataset, ferplus: FaceDataset) -> LabelContingencyTable:
    rows, columns = len(fer2013.label_names), len(ferplus.label_names)
    label_of_row = dict(zip(fer2013.row_id.tolist(), fer2013.labels.tolist(), strict=True))
    images, left_out = {}, {}
    for split in SPLITS:
        kept = ferplus.split == split
        counts = np.zeros((rows, columns), np.int64)
        of_fer2013 = [label_of_row[row] for row in ferplus.row_id[kept].tolist()]
        np.add.at(counts, (of_fer2013, ferplus.labels[kept]), 1)
        everything = np.bincount(fer2013.labels[fer2013.split == split], minlength=rows)
        images[_SPLIT_NAMES[split]] = tuple(tuple(row) for row in counts.tolist())
        left_out[_SPLIT_NAMES[split]] = tuple((everything - counts.sum(axis=1)).tolist())
    return LabelContingencyTable(
        fer2013=fer2013.label_names,
        ferplus=ferplus.label_names,
        images=images,
        left_out=left_out,
    )


def _counts(label: NDArray[np.int64], classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(label, minlength=classes).tolist())


def main(
    data: Annotated[Path, typer.Option(help="FER2013 file, or the folder with it.")],
    ferplus: Annotated[Path, typer.Option(help="Folder of FER+ votes.")],
    ckplus: Annotated[Path, typer.Option(help="Folder of CK+.")],
    output: Annotated[Path, typer.Option(help="The file to write.")] = FACTS_FILE,
    overwrite: OverwriteOption = False,
) -> None:
    """Counts the facts of the datasets; see the module's docstring."""
    try:
        check_outputs({"--output": output}, inputs=[data], overwrite=overwrite)
        votes = read_ferplus(data, ferplus, training_labels="majority")
        distributions = read_ferplus(data, ferplus)
        faces, sequences = read_dataset(data), read_ckplus(ckplus)
        print_notes((*faces.notes, *sequences.notes))
        facts = dataset_facts(
            faces,
            votes,
            sequences,
            ferplus_training_images=int((distributions.split == "train").sum()),
        )
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    atomic_write_text(output, facts.model_dump_json(indent=1) + "\n")
    console.print(f"Wrote {shown(output)}", markup=False)


if __name__ == "__main__":
    run(main)
