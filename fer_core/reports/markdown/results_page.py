"""From model cards to docs/results.md: protocols, every model's scores, published figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fer_core.evaluation import PROTOCOLS
from fer_core.evaluation.comparison import SIGNIFICANCE_LEVEL, PairwiseComparisons
from fer_core.evaluation.dataset import load_dataset_facts
from fer_core.reports import ferplus_counts, overlaps
from fer_core.reports.markdown.ckplus_comparison import render_ckplus_comparison
from fer_core.reports.markdown.published_figures import render_published_figures
from fer_core.reports.markdown.result_tables import (
    ranked_by_dataset,
    render_ckplus_results,
    render_ferplus_results,
    render_training,
)
from fer_core.reports.markdown.syntax import markdown_table
from fer_core.zoo import ModelCard

_PROTOCOL: Final = """\
# Results

Rendered by `make results` from the cards in `models/`, whose scores follow from the
`predictions.npz` beside them.

## Protocol

Weights are learned on FER2013's Training split. Everything that is chosen (the epoch, the
temperature, the smoothing, the weights of an ensemble) is chosen on PublicTest; temperature,
smoothing and weights on its faces of which Training holds no exact copy. The figures below are of
PrivateTest, on which earlier versions were scored too: [test-set-log.md](test-set-log.md) lists
when and why.

{overlaps}
The networks were trained on the ones and the epoch was chosen on the others, so PrivateTest is not
wholly unseen.

- **plain**: one pass over the 48x48 face. **flip**: the mean of the face and its mirror image.
  **crops**: the mean of ten windows of 44 pixels, the four corners and the center, each also
  mirrored.
- **In brackets**: 95% interval, by Wilson's score for accuracies and the F1 of a class, by the
  bootstrap over rows for averages. It says how far the score would move on other faces of the same
  kind. It does not say how far it would move with another seed of the training.
- **Without duplicates**: only the {without:,} PrivateTest faces of which Training holds no exact
  copy. This is the figure for faces that a model has not seen.
- Whether two models differ is not seen from their intervals: both were scored on the same faces.
  [Differences](#differences-on-the-same-faces) has each pair."""


def render_results_page(cards: Sequence[ModelCard], pairs: PairwiseComparisons | None) -> str:
    """Returns the text of docs/results.md.

    Args:
        cards: of the saved models, in any order.
        pairs: of those of FER2013, on PrivateTest, plain; None without two of them.
    """
    by_dataset = ranked_by_dataset(cards)
    facts = load_dataset_facts()
    duplicates = facts.copies.twins["PrivateTest"]
    sections = [
        _PROTOCOL.format(
            overlaps=overlaps(facts.copies), without=duplicates.images - duplicates.twins
        )
    ]
    if fer2013 := by_dataset.get("FER2013", ()):
        sections += [
            "## FER2013, PrivateTest\n\n" + _accuracy(fer2013),
            *([] if pairs is None else [_differences(pairs)]),
            "## F1 by expression\n\nPrivateTest, plain.\n\n" + _by_class(fer2013),
        ]
    if ferplus := by_dataset.get("FER+", ()):
        sections += [
            _FERPLUS.format(counts=ferplus_counts(facts)),
            *render_ferplus_results(ferplus, root="../"),
            _by_class(ferplus),
        ]
    ranked = [card for group in by_dataset.values() for card in group]
    if ranked:
        sections += [
            _CALIBRATION.format(seen=_on_duplicates(fer2013)) + "\n\n" + _calibration(ranked),
        ]
    if ckplus := render_ckplus_results(cards, root="../"):
        sections += [_CKPLUS, *ckplus, *render_ckplus_comparison(cards)]
    by_rank = [*ranked, *(card for card in cards if card.ckplus is not None)]
    if training := render_training(by_rank, root="../"):
        sections += ["## How they were trained", *training]
    sections.append(_IMBALANCE)
    sections.append(render_published_figures())
    return "\n\n".join(sections) + "\n"


_CALIBRATION: Final = """\
## Calibration

One temperature a model, fitted on PublicTest, divides the logits in the app. From the answers of
models that learned from smoothed labels, or from teachers that did, the smoothing is taken out
before, where PublicTest's likelihood gains enough by it. The ensemble is the mean of members whose
answers were calibrated so, and has a temperature of its own. Expected calibration error over 15
bins of equally many faces, Brier score and negative log-likelihood on PrivateTest, plain. Noise
only adds to a calibration error, so its estimated bias is subtracted (Kumar et al. 2019, Roelofs et
al. 2022) and two things stand beside it: the noise floor, which is what a calibrated model would
show on as many faces, and p, how often it would show this much or more (Vaicenavicius et al. 2019).

The temperature is fitted for faces that a model has not learned by heart.{seen}
Models are correct more often on PrivateTest's copies too, so on all of PrivateTest they may be a
little underconfident. Means over flips or crops have no calibration error here: the temperature is
not fitted for them, and the app does not show them."""

_FERPLUS: Final = """\
## FER+, test

The protocol of its authors (Barsoum et al. 2016): votes that stand alone are set aside, and so
are faces that people did not agree on, or took for no face.
{counts}
The second table is F1 by expression, plain."""


_CKPLUS: Final = """\
## CK+: emotions and action units

Ten folds by person: nobody is scored by weights that saw them, and no epoch and no threshold was
chosen on held-out people. The settings were not chosen in a nested way, and each model is one seed.
The three peak frames of a sequence are nearly the same picture, so they count as one observation:
their probabilities are averaged with equal weights, which has nothing to tune. Intervals draw whole
people, since sequences of one person are alike too."""

_IMBALANCE: Final = """\
## Uneven classes

[imbalance.md](imbalance.md) has the table of what class weights, samplers, SMOTE, SMOTE-ENN and
focal loss do to one small network, over two seeds. In short: square-root weights, a balanced
sampler, oversampling and SMOTE raise macro F1 by two to three points and cost one to three of
accuracy on PublicTest, by which the models here are chosen; so their recipes use none."""


def _link(card: ModelCard) -> str:
    return f"[{card.name}](../models/{card.name}/README.md)"


def _accuracy(cards: Sequence[ModelCard]) -> str:
    rows = []
    for card in cards:
        protocols = card.metrics[card.protocol.report_split]
        accuracies = [
            protocols[name].accuracy.percent() if name in protocols else "" for name in PROTOCOLS
        ]
        without = card.reported.without_training_twins
        rows.append(
            (
                _link(card),
                *accuracies,
                card.reported.macro_f1.percent(),
                "" if without is None else without.accuracy.percent(),
            )
        )
    header = ("Model", *PROTOCOLS, "Macro F1, plain", "Plain, without duplicates")
    return markdown_table(header, rows)


def _differences(pairs: PairwiseComparisons) -> str:
    """Every pair, and in words how small a difference can be told from none."""
    rows = [
        (
            first,
            second,
            f"{pair.difference * 100:+.1f} ({pair.low * 100:+.1f} to {pair.high * 100:+.1f})",
            f"{pair.standard_error * 100:.2f}",
            f"{p_holm:.2g}",
        )
        for (first, second), pair in sorted(
            pairs.comparisons.items(), key=lambda item: item[1].p_value
        )
        for p_holm in [pairs.p_holm[first, second]]
    ]
    errors = [pair.standard_error * 100 for pair in pairs.comparisons.values()]
    significant, others = (
        [
            abs(pair.difference) * 100
            for names, pair in pairs.comparisons.items()
            if (pairs.p_holm[names] < SIGNIFICANCE_LEVEL) == is_significant
        ]
        for is_significant in (True, False)
    )
    text = (
        f"PrivateTest, plain, in points of accuracy. Hard faces are hard for every model, so a "
        f"difference has a standard error of {min(errors):.1f} to {max(errors):.1f} points. "
        f"{len(significant)} of {len(errors)} pairs differ significantly (McNemar's test, mid-p, "
        "with Holm's correction)"
    )
    if significant:
        text += f", from {min(significant):.1f} points on"
    if others:
        text += f"; of the others the largest difference is {max(others):.1f} points"
    text += (
        ". In brackets: 95% interval for all pairs together (Tango's score interval, Bonferroni), "
        "which is a little more cautious than Holm's correction."
    )
    header = ("First", "Second", "First minus second", "Standard error", "p (Holm)")
    return f"## Differences on the same faces\n\n{text}\n\n{markdown_table(header, rows)}"


def _by_class(cards: Sequence[ModelCard]) -> str:
    labels = cards[0].labels
    rows = [
        (_link(card), *(f"{card.reported.per_class[label].f1.value:.3f}" for label in labels))
        for card in cards
        if card.labels == labels
    ]
    return markdown_table(("Model", *labels), rows)


def _on_duplicates(cards: Sequence[ModelCard]) -> str:
    """How often models are correct on validation faces that they were trained on, and on others."""
    scores = [
        (all_rows, without)
        for card in cards
        if (without := (all_rows := card.selected_on).without_training_twins) is not None
        and without.rows < all_rows.rows
    ]
    if not scores:
        return ""
    seen = [
        (all_rows.accuracy.value * all_rows.rows - without.accuracy.value * without.rows)
        / (all_rows.rows - without.rows)
        for all_rows, without in scores
    ]
    unseen = [without.accuracy.value for _, without in scores]
    first, without = scores[0]
    return (
        f" On the {first.rows - without.rows} faces of PublicTest that are copies of training "
        f"faces {min(seen):.1%} to {max(seen):.1%} are correct, by model, and {min(unseen):.1%} to "
        f"{max(unseen):.1%} on the others."
    )


def _calibration(cards: Sequence[ModelCard]) -> str:
    rows = []
    for card in cards:
        effect = card.calibration.get(card.protocol.report_split)
        if effect is None or card.temperature is None:
            continue
        before, after = effect.before, effect.after
        others = effect.after_without_training_twins
        rows.append(
            (
                _link(card),
                f"{card.temperature:.3f}",
                f"{card.smoothing:.2f}",
                before.ece.percent(),
                after.ece.percent(),
                "" if others is None else others.ece.percent(),
                f"{before.brier.value:.3f} → {after.brier.value:.3f}",
                f"{before.nll.value:.3f} → {after.nll.value:.3f}",
            )
        )
    header = (
        *("Model", "Temperature", "Smoothing", "ECE before", "ECE after"),
        *("ECE after, without duplicates", "Brier", "NLL"),
    )
    return markdown_table(header, rows)
