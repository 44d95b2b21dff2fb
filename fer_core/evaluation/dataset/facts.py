"""Facts about the training data, for use without the data itself.

`python -m training.assets.dataset_facts` computes them and writes the file shipped with this
package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import model_validator

from fer_core.evaluation import Count, StrictModel
from fer_core.paths import ASSETS

if TYPE_CHECKING:
    import pandas as pd

FER2013_COUNTS: Final[dict[str, tuple[int, ...]]] = {
    "Training": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "PublicTest": (467, 56, 496, 895, 653, 415, 607),
    "PrivateTest": (491, 55, 528, 879, 594, 416, 626),
}
"""Images of FER2013 by its own split, in the order of `emotions.FER2013` (Goodfellow et al., 2013,
"Challenges in representation learning")."""

APPROXIMATE_PIXELS: Final = (
    "The copy of FER2013 used for these models was assembled from the lossless images of FER+. "
    "{total} of its rows ({by_split}) have no image there, because FER+ labels them as no face: "
    "their labels are the published ones, their pixels a close approximation, and their order is "
    "unknown."
)

HUMAN_ACCURACY: Final = "65% ± 5%"
"""Human accuracy on FER2013's labels (Goodfellow et al. 2013); not inter-rater agreement."""

FACTS_FILE: Final = ASSETS / "dataset_facts.json"


class ClassCounts(StrictModel):
    """Images of a dataset by class and split.

    Attributes:
        labels: the k class names.
        images: by split, k counts.
    """

    labels: tuple[str, ...]
    images: dict[str, tuple[Count, ...]]

    @model_validator(mode="after")
    def _has_one_count_per_label(self) -> ClassCounts:
        if any(len(counts) != len(self.labels) for counts in self.images.values()):
            raise ValueError(f"Every split must have {len(self.labels)} counts.")
        return self

    @property
    def total(self) -> int:
        """Images of all splits."""
        return sum(map(sum, self.images.values()))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per label and split: label, split, images, share (of the split)."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"label": label, "split": split, "images": images, "share": images / sum(counts)}
                for split, counts in self.images.items()
                for label, images in zip(self.labels, counts, strict=True)
            ]
        )


class SplitDuplicates(StrictModel):
    """Duplicates: images of a split that have an exact copy in the training split.

    Attributes:
        images: of the split.
        duplicates: those with a copy in training.
        same_label: duplicates with the same label as a copy in training.
    """

    images: Count
    duplicates: Count
    same_label: Count


class DatasetDuplicates(StrictModel):
    """Images that occur more than once in FER2013 with identical pixels.

    Attributes:
        surplus: images that deduplication would remove.
        in_conflict: distinct images that occur with different labels.
        by_split: duplicates of training images.
        test_in_validation: images of PrivateTest that have an exact copy in PublicTest.
        test_in_validation_and_training: those that have one in Training too.
    """

    surplus: Count
    in_conflict: Count
    by_split: dict[str, SplitDuplicates]
    test_in_validation: Count
    test_in_validation_and_training: Count

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per split: split, images, duplicates, share, same_label."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "split": split,
                    "images": each.images,
                    "duplicates": each.duplicates,
                    "share": each.duplicates / each.images,
                    "same_label": each.same_label,
                }
                for split, each in self.by_split.items()
            ]
        )


class LabelContingencyTable(StrictModel):
    """Contingency table of FER2013 and FER+ labels, on the images that FER+ keeps.

    Attributes:
        fer2013: names of the rows.
        ferplus: names of the columns.
        images: by split, counts by row, then column.
        left_out: by split and row, images that FER+ excludes for lack of a majority.
    """

    fer2013: tuple[str, ...]
    ferplus: tuple[str, ...]
    images: dict[str, tuple[tuple[Count, ...], ...]]
    left_out: dict[str, tuple[Count, ...]]


class DatasetFacts(StrictModel):
    """Facts about the datasets.

    Attributes:
        classes: by the name of the dataset.
        approximate: by split, rows of FER2013 whose original pixels were not available.
        duplicates: of FER2013.
        labels: FER2013 vs. FER+.
        ferplus_training_images: images that FER+'s protocol trains on, with the distribution of
            votes as target. `classes` counts only those with a majority label.
    """

    classes: dict[str, ClassCounts]
    ferplus_training_images: Count
    approximate: dict[str, Count]
    duplicates: DatasetDuplicates
    labels: LabelContingencyTable

    @property
    def approximate_pixels(self) -> str:
        """A sentence on the rows of FER2013 with approximate pixels."""
        return APPROXIMATE_PIXELS.format(
            total=sum(self.approximate.values()),
            by_split=", ".join(f"{rows} {split}" for split, rows in self.approximate.items()),
        )


def load_dataset_facts() -> DatasetFacts:
    """Reads the facts shipped with this package."""
    return DatasetFacts.model_validate_json(FACTS_FILE.read_text(encoding="utf-8"))
