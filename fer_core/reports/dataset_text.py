"""Facts about the datasets as sentences; the numbers are counted from the data."""

from __future__ import annotations

from typing import Final

from fer_core.evaluation.dataset import HUMAN_ACCURACY, ClassCounts, DatasetDuplicates, DatasetFacts

_CLASSES: Final = "FER2013"
_VOTES: Final = "FER+"


def overlaps(duplicates: DatasetDuplicates) -> str:
    """Returns how many identical images the splits of FER2013 share."""
    reported, selected = duplicates.by_split["PrivateTest"], duplicates.by_split["PublicTest"]
    return (
        f"Of PrivateTest's {reported.images:,} faces, {reported.duplicates} are exact duplicates "
        f"of faces in Training and {duplicates.test_in_validation} of faces in PublicTest "
        f"({duplicates.test_in_validation_and_training} of both); of PublicTest's "
        f"{selected.images:,} faces, {selected.duplicates} are duplicates of faces in Training."
    )


def ferplus_counts(facts: DatasetFacts) -> str:
    """Returns how many faces FER+ models are trained, validated and tested on."""
    images = facts.classes[_VOTES].images
    selected, reported = sum(images["PublicTest"]), sum(images["PrivateTest"])
    return (
        f"Models train on {facts.ferplus_training_images:,} faces, with the distribution of votes "
        f"as target; validation ({selected:,} faces) and test ({reported:,}) use the faces with a "
        "majority label."
    )


def known_defects(facts: DatasetFacts) -> tuple[str, ...]:
    """Returns the known defects of FER2013, one line of Markdown each."""
    training = dict(
        zip(facts.classes[_CLASSES].labels, facts.classes[_CLASSES].images["Training"], strict=True)
    )
    most, least = (choose(training, key=training.__getitem__) for choose in (max, min))
    return (
        f"**Labels are noisy.** Human accuracy on them is {HUMAN_ACCURACY} (Goodfellow et al. "
        "2013).",
        f"**Classes are imbalanced.** Training has {training[most]:,} faces labeled {most} and "
        f"{training[least]:,} labeled {least}.",
        f"**Duplicates.** {facts.duplicates.surplus:,} images are exact duplicates of others. "
        f"{overlaps(facts.duplicates)} Scores are given with and without train/test duplicates.",
        "**Not every image is a face.** Some are drawings, crops without a face or plain text.",
        "**People are not a balanced sample.** Who appears, and how, mirrors web search in 2013.",
    )


def majority_share(counts: ClassCounts, split: str) -> float:
    """Returns the share of a split's most frequent label: the accuracy of always predicting it."""
    images = counts.images[split]
    return max(images) / sum(images)
