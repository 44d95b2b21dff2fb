"""Writes the table of saved models into README.md, from their cards.

python -m training.results
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import typer

from fer_core.model_readme import render_results
from fer_core.zoo import list_models

README: Final = Path(__file__).resolve().parent.parent / "README.md"


def with_results(text: str, table: str, *, name: str = "results") -> str:
    """Returns a document in which `table` stands between its marks, the comments `name:start/end`.

    Raises:
        ValueError: the document does not have both marks.
    """
    opening, closing = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before, start, rest = text.partition(opening)
    _, end, after = rest.partition(closing)
    if not (start and end):
        raise ValueError(f"The document needs the marks {opening} and {closing}.")
    return f"{before}{opening}\n{table}\n{closing}{after}"


def main() -> None:
    """Writes the table of saved models into README.md."""
    table = render_results(list_models().cards)
    README.write_text(with_results(README.read_text("utf-8"), table), encoding="utf-8")
    typer.echo(table)


if __name__ == "__main__":
    typer.run(main)
