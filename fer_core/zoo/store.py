"""The saved models: their list, cards and files, verified by checksum.

>>> store = ModelStore.default()
>>> [card.name for card in store.list_models().cards]
['cnn', 'mobilenet']
>>> store.load_predictions("cnn")["fer2013_private_test"].probabilities.shape
(3589, 7)
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from fer_core.errors import ModelError, OutputError
from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.dataset import FeatureMap
from fer_core.evaluation.reliability import Robustness
from fer_core.evaluation.scores import CkPlusPredictions
from fer_core.files import shown
from fer_core.paths import models_directory
from fer_core.zoo.artifacts import (
    MAP_FILE,
    PREDICTIONS_FILE,
    ROBUSTNESS_FILE,
    read_ckplus_predictions,
    read_feature_map,
    read_predictions,
    read_robustness,
)
from fer_core.zoo.cards import (
    CARD_FILE,
    NAME_PATTERN,
    ImportedCard,
    ModelCard,
    RunnableCard,
    read_card,
)

WEIGHTS_FILE: Final = "model.keras"
IMPORTED_FILE: Final = "model.onnx"

Card = TypeVar("Card", ModelCard, ImportedCard, RunnableCard)


@dataclass(frozen=True)
class BrokenModel:
    """A model folder that cannot be used, and why."""

    name: str
    message: str


@dataclass(frozen=True)
class ModelListing:
    """The models of a store.

    Attributes:
        cards: the usable models with scores: FER2013's first, models of action units last, since
            they are evaluated on posed peak frames and have no neutral class; single models before
            ensembles. Each group is sorted by plain accuracy on the validation split, best first.
        imported: the usable models from elsewhere, which have no scores, by title.
        broken: the folders without a usable model.
    """

    cards: tuple[ModelCard, ...]
    imported: tuple[ImportedCard, ...]
    broken: tuple[BrokenModel, ...]

    @property
    def runnable(self) -> tuple[RunnableCard, ...]:
        """All usable models, those from elsewhere last."""
        return (*self.cards, *self.imported)

    @property
    def default(self) -> ModelCard | None:
        """The best single model with scores, or None when there is none."""
        return next((card for card in self.cards if not card.members), None)


@dataclass(frozen=True)
class ModelStore:
    """A folder of saved models, one subfolder each, named as the model; it may be missing.

    Nothing is cached: every method reads the folder again.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))  # a notebook may pass a string

    @classmethod
    def default(cls) -> ModelStore:
        """Returns the store in `FER_MODELS_DIR`, by default the project's `models/`."""
        return cls(models_directory())

    def list_models(self) -> ModelListing:
        """Reads every card; broken ones are listed with their error message."""
        exists = self.folder.is_dir()
        folders = sorted(path for path in self.folder.iterdir() if path.is_dir()) if exists else []
        cards: list[ModelCard] = []
        imported: list[ImportedCard] = []
        broken: list[BrokenModel] = []
        for folder in folders:
            if folder.name.startswith((".", "_")):
                continue
            try:
                card = self.load_card(folder.name)
                if isinstance(card, ModelCard) and card.members:
                    self._members_of(card)
                else:
                    _check_size(folder / _weights_file(card), card)
                if isinstance(card, ModelCard):
                    cards.append(card)
                else:
                    imported.append(card)
            except ModelError as error:
                broken.append(BrokenModel(folder.name, str(error)))
        cards.sort(
            key=lambda card: (
                card.task != "emotion",
                card.protocol.dataset != "FER2013",  # scores on other faces do not compare
                bool(card.members),
                -card.selected_on.accuracy.value,
            )
        )
        imported.sort(key=lambda card: card.title)
        return ModelListing(tuple(cards), tuple(imported), tuple(broken))

    def model_folder(self, name: str) -> Path:
        """Returns the folder of one model.

        Raises:
            ModelError: there is no such model; the message lists the saved models.
        """
        if not isinstance(name, str):
            raise ModelError(
                f"The name of a model must be a string. Received: a value of type "
                f"{type(name).__name__}. list_models() lists the names."
            )
        folder = self.folder / name
        if not re.fullmatch(NAME_PATTERN, name) or not folder.is_dir():
            known = ", ".join(
                sorted(path.parent.name for path in self.folder.glob(f"*/{CARD_FILE}"))
            )
            raise ModelError(
                f"No usable model {name!r} in {self.folder}; a name has lowercase letters, digits "
                f"and _. Saved models: {known or 'none'}"
            )
        return folder

    def check_free(self, name: str, source: Path, *, overwrite: bool) -> None:
        """Checks, before any work, that a model can be made of a file.

        Raises:
            OutputError: there is a model of this name and `overwrite` is false, or the file is in
                the folder that would be replaced.
        """
        folder = self.folder / name
        if folder.exists() and not overwrite:
            raise OutputError(
                f"The saved model {shown(folder)} already exists. Replace it with --overwrite, or "
                "choose another name."
            )
        if folder.resolve() in source.resolve().parents:
            raise OutputError(
                f"The file must not be in the folder that it would replace. Received: "
                f"{shown(source)}. Choose another name, or move the file."
            )

    def load_card(self, name: str) -> RunnableCard:
        """Reads and validates the card of one model, which need not have scores.

        Raises:
            ModelError: there is no such model, or its card is not valid.
        """
        path = self.model_folder(name) / CARD_FILE
        card = read_card(path)
        if card.name != name:
            raise ModelError(
                f"The model card {path} is not valid:\n"
                f"  name: expected {name!r}, the folder's name. Received: {card.name!r}"
            )
        return card

    def load_scored_card(self, name: str) -> ModelCard:
        """Reads and validates the card of one model with scores.

        Raises:
            ModelError: there is no such model, its card is not valid, or it is from elsewhere.
        """
        card = self.load_card(name)
        if isinstance(card, ModelCard):
            return card
        raise ModelError(
            f"{name!r} was imported from elsewhere and has no scores on a test split. Evaluate it "
            "on labeled photos with python -m fer_core evaluate."
        )

    def load_cards(self, names: Collection[str] | None = None) -> tuple[RunnableCard, ...]:
        """Reads the cards of these models, or without names of all usable models with scores.

        Raises:
            ModelError: as `load_card`.
        """
        return tuple(map(self.load_card, names)) if names else self.list_models().cards

    def load_scored_cards(self, names: Collection[str] | None = None) -> tuple[ModelCard, ...]:
        """As `load_cards`, of models with scores only.

        Raises:
            ModelError: as `load_scored_card`.
        """
        return tuple(map(self.load_scored_card, names)) if names else self.list_models().cards

    def verified_weights(self, name: str) -> Path:
        """Returns the path of `model.keras`, of a model from elsewhere `model.onnx`.

        It is verified by the checksum in the card.

        Raises:
            ModelError: the card is not valid, the model is an ensemble (which has no file), or the
                file is missing or has another checksum.
        """
        card = self.load_card(name)
        if card.members:
            raise ModelError(
                f"{name!r} is an ensemble of {', '.join(card.members)} and has no weights of its "
                "own."
            )
        path = self.model_folder(name) / _weights_file(card)
        _check_size(path, card)
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        if checksum != card.weights.sha256:
            raise ModelError(
                f"{path} does not match its card and is not loaded. Download it again. "
                f"Expected SHA-256 {card.weights.sha256}. Received: {checksum}"
            )
        return path

    def verified_members(self, name: str) -> dict[str, ModelCard]:
        """Returns the cards of an ensemble's members, verified by checksum; else an empty dict.

        Raises:
            ModelError: a card is not valid, or a member is missing or has changed.
        """
        card = self.load_card(name)
        return self._members_of(card) if isinstance(card, ModelCard) else {}

    def load_predictions(self, name: str) -> dict[str, SplitPredictions]:
        """Reads the predictions of one model, by split.

        Video sequences are returned with one row per sequence; see `SplitPredictions.by_sequence`.

        Raises:
            ModelError: there is no such model, or its card or predictions.npz is not valid.
        """
        labels = self.load_scored_card(name).labels
        return read_predictions(self.model_folder(name) / PREDICTIONS_FILE, labels)

    def load_ckplus_predictions(self, name: str) -> CkPlusPredictions:
        """Reads the out-of-fold predictions of one model, a row per frame.

        Raises:
            ModelError: there is no such model, or its predictions.npz is not valid or has none.
        """
        card, path = self.load_scored_card(name), self.model_folder(name) / PREDICTIONS_FILE
        return read_ckplus_predictions(path, card.labels, card.action_units)

    def load_robustness(self, name: str) -> Robustness | None:
        """Reads the robustness of one model; None if it was never measured.

        Raises:
            ModelError: there is no such model, or its robustness.npz is not valid.
        """
        path = self.model_folder(name) / ROBUSTNESS_FILE
        return read_robustness(path, name) if path.is_file() else None

    def load_feature_map(self, name: str) -> FeatureMap | None:
        """Reads the embedding map of one model; None if there is none.

        Raises:
            ModelError: there is no such model, or its map is damaged or was computed with other
                weights.
        """
        card, path = self.load_scored_card(name), self.model_folder(name) / MAP_FILE
        if not path.is_file():
            return None
        found = read_feature_map(path)
        if found.weights_sha256 != card.weights.sha256:
            raise ModelError(
                f"The map {path} was computed with other weights than those of {name!r}. Recreate "
                "it with python -m training.artifacts.embedding_map."
            )
        return found

    def _members_of(self, card: ModelCard) -> dict[str, ModelCard]:
        members = {name: self.load_scored_card(name) for name in card.members}
        for name, member in members.items():
            if member.weights.sha256 != card.members[name].sha256:
                raise ModelError(
                    f"The ensemble {card.name!r} was evaluated with another {name!r} than the one "
                    f"in {self.folder}. Recreate it with python -m training.ensemble --overwrite "
                    "--final."
                )
            if (member.labels, member.preprocessing) != (card.labels, card.preprocessing):
                raise ModelError(
                    f"The member {name!r} of {card.name!r} must have its labels and preprocessing."
                )
        return members


def list_models() -> ModelListing:
    """Lists the models of the default store; see `ModelStore.list_models`."""
    return ModelStore.default().list_models()


def with_distinct_titles(cards: Sequence[Card]) -> tuple[Card, ...]:
    """Returns the cards in the same order; the name is added to titles that are not unique."""
    titles = Counter(card.title for card in cards)
    return tuple(
        card
        if titles[card.title] == 1
        else card.model_copy(update={"title": f"{card.title} ({card.name})"})
        for card in cards
    )


def _weights_file(card: RunnableCard) -> str:
    return WEIGHTS_FILE if isinstance(card, ModelCard) else IMPORTED_FILE


def _check_size(path: Path, card: RunnableCard) -> None:
    if not path.is_file():
        raise ModelError(f"The weights of model {card.name!r} are missing: no file {path}")
    if (size := path.stat().st_size) != card.weights.size_bytes:
        raise ModelError(
            f"{path} does not match its card and is not loaded. Download it again. "
            f"Expected {card.weights.size_bytes} bytes. Received: {size} bytes"
        )
