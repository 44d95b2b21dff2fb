import numpy as np
import pytest
from pydantic import ValidationError

from fer_core.evaluation.dataset.facts import FER2013_COUNTS, ClassCounts, load_dataset_facts
from fer_core.fer2013.published_rows import load_published_rows
from fer_core.labels.emotions import CKPLUS, FER2013, FERPLUS
from fer_core.reports.dataset_text import ferplus_counts, majority_share, overlaps

FACTS = load_dataset_facts()


def sizes(dataset: str) -> list[int]:
    return [sum(counts) for counts in FACTS.classes[dataset].images.values()]


def test_datasets_have_their_published_sizes_and_classes() -> None:
    assert FACTS.classes["FER2013"].images == FER2013_COUNTS
    assert sizes("FER2013") == [28_709, 3_589, 3_589]
    assert sizes("FER+") == [25_045, 3_191, 3_137]
    assert sizes("CK+") == [3 * 327]
    labels = {name: each.labels for name, each in FACTS.classes.items()}
    assert labels == {"FER2013": FER2013, "FER+": FERPLUS, "CK+": CKPLUS}


@pytest.mark.parametrize("dataset", FACTS.classes)
def test_shares_sum_to_one_in_every_split(dataset: str) -> None:
    counts = FACTS.classes[dataset]
    frame = counts.to_frame()
    assert frame["images"].sum() == counts.total
    assert frame.groupby("split")["share"].sum().to_list() == pytest.approx(
        [1] * len(sizes(dataset))
    )


def test_counts_must_fit_the_labels() -> None:
    with pytest.raises(ValidationError, match="Every split must have 2 counts"):
        ClassCounts(labels=("no", "yes"), images={"all": (1, 2, 3)})


def test_duplicates_are_those_that_are_published() -> None:
    frame = FACTS.duplicates.to_frame().set_index("split")
    assert FACTS.duplicates.surplus == 1_853
    assert frame.loc["PrivateTest", "duplicates"] == 288
    assert frame.loc["PrivateTest", "share"] == pytest.approx(288 / 3_589)
    assert FACTS.duplicates.test_in_validation == 44
    assert "288 are exact duplicates of faces in Training and 44" in overlaps(FACTS.duplicates)


def test_ferplus_trains_on_more_images_than_have_a_majority() -> None:
    assert FACTS.ferplus_training_images == 27_947
    assert "27,947 faces" in ferplus_counts(FACTS)


def test_majority_share_is_the_accuracy_of_the_most_frequent_label() -> None:
    counts = ClassCounts(labels=("no", "yes"), images={"test": (1, 3)})
    assert majority_share(counts, "test") == 0.75


@pytest.mark.parametrize("split", FER2013_COUNTS)
def test_both_sets_of_labels_are_of_the_same_images(split: str) -> None:
    images = np.array(FACTS.labels.images[split])
    assert tuple(images.sum(axis=1) + FACTS.labels.left_out[split]) == FER2013_COUNTS[split]
    assert tuple(images.sum(axis=0)) == FACTS.classes["FER+"].images[split]


def test_rows_without_original_pixels_are_those_without_a_checksum() -> None:
    rows = load_published_rows()
    missing = rows.usage[~rows.has_checksum]
    assert FACTS.approximate == {split: int((missing == split).sum()) for split in FER2013_COUNTS}
    assert "173 of its rows (148 Training, 10 PublicTest, 15 PrivateTest)" in (
        FACTS.approximate_pixels
    )
