"""The sections of a report about one model."""

from __future__ import annotations

import pandas as pd

from fer_core.evaluation import ClassificationMetrics
from fer_core.evaluation.scores import CKPLUS_PROTOCOL_IN_WORDS, confusion_matrix
from fer_core.evaluation.trust import (
    RiskCoverage,
    reliability,
    risk_coverage,
    selective_scores,
    threshold_sweep,
)
from fer_core.labels import describe
from fer_core.plots import (
    beyond_in_words,
    class_scores_figure,
    confusion_figure,
    curves_figure,
    reliability_figure,
    risk_coverage_figure,
    threshold_figure,
)
from fer_core.recognition import UNCERTAIN_BELOW
from fer_core.reports import (
    CALIBRATION_ERROR_IN_WORDS,
    PROTOCOLS_IN_WORDS,
    Html,
    calibration_sentence,
    interval_sentence,
    join,
    model_facts,
    tag,
    training_facts,
)
from fer_core.reports.markdown import rare_units_sentence
from fer_core.reports.page.inputs import Subject
from fer_core.reports.page.markup import (
    details,
    facts,
    figure,
    json_block,
    listing,
    paragraph,
    table,
)
from fer_core.training_logs import Curve, TrainingRun, curve_band, first_view

_CURVES: dict[str, tuple[Curve, Curve]] = {
    "Accuracy": ("val_accuracy", "accuracy"),
    "Loss": ("val_loss", "loss"),
}
"""By the title of the figure: on the selection split, and on the training split."""


def model_section(subject: Subject) -> Html:
    """Returns everything about one model."""
    card = subject.card
    return tag(
        "section",
        tag("h2", card.title),
        paragraph(card.summary),
        _card(subject),
        _scores(subject),
        _confusion(subject),
        _calibration(subject),
        _threshold(subject),
        _curves(subject),
        id=card.name,
    )


def class_scores_frame(metrics: ClassificationMetrics) -> pd.DataFrame:
    """Returns one row per class with its scores and their 95 % intervals as texts for people."""
    return pd.DataFrame(
        [
            {
                "label": label,
                "precision": score.precision.percent(),
                "recall": score.recall.percent(),
                "F1": score.f1.percent(),
                "ROC AUC": score.roc_auc and score.roc_auc.decimal(),
                "rows": score.support,
            }
            for label, score in metrics.per_class.items()
        ]
    )


def _card(subject: Subject) -> Html:
    card, training = subject.card, subject.card.training
    made = (
        [paragraph("An ensemble answers with the weighted mean of what its members answer.")]
        if training is None
        else [
            facts(training_facts(training)),
            details("Training recipe", json_block(training.recipe)),
        ]
    )
    return join(
        [
            tag("h3", "Model card"),
            facts(model_facts(card)),
            tag("h4", "Intended use"),
            paragraph(card.intended_use),
            tag("h4", "Out of scope"),
            paragraph(card.out_of_scope_use),
            tag("h4", "Limits"),
            listing(card.limits),
            tag("h4", "Licence of the training data"),
            paragraph(card.data_licence),
            tag("h4", "Training"),
            *made,
        ]
    )


def _scores(subject: Subject) -> Html:
    card, split = subject.card, subject.predictions.split
    classes = table(
        class_scores_frame(card.reported), caption=f"Scores by expression on {split}, plain"
    )
    return join(
        [
            tag("h3", "Scores"),
            paragraph(card.protocol.description),
            table(card.scores_frame(), caption="Scores with 95 % intervals by split and protocol"),
            paragraph(
                f"{PROTOCOLS_IN_WORDS} {interval_sentence(card)} Without duplicates: only rows of "
                "which no exact copy is among the training images."
            ),
            figure(
                class_scores_figure(card.reported),
                key=f"{card.name}-classes",
                title=f"F1 of each expression on {split}",
                alt=f"F1 of each expression with its 95 % interval for {card.title} on {split}; "
                "the numbers stand in the table below",
                under=classes,
            ),
            *_action_units(subject),
        ]
    )


def _action_units(subject: Subject) -> list[Html]:
    metrics = subject.card.ckplus
    if metrics is None:
        return []
    units = metrics.by_sequence.action_units.to_frame()
    return [
        tag("h4", "Emotions and action units on CK+"),
        paragraph(
            f"{metrics.folds} folds of {metrics.subjects} subjects and {metrics.sequences} "
            "sequences; every subject is scored by weights that never saw them. "
            f"{CKPLUS_PROTOCOL_IN_WORDS} {rare_units_sentence(metrics)}"
        ),
        table(metrics.to_frame(), caption="Scores by predictor, output and average"),
        details(
            "Scores by action unit",
            table(
                units.assign(action_unit=units["action_unit"].map(describe)),
                caption="Scores by action unit; a row is a sequence",
            ),
        ),
    ]


def _confusion(subject: Subject) -> Html:
    name, split = subject.card.name, subject.predictions.split
    matrix = confusion_matrix(subject.predictions)
    numbers = table(matrix.to_frame().reset_index(), caption="Rows by true label and answer")
    return join(
        [
            tag("h3", "Confusion"),
            figure(
                confusion_figure(matrix),
                key=f"{name}-confusion",
                title=f"Share of each true label on {split}, plain",
                alt=f"Confusion matrix of {subject.card.title} on {split}: rows are true labels, "
                "columns are answers; the counts stand in the table below",
                under=details("Show as table", numbers),
            ),
        ]
    )


def _calibration(subject: Subject) -> Html:
    card, split = subject.card, subject.predictions.split
    found = reliability(subject.calibrated, subject.predictions.label)
    has_temperature = card.temperature is not None
    after = " after its temperature" if has_temperature else ""
    return join(
        [
            tag("h3", "Calibration"),
            paragraph(
                f"{calibration_sentence(card)} {CALIBRATION_ERROR_IN_WORDS} Brier score from 0 to "
                "2, NLL in nats."
            ),
            table(
                subject.calibration.to_frame(has_temperature=has_temperature),
                caption=f"Calibration on {split}, plain",
            ),
            figure(
                reliability_figure(found, confidence_title="Confidence", accuracy_title="Accuracy"),
                key=f"{card.name}-reliability",
                title=f"Reliability on {split}{after}",
                alt=f"Reliability diagram of {card.title} on {split}{after}, with "
                "the rows of each bin; every bin stands in the table below",
                under=details(
                    "Show as table", table(found.to_frame(), caption="Bins of confidence")
                ),
            ),
        ]
    )


def _threshold(subject: Subject) -> Html:
    card, label, split = subject.card, subject.predictions.label, subject.predictions.split
    chosen = selective_scores(subject.calibrated, label, card.labels, UNCERTAIN_BELOW)
    sweep = threshold_sweep(subject.calibrated, label)
    curve = risk_coverage(subject.calibrated, label)
    after = "" if card.temperature is None else ", after temperature,"
    right = f"{chosen.accuracy.percent()} of these rightly" if chosen.accuracy else "none of them"
    return join(
        [
            tag("h3", "Threshold"),
            paragraph(
                f"A face whose best probability{after} is below the threshold gets no "
                f"answer. Below {UNCERTAIN_BELOW:.0%}, the app's own threshold, on {split}: "
                f"{chosen.coverage:.1%} of the faces are answered, {right}."
            ),
            table(
                chosen.to_frame(),
                caption=f"Answered faces at a threshold of {UNCERTAIN_BELOW:.0%}; precision and "
                "recall count these alone",
            ),
            figure(
                threshold_figure(sweep, UNCERTAIN_BELOW),
                key=f"{card.name}-threshold",
                title="Coverage and accuracy by threshold",
                alt=f"Answered share and accuracy of {card.title} by threshold on {split}; every "
                "threshold stands in the table below",
                under=details("Show as table", table(sweep.to_frame(), caption="Every threshold")),
            ),
            figure(
                risk_coverage_figure(curve, chosen),
                key=f"{card.name}-risk",
                title=f"Risk and coverage, AURC {curve.area:.4f}",
                alt=f"Risk-coverage curve of {card.title} on {split}, area {curve.area:.4f}, with "
                "the threshold marked; the numbers stand in the table below",
                under=join(
                    [
                        paragraph(
                            "AURC is the area under the curve, the smaller the better; a perfect "
                            f"order of the same answers had {curve.least_area:.4f}. The dashed "
                            "line is the risk of answering faces picked at random."
                        ),
                        details(
                            "Show as table",
                            table(
                                every_percent(curve), caption="Risk at every percent of coverage"
                            ),
                        ),
                    ]
                ),
            ),
        ]
    )


def every_percent(curve: RiskCoverage) -> pd.DataFrame:
    """Returns the points at which the coverage first reaches each whole percent."""
    points = curve.to_frame()
    reached = (points["coverage"] * 100 + 1e-9).astype(int)
    return points[reached.diff().fillna(1) > 0]


def _curves(subject: Subject) -> Html:
    if subject.card.members:
        words = "An ensemble is not trained itself: its members have curves."
    elif subject.run is None:
        words = "The model comes without a history.csv that can be read, so there are no curves."
    else:
        return join([tag("h3", "Training curves"), _run(subject, subject.run)])
    return join([tag("h3", "Training curves"), paragraph(words)])


def _run(subject: Subject, run: TrainingRun) -> Html:
    title = subject.card.title
    figures = []
    for name, (selection, training) in _CURVES.items():
        bands = {
            "selection split": curve_band([run.history], selection),
            "training split": curve_band([run.history], training),
        }
        best = [] if run.best_epoch is None else [run.best_epoch]
        view = first_view(bands, selection)
        best_epochs = {"selection split": best, "training split": []}
        drawing = curves_figure(bands, best_epochs, selection, view=view)
        drawing.update_yaxes(title=name)
        figures.append(
            figure(
                drawing,
                key=f"{subject.card.name}-{name.lower()}",
                title=f"{name} by epoch",
                alt=f"{name} of {title} by epoch on the selection and the training split; every "
                "epoch stands in the table below",
                under=Html() if view is None else paragraph(beyond_in_words(view)),
            )
        )
    epochs = table(run.history.to_frame(), caption="Every epoch")
    return join(
        [
            *figures,
            paragraph(
                "A star marks the epoch with the best validation accuracy. Training faces are "
                "distorted on purpose, so their scores can be worse."
            ),
            details("Show as table", epochs),
        ]
    )
