"""Re-estimates a saved model's batch-norm statistics and scores it again.

    python -m training.update_statistics --model cnn --data fer2013.csv --final

For models that were saved with the moving statistics of their training (see
`training.networks.batch_norm`): the new ones are estimated on training faces without augmentation,
and both splits are predicted with the new file. Rebuild ensembles that contain the model
(`training.ensemble`), its embedding map and its robustness results afterwards.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import keras
import typer

from fer_core.errors import FerError, ModelError
from fer_core.zoo import WEIGHTS_FILE, ModelCard, ModelStore
from training.artifacts import (
    dataset_of,
    describe_weights,
    save_compressed,
    update_predictions,
    updated_model_folder,
)
from training.networks import STATISTICS_SENTENCE, BatchNormEstimator
from training.results import rescore
from training.score_run import print_scores
from training.terminal import FinalOption, console, print_error, print_log_entry, require_final, run


def update_statistics(name: str, data: Path, ferplus: Path | None = None) -> ModelCard:
    """Replaces the batch-norm statistics of a saved model, atomically.

    Args:
        name: name of the model.
        data: the dataset it was trained on.
        ferplus: folder of FER+ votes, for a model trained on FER+.

    Raises:
        ModelError: it is an ensemble, or its scores are of other weights, as on CK+.
        DatasetError: it is not the dataset the model was trained on, or the rows differ.
    """
    store = ModelStore.default()
    card = store.load_scored_card(name)
    if card.ckplus is not None:
        raise ModelError(
            f"The scores of {name} are those of its folds, whose weights are not saved."
        )
    dataset = dataset_of(card, data, ferplus)
    model = keras.models.load_model(store.verified_weights(name), compile=False)
    BatchNormEstimator(model, dataset.subset("train").images, card.preprocessing).update(model)
    with updated_model_folder(name) as folder:
        save_compressed(model, folder / WEIGHTS_FILE)
        update_predictions(model, card, folder, dataset)
        weights = describe_weights(
            folder / WEIGHTS_FILE,
            card.weights.mantissa_bits,
            card.weights.rounding_accuracy_change,
        )
        summary = f"{card.summary.removesuffix(STATISTICS_SENTENCE).rstrip()} {STATISTICS_SENTENCE}"
        return rescore(folder, card.model_copy(update={"weights": weights, "summary": summary}))


def main(
    model: Annotated[str, typer.Option(help="Name of a saved model.")],
    data: Annotated[Path, typer.Option(help="The dataset it was trained on.")],
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes.")] = None,
    final: FinalOption = False,
) -> None:
    """Re-estimates a saved model's batch-norm statistics; see the module's docstring."""
    require_final(final, "Pass it if you will keep the new statistics whatever the scores are.")
    try:
        before = ModelStore.default().load_scored_card(model).metrics
        card = update_statistics(model, data, ferplus)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    console.print("Before:")
    print_scores(before)
    console.print("Now:")
    print_scores(card.metrics)
    entry = f"{card.name}, new batch-norm statistics"
    print_log_entry(entry, card.protocol.report_split, card.reported)


if __name__ == "__main__":
    run(main)
