from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from fer_core.fer2013 import published_rows
from fer_core.fer2013.published_rows import load_published_rows
from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from training.assets.published_rows import main


def test_the_command_writes_the_checksums_that_readers_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = tiny_dataset()
    names = ["" if row in (4, 40) else f"fer{row}.png" for row in range(49)]
    (tmp_path / "fer2013new.csv").write_text(
        "\n".join(["Image name,NF", *(f"{n},0" for n in names)])
    )
    monkeypatch.setattr(published_rows, "ROWS_FILE", tmp_path / "rows.npz")
    arguments = ["--data", str(write_fer2013_csv(tmp_path)), "--ferplus", str(tmp_path)]
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, [*arguments, "--output", str(tmp_path / "rows.npz")])
    assert result.exit_code == 0, result.output
    rows = load_published_rows()
    assert np.flatnonzero(~rows.has_checksum).tolist() == [4, 40]
    np.testing.assert_array_equal(rows.label, dataset.labels)
    backwards = replace(dataset, images=dataset.images[::-1])
    match = rows.match(backwards.images, dataset.labels[::-1], rows.usage[::-1])
    assert match.row_id.tolist() == list(range(49))[::-1]
    assert match.is_complete
    assert match.by_class_only == 2
