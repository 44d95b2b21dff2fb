"""Stores a saved model lighter and measures it again.

    python -m training.compress --model vgg19 --mantissa-bits 2 --data fer2013.csv
    python -m training.compress --model vgg19 --mantissa-bits 2 --data fer2013.csv --final
    python -m training.compress --model ckplus_resnet50 --mantissa-bits 2 --data CKPLUS_FOLDER

The first says what rounding the weights further changes on the validation split and writes nothing.
With --final, both splits are predicted with the new file and the scores written into the card.
Ensembles that the model belongs to are to be made anew (`training.ensemble`), and so are its map
and its robustness. Runs that began with the model (`pretrained`, CK+) are to be exported before:
they do not go on from another file.

Scores on CK+ belong to the weights of the folds, which are not saved. Of such a model the new file
is compared with the old one on all of CK+, and the card says what changed; probabilities that move
by more than `LARGEST_CHANGE` on average are an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import keras
import numpy as np
import typer
from numpy.typing import NDArray

from fer_core.errors import FerError, ModelError
from fer_core.preprocessing import preprocess_batch
from fer_core.zoo import WEIGHTS_FILE, ModelCard, ModelStore
from training.artifacts import (
    changed_folder,
    dataset_of,
    describe_weights,
    predict_again,
    round_weights,
    save_deflated,
    selection_change,
)
from training.datasets.ckplus import read_ckplus
from training.evaluate import print_scores
from training.results import rescore
from training.terminal import FinalOption, console, print_error, print_log_entry, run

LARGEST_CHANGE: Final = 0.01


def lighten(name: str, bits: int, data: Path, ferplus: Path | None = None) -> ModelCard:
    """Rounds the weights of a saved model to `bits` of mantissa; all of it or nothing.

    Args:
        name: of the model.
        bits: explicit mantissa bits that weights of rank 2 and more keep.
        data: the dataset it was trained on.
        ferplus: folder of the votes, for a model of FER+.

    Raises:
        ModelError: it is an ensemble, or has no more bits than that.
        DatasetError: the dataset is another one, or its rows are.
    """
    card = _card(name, bits)
    dataset = dataset_of(card, data, ferplus) if card.ckplus is None else None
    model = keras.models.load_model(ModelStore.default().verified_weights(name), compile=False)
    with changed_folder(name) as folder:
        exact = [] if dataset else _on_ckplus(model, card, data)
        round_weights(model, bits)
        save_deflated(model, folder / WEIGHTS_FILE)
        stored = keras.models.load_model(folder / WEIGHTS_FILE, compile=False)
        weights = describe_weights(folder / WEIGHTS_FILE, bits, None)
        if dataset:
            change = predict_again(stored, card, folder, dataset)
            change += card.weights.rounding_accuracy_change or 0.0
            weights = weights.model_copy(update={"rounding_accuracy_change": change})
        else:
            remark = _compare(exact, _on_ckplus(stored, card, data), card.weights.mantissa_bits)
            card = card.model_copy(update={"limits": (*card.limits, remark)})
        return rescore(folder, card.model_copy(update={"weights": weights}))


def try_bits(name: str, bits: int, data: Path, ferplus: Path | None = None) -> float:
    """Returns what rounding to `bits` would change in accuracy on the selection split.

    Args:
        name: of a model that is not of CK+.
        bits: explicit mantissa bits that weights of rank 2 and more keep.
        data: the dataset it was trained on.
        ferplus: folder of the votes, for a model of FER+.

    Raises:
        ModelError: it is an ensemble, or has no more bits than that.
        DatasetError: the dataset is another one, or its rows are.
    """
    card = _card(name, bits)
    dataset = dataset_of(card, data, ferplus)
    model = keras.models.load_model(ModelStore.default().verified_weights(name), compile=False)
    round_weights(model, bits)
    return selection_change(model, card, dataset)


def _card(name: str, bits: int) -> ModelCard:
    card = ModelStore.default().load_card(name)
    if card.weights.mantissa_bits is not None and card.weights.mantissa_bits <= bits:
        raise ModelError(
            f"{name} must have more than {bits} bits. Received: {card.weights.mantissa_bits}"
        )
    return card


def _on_ckplus(model: keras.Model, card: ModelCard, data: Path) -> list[NDArray[np.float32]]:
    faces = preprocess_batch(read_ckplus(data).images, card.preprocessing)
    return [np.asarray(output) for output in model.predict(faces, batch_size=128, verbose=0)]


def _compare(
    old: list[NDArray[np.float32]], new: list[NDArray[np.float32]], old_bits: int | None
) -> str:
    """Checks that probabilities hardly moved, and says so for people."""
    moved = np.hstack([np.abs(a - b) for a, b in zip(old, new, strict=True)])
    if moved.mean() > LARGEST_CHANGE:
        raise ModelError(
            f"Rounding must move probabilities by at most {LARGEST_CHANGE} on average. "
            f"Received: {moved.mean():.4f}"
        )
    changed = (old[0].argmax(axis=1) != new[0].argmax(axis=1)).mean()
    kept = "all" if old_bits is None else f"{old_bits} bits"
    return (
        f"Its scores are those of weights that kept {kept} of mantissa. The stored ones keep "
        f"fewer, which on CK+ moves a probability by {moved.mean():.3f} on average and "
        f"{moved.max():.2f} at most, and changes {changed:.1%} of the emotions named, frame by "
        "frame."
    )


def main(
    model: Annotated[str, typer.Option(help="Name of a saved model.")],
    data: Annotated[Path, typer.Option(help="The dataset it was trained on.")],
    mantissa_bits: Annotated[int, typer.Option(min=1, max=23)],
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes to use.")] = None,
    final: FinalOption = False,
) -> None:
    """Stores a saved model lighter and measures it again; see the module's docstring."""
    try:
        old = ModelStore.default().load_card(model)
        before = old.weights
        if old.ckplus is None and not final:
            _print_change(old, try_bits(model, mantissa_bits, data, ferplus))
            return
        card = lighten(model, mantissa_bits, data, ferplus)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    print_scores(card.metrics)
    console.print(
        f"{before.size_bytes / 1e6:.1f} MB before, {card.weights.size_bytes / 1e6:.1f} MB now. "
        + (card.limits[-1] if card.ckplus else "")
    )
    if (change := card.weights.rounding_accuracy_change) is not None:
        _print_change(card, change - (before.rounding_accuracy_change or 0.0))
        entry = f"{model}, {mantissa_bits} bits"
        print_log_entry(entry, card.protocol.report_split, card.reported)


def _print_change(card: ModelCard, change: float) -> None:
    console.print(f"Accuracy on {card.protocol.selection_split}: {100 * change:+.2f} points")


if __name__ == "__main__":
    run(main)
