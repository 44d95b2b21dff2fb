"""Facts about the datasets in sentences, for documents and pages: their numbers are counted."""

from __future__ import annotations

from typing import Final

from fer_core.evaluation.dataset import HUMAN_ACCURACY, ClassCounts, DatasetDuplicates, DatasetFacts

_CLASSES: Final = "FER2013"
_VOTES: Final = "FER+"


def overlaps(copies: DatasetDuplicates) -> str:
    """Returns which images the splits of FER2013 share, pixel by pixel the same."""
    reported, selected = copies.duplicates["PrivateTest"], copies.duplicates["PublicTest"]
    return (
        f"Of PrivateTest's {reported.images:,} faces {reported.duplicates} are exact copies of "
        f"faces in Training and {copies.test_in_validation} of faces in PublicTest "
        f"({copies.test_in_validation_and_training} of both); of PublicTest's "
        f"{selected.images:,} faces {selected.duplicates} are copies of faces in Training."
    )


def ferplus_counts(facts: DatasetFacts) -> str:
    """Returns on how many faces models of FER+ are trained, chosen and scored."""
    images = facts.classes[_VOTES].images
    selected, reported = sum(images["PublicTest"]), sum(images["PrivateTest"])
    return (
        f"Training takes {facts.ferplus_training_images:,} faces, towards the distribution of "
        f"their votes; validation ({selected:,} faces) and test ({reported:,}) take those with a "
        "majority, and are scored against it."
    )


def known_defects(facts: DatasetFacts) -> tuple[str, ...]:
    """Returns the known defects of FER2013, each as a line of Markdown."""
    training = dict(
        zip(facts.classes[_CLASSES].labels, facts.classes[_CLASSES].images["Training"], strict=True)
    )
    most, least = (choose(training, key=training.__getitem__) for choose in (max, min))
    return (
        f"**Labels are noisy.** People's accuracy on them is {HUMAN_ACCURACY} (Goodfellow et al. "
        "2013).",
        f"**Classes are uneven.** Training has {training[most]:,} faces labeled {most} and "
        f"{training[least]:,} labeled {least}.",
        f"**Duplicates.** {facts.copies.surplus:,} images are exact copies of others. "
        f"{overlaps(facts.copies)} Scores are given with and without the copies of training faces.",
        "**Not all are faces.** Some pictures are drawings, crops without a face or plain text.",
        "**Not everybody is in it alike.** Who appears in it, and how, mirrors web search of 2013.",
    )


def commonest_share(counts: ClassCounts, split: str) -> float:
    """Returns the share of a split's commonest label: the accuracy of always naming it."""
    images = counts.images[split]
    return max(images) / sum(images)
