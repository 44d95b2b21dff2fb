"""Compresses a saved model and scores it again.

    python -m training.compress --model vgg19 --mantissa-bits 2 --data fer2013.csv
    python -m training.compress --model vgg19 --mantissa-bits 2 --data fer2013.csv --final
    python -m training.compress --model ckplus_resnet50 --mantissa-bits 2 --data CKPLUS_FOLDER

The first command prints how much further rounding of the weights changes the accuracy on the
validation split, and writes nothing. With --final, both splits are predicted with the new file and
the card is updated with the new scores. Rebuild ensembles that contain the model
(`training.ensemble`), its embedding map and its robustness results afterwards. Export runs that
were fine-tuned from the model (`pretrained`, CK+) first: they cannot resume from a different file.

Scores on CK+ belong to the folds' weights, which are not saved. For such a model, the new file is
compared with the old one on all of CK+, and the card states the difference; a mean change of the
probabilities above `LARGEST_CHANGE` is an error.
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
    dataset_of,
    describe_weights,
    round_weights,
    save_compressed,
    update_predictions,
    updated_model_folder,
    validation_accuracy_change,
)
from training.datasets.ckplus import read_ckplus
from training.results import rescore
from training.score_run import print_scores
from training.terminal import FinalOption, console, print_error, print_log_entry, run

LARGEST_CHANGE: Final = 0.01


def compress_model(name: str, bits: int, data: Path, ferplus: Path | None = None) -> ModelCard:
    """Rounds the weights of a saved model to `bits` of mantissa, atomically.

    Args:
        name: name of the model.
        bits: explicit mantissa bits kept by weights of rank 2 or higher.
        data: the dataset it was trained on.
        ferplus: folder of FER+ votes, for a model trained on FER+.

    Raises:
        ModelError: it is an ensemble, or already has `bits` bits or fewer.
        DatasetError: it is not the dataset the model was trained on, or the rows differ.
    """
    card = _card(name, bits)
    dataset = dataset_of(card, data, ferplus) if card.ckplus is None else None
    model = keras.models.load_model(ModelStore.default().verified_weights(name), compile=False)
    with updated_model_folder(name) as folder:
        exact = [] if dataset else _on_ckplus(model, card, data)
        round_weights(model, bits)
        save_compressed(model, folder / WEIGHTS_FILE)
        stored = keras.models.load_model(folder / WEIGHTS_FILE, compile=False)
        weights = describe_weights(folder / WEIGHTS_FILE, bits, None)
        if dataset:
            change = update_predictions(stored, card, folder, dataset)
            change += card.weights.rounding_accuracy_change or 0.0
            weights = weights.model_copy(update={"rounding_accuracy_change": change})
        else:
            remark = _compare(exact, _on_ckplus(stored, card, data), card.weights.mantissa_bits)
            card = card.model_copy(update={"limits": (*card.limits, remark)})
        return rescore(folder, card.model_copy(update={"weights": weights}))


def try_bits(name: str, bits: int, data: Path, ferplus: Path | None = None) -> float:
    """Returns how rounding to `bits` would change the accuracy on the validation split.

    Args:
        name: name of a model that was not trained on CK+.
        bits: explicit mantissa bits kept by weights of rank 2 or higher.
        data: the dataset it was trained on.
        ferplus: folder of FER+ votes, for a model trained on FER+.

    Raises:
        ModelError: it is an ensemble, or already has `bits` bits or fewer.
        DatasetError: it is not the dataset the model was trained on, or the rows differ.
    """
    card = _card(name, bits)
    dataset = dataset_of(card, data, ferplus)
    model = keras.models.load_model(ModelStore.default().verified_weights(name), compile=False)
    round_weights(model, bits)
    return validation_accuracy_change(model, card, dataset)


def _card(name: str, bits: int) -> ModelCard:
    card = ModelStore.default().load_scored_card(name)
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
    """Checks that the probabilities barely changed and describes the change in one sentence."""
    moved = np.hstack([np.abs(a - b) for a, b in zip(old, new, strict=True)])
    if moved.mean() > LARGEST_CHANGE:
        raise ModelError(
            f"Rounding may change probabilities by at most {LARGEST_CHANGE} on average. "
            f"Received: {moved.mean():.4f}"
        )
    changed = (old[0].argmax(axis=1) != new[0].argmax(axis=1)).mean()
    kept = "all bits" if old_bits is None else f"{old_bits} bits"
    return (
        f"Its scores were measured with weights of {kept} of mantissa. The saved weights have "
        f"fewer: on CK+ this changes probabilities by {moved.mean():.3f} on average and "
        f"{moved.max():.2f} at most, and the predicted emotion of {changed:.1%} of the frames."
    )


def main(
    model: Annotated[str, typer.Option(help="Name of a saved model.")],
    data: Annotated[Path, typer.Option(help="The dataset it was trained on.")],
    mantissa_bits: Annotated[int, typer.Option(min=1, max=23)],
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes.")] = None,
    final: FinalOption = False,
) -> None:
    """Compresses a saved model and scores it again; see the module's docstring."""
    try:
        old = ModelStore.default().load_scored_card(model)
        before = old.weights
        if old.ckplus is None and not final:
            _print_change(old, try_bits(model, mantissa_bits, data, ferplus))
            return
        card = compress_model(model, mantissa_bits, data, ferplus)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    print_scores(card.metrics)
    console.print(
        f"Before: {before.size_bytes / 1e6:.1f} MB. After: {card.weights.size_bytes / 1e6:.1f} MB. "
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
