"""Evaluates the saved models on datasets that none of them was trained on.

    python -m training.assets.outside_evaluations --jaffe data/jaffe --muxspace data/muxspace \
        --ckplus48 data/CK+48

writes predictions, labels and measures, without pictures, to fer_core/assets/evaluations. Each
folder has a subfolder per class. Faces are found as in the app.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

import numpy as np
import typer

from fer_core.benchmark import (
    PRE_CROPPED,
    EvaluationEntry,
    EvaluationStore,
    PhotoEvaluation,
)
from fer_core.benchmark.photos import (
    EvaluationSettings,
    LabeledPhotos,
    evaluate_photos,
    match_classes,
    open_photos,
)
from fer_core.errors import DatasetError
from fer_core.files import shown
from fer_core.machine import available_processors
from fer_core.zoo import ModelCard, ModelStore
from training.terminal import run

_OUT_OF_FOLD: Final = (
    "Out-of-fold: trained on CK+ itself, each person scored by weights trained without them."
)

PERSON: Final[dict[str, Callable[[str], str] | None]] = {
    "jaffe": lambda name: name.split(".")[0],  # KA.AN1.39.tiff
    "muxspace": None,
    "ckplus48": lambda name: name.split("_")[0],  # S010_004_00000017.png
}
"""By dataset: how a file name tells the person; None if it does not."""


def main(
    jaffe: Annotated[Path | None, typer.Option(help="Folder of JAFFE.")] = None,
    muxspace: Annotated[Path | None, typer.Option(help="Folder of muxspace.")] = None,
    ckplus48: Annotated[Path | None, typer.Option(help="Folder of CK+48.")] = None,
) -> None:
    """Evaluates all saved models on the given datasets, and replaces the included evaluations."""
    store = EvaluationStore.shipped()
    for name, folder in (("jaffe", jaffe), ("muxspace", muxspace), ("ckplus48", ckplus48)):
        if folder is None:
            continue
        evaluation = evaluated(name, folder)
        typer.echo(f"{name}: {len(evaluation.photos)} photos, {len(evaluation.entries)} models")
        typer.echo(f"Written to {shown(store.save(evaluation, overwrite=True))}")


def evaluated(name: str, folder: Path) -> PhotoEvaluation:
    """Evaluates the saved models that know every class, but for contempt.

    Models of action units were trained on CK+, so on CK+48 they have their out-of-fold predictions;
    elsewhere they are left out, because they cannot predict neutral.

    Args:
        name: a key of `PERSON`.
        folder: with a subfolder per class.
    """
    person = PERSON[name]
    photos = open_photos(folder)
    if person is not None:
        photos = replace(
            photos, people=tuple(person(PurePosixPath(each).name) for each in photos.ids)
        )
    cards = ModelStore.default().list_models().cards
    settings = EvaluationSettings(tuple(card.name for card in cards if card.task == "emotion"))
    evaluation = evaluate_photos(
        photos,
        match_classes(photos.class_names),
        settings,
        workers=available_processors(),
    )
    assert evaluation is not None  # it is never stopped
    entries = dict(evaluation.entries)
    if name == "ckplus48":
        entries |= {
            card.name: _out_of_fold(card, photos, evaluation)
            for card in cards
            if card.task != "emotion"
        }
    return replace(evaluation, name=name, entries=entries)


def _out_of_fold(
    card: ModelCard, photos: LabeledPhotos, evaluation: PhotoEvaluation
) -> EvaluationEntry:
    predictions = ModelStore.default().load_ckplus_predictions(card.name).emotion
    frames = sorted(PurePosixPath(each).stem for each in photos.ids)
    if len(frames) != len(predictions):
        raise DatasetError(
            f"Expected the {len(predictions)} frames of CK+48 that {card.name} was trained on. "
            f"Received: {len(frames)}"
        )
    rows = evaluation.photos
    position = {int(row): index for index, row in enumerate(predictions.row_id)}
    row_id_of = {frame: row for row, frame in enumerate(frames)}  # rows are in the order of names
    taken = [position[row_id_of[PurePosixPath(each).stem]] for each in rows.id]
    labels = [predictions.labels[label] for label in predictions.label[taken]]
    if labels != [rows.labels[label] for label in rows.label]:
        raise DatasetError("The frames of CK+48 do not have the labels that models were scored on.")
    return EvaluationEntry(
        name=card.name,
        title=card.title,
        kind="model",
        labels=card.labels,
        row=np.arange(len(rows)),
        probabilities=predictions.probabilities[taken],
        reasons=np.full(len(rows), ""),
        faces=PRE_CROPPED,
        checksum=card.weights.sha256,
        notes=(_OUT_OF_FOLD,),
    )


if __name__ == "__main__":
    run(main)
