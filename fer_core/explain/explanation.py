"""Explains a prediction: Grad-CAM, and an occlusion map to verify it.

>>> load_explainer("cnn").explain(face, "happy").map.shape
(48, 48)
>>> occlusion_map(load_classifier("cnn"), face, "happy").largest_drop
0.48

Both maps show which parts of the face support a class, not whether the prediction is correct.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.explain.grad_cam import GradCam, load_grad_cam
from fer_core.preprocessing import REGIONS
from fer_core.zoo import Classifier, ModelStore, RunnableCard, onnx_file

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["grad_cam", "occlusion"]

_PATCH: Final = 1 / 4
"""Side of the occluding patch, relative to the face."""

_STRIDES_PER_FACE: Final = 12


@dataclass(frozen=True, eq=False)
class Explanation:
    """Which parts of a face support a class.

    Attributes:
        map: `(height, width)` float32 of the classifier's input size, in 0..1; its maximum is 1,
            or all values are 0 if nothing on the face supports the class.
        label: the class explained.
        method: that computed the map.
        model: name of the model.
        grid: computed rows and columns; the map is interpolated between them.
        largest_drop: of the class's probability when a part of the face is occluded; None for
            Grad-CAM.
    """

    map: NDArray[np.float32]
    label: str
    method: Method
    model: str
    grid: tuple[int, int]
    largest_drop: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing on the face supports the class."""
        return not self.map.any()

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per region of the face: `region`, and its `share` of the map's sum."""
        import pandas as pd

        rows = (np.arange(len(self.map)) + 0.5) / len(self.map)
        by_row = self.map.sum(axis=1, dtype=np.float64)
        total = float(by_row.sum()) or 1.0
        shares = [
            by_row[(rows >= top) & (rows < bottom)].sum() / total
            for top, bottom in REGIONS.values()
        ]
        return pd.DataFrame({"region": list(REGIONS), "share": shares})


class Explainer:
    """Grad-CAM of one saved model. Thread-safe.

    Attributes:
        card: the model's card.
    """

    def __init__(
        self, card: RunnableCard, members: Sequence[tuple[float, GradCam, tuple[str, ...]]]
    ) -> None:
        """Takes the members of an ensemble: weight, Grad-CAM and labels; a single model has one."""
        self.card = card
        self._members = members

    def explain(self, face: NDArray[np.float32], label: str) -> Explanation:
        """Computes the class activation map (Selvaraju et al. 2017) of one class.

        The map of an ensemble is the weighted mean of its members', each normalized.

        Args:
            face: `(height, width, channels)` float32, as the classifier's input.
            label: the class to explain.

        Raises:
            ValueError: the model does not have this class, or `face` has another shape or dtype.
        """
        _checked_index(self.card, face, label)
        maps = [cam.map(face, labels.index(label)) for _, cam, labels in self._members]
        total = np.zeros(face.shape[:2], np.float32)
        for (weight, _, _), map_ in zip(self._members, maps, strict=True):
            enlarged = cv2.resize(map_, total.shape[::-1], interpolation=cv2.INTER_LINEAR)
            total += np.float32(weight) * _normalized(np.asarray(enlarged, np.float32))
        rows, columns = max(map_.shape for map_ in maps)
        return Explanation(_normalized(total), label, "grad_cam", self.card.name, (rows, columns))


def load_explainer(name: str, *, store: ModelStore | None = None) -> Explainer:
    """Prepares Grad-CAM of one saved model.

    Args:
        name: of the model.
        store: where the saved models are; by default `ModelStore.default()`.

    Raises:
        ModelError: the model is missing or damaged, or not of a shape that Grad-CAM can explain.
    """
    store = store or ModelStore.default()
    card = store.load_card(name)
    members: Mapping[str, RunnableCard] = store.verified_members(name)
    cards = members or {name: card}
    return Explainer(
        card,
        [
            (
                card.members[member].weight if card.members else 1.0,
                load_grad_cam(onnx_file(member, store=store)),
                cards[member].labels,
            )
            for member in cards
        ],
    )


def occlusion_map(classifier: Classifier, face: NDArray[np.float32], label: str) -> Explanation:
    """Measures how much a class's probability drops when a part of the face is occluded.

    Zeiler and Fergus 2014: a patch of the face's mean gray (or color), a quarter of its side,
    slides over it. A pixel's value is the mean drop over the patches that cover it, clipped at 0.
    The method treats the model as a black box, so it may contradict a Grad-CAM map.

    Args:
        classifier: the model.
        face: `(height, width, channels)` float32, as the classifier's input.
        label: the class to explain.

    Raises:
        ValueError: the model does not have this class, or `face` has another shape or dtype.
    """
    index = _checked_index(classifier.card, face, label)
    side = len(face)
    patch, stride = max(1, round(side * _PATCH)), max(1, side // _STRIDES_PER_FACE)
    starts = range(stride - patch, side, stride)
    corners = [(top, left) for top in starts for left in starts]
    masks = np.zeros((len(corners), side, side), bool)
    for mask, (top, left) in zip(masks, corners, strict=True):
        mask[max(top, 0) : top + patch, max(left, 0) : left + patch] = True
    gray = face.mean(axis=(0, 1), dtype=np.float32)
    covered = np.where(masks[..., np.newaxis], gray, face)
    probabilities = classifier.predict(np.concatenate([face[np.newaxis], covered]))[:, index]
    drops = probabilities[0] - probabilities[1:]
    mean_drop = np.tensordot(drops, masks, axes=1) / masks.sum(axis=0)
    return Explanation(
        _normalized(np.maximum(mean_drop, 0)),
        label,
        "occlusion",
        classifier.card.name,
        (len(starts), len(starts)),
        largest_drop=float(max(drops.max(), 0.0)),
    )


def _checked_index(card: RunnableCard, face: NDArray[np.float32], label: str) -> int:
    if face.shape != card.input_shape or face.dtype != np.float32:
        raise ValueError(
            f"face must be float32 of shape {card.input_shape}. "
            f"Received: shape={face.shape}, dtype={face.dtype}"
        )
    if label not in card.labels:
        raise ValueError(f"label must be one of {', '.join(card.labels)}. Received: {label!r}")
    return card.labels.index(label)


def _normalized(map_: NDArray[np.floating]) -> NDArray[np.float32]:
    highest = float(map_.max())
    return np.asarray(map_ / highest if highest > 0 else map_, np.float32)
