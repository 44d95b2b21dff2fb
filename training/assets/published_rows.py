"""Writes the checksums that identify the rows of the published FER2013; see fer_core.

    python -m training.assets.published_rows --data fer2013.csv --ferplus ferplus

The file must be in the published order, which is not checked here. Rows without an image name in
FER+ get no checksum.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from fer_core.cli import OverwriteOption
from fer_core.errors import DatasetError, FerError
from fer_core.fer2013 import (
    ROWS_FILE,
    Fer2013Table,
    PublishedRows,
    checksums_of,
    load_table,
    write_published_rows,
)
from fer_core.files import check_outputs, shown
from training.datasets import read_image_names
from training.terminal import console, print_error, run


def published_rows(faces: Fer2013Table, image_names: list[str]) -> PublishedRows:
    """Returns the checksums of the rows.

    Args:
        faces: all rows of the file, in its order.
        image_names: the FER+ image name of each row, empty where there is none.

    Raises:
        DatasetError: the number of names and rows differ, or two faces have the same checksum.
    """
    if len(image_names) != len(faces):
        raise DatasetError(
            f"Expected a name for each of {len(faces):,} rows. Received: {len(image_names):,}"
        )
    checksum = checksums_of(faces.images)
    if len(np.unique(checksum)) != len(np.unique(faces.images, axis=0)):
        raise DatasetError("Two different faces have the same checksum.")
    return PublishedRows(
        row_id=np.arange(len(faces), dtype=np.int64),
        checksum=checksum,
        has_checksum=np.array([bool(name) for name in image_names]),
        label=faces.label,
        usage=faces.usage,
    )


def main(
    data: Annotated[Path, typer.Option(help="fer2013.csv as it was downloaded.")],
    ferplus: Annotated[Path, typer.Option(help="Folder of FER+ with fer2013new.csv.")],
    output: Annotated[Path, typer.Option(help="The file to write.")] = ROWS_FILE,
    overwrite: OverwriteOption = False,
) -> None:
    """Writes the checksums; see the module's docstring."""
    try:
        votes = ferplus / "fer2013new.csv"
        check_outputs({"--output": output}, inputs=[data, votes], overwrite=overwrite)
        names = read_image_names(votes)
        rows = published_rows(load_table(data), names)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    write_published_rows(rows, output)
    console.print(f"Wrote {shown(output)} ({output.stat().st_size / 1e3:.0f} kB).")


if __name__ == "__main__":
    run(main)
