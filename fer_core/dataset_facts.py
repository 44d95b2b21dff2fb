"""Published facts about the training data, for people who do not have it at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fer_core.emotions import FER2013

if TYPE_CHECKING:
    import pandas as pd

FER2013_COUNTS: Final[dict[str, tuple[int, ...]]] = {
    "Training": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "PublicTest": (467, 56, 496, 895, 653, 415, 607),
    "PrivateTest": (491, 55, 528, 879, 594, 416, 626),
}
"""Images of FER2013 by its own split, in the order of `emotions.FER2013` (Goodfellow et al., 2013,
"Challenges in representation learning")."""


def fer2013_class_counts() -> pd.DataFrame:
    """Returns one row per label and split: label, split, images, share (of the split)."""
    import pandas as pd

    return pd.DataFrame(
        [
            {"label": label, "split": split, "images": images, "share": images / sum(counts)}
            for split, counts in FER2013_COUNTS.items()
            for label, images in zip(FER2013, counts, strict=True)
        ]
    )
