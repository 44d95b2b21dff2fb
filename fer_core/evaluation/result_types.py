"""Scores as data objects, as model cards store them and `evaluation` computes them.

They are strict pydantic models, so a score read from a card and one just computed have the same
type, and a page shows both with the same code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    import pandas as pd

NotNegative = Annotated[float, Field(ge=0.0)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
EvaluationProtocol = Literal["plain", "flip", "crops"]
"""How a face was scored: `plain` is one pass; `flip` averages the face and its mirror image;
`crops` averages ten windows, the four corners and the center, each also mirrored (Krizhevsky et al.
2012)."""

PROTOCOLS: Final[tuple[EvaluationProtocol, ...]] = get_args(EvaluationProtocol)

Count = Annotated[int, Field(ge=0)]


class StrictModel(BaseModel):
    """Rejects unknown fields, implicit conversions and NaN; instances are immutable."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Interval(StrictModel):
    """A score with its 95% interval; at least 0, and at most 1 except for `brier` and `nll`.

    Attributes:
        value: the score on all rows.
        low: lower bound of the 95% interval.
        high: upper bound of the 95% interval.
    """

    value: NotNegative
    low: NotNegative
    high: NotNegative

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> Interval:
        if self.low > self.high:
            raise ValueError(f"low must not exceed high: low={self.low}, high={self.high}")
        return self

    def percent(self) -> str:
        """Returns the score and its interval as a percentage: `"66.1% [64.6, 67.7]"`."""
        return f"{self.value:.1%} [{self.low * 100:.1f}, {self.high * 100:.1f}]"

    def decimal(self) -> str:
        """Returns the score and its interval with three decimals: `"0.921 [0.902, 0.940]"`."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


class ClassScore(StrictModel):
    """The scores of one class.

    Attributes:
        precision: share of the rows predicted as this class that have it; 0 when there are none.
        recall: share of the rows of this class predicted as it; 0 when there are none.
        f1: the harmonic mean of both.
        roc_auc: area under the ROC curve of this class against the rest; None when no row or every
            row is of this class.
        support: rows of this class.
    """

    precision: Interval
    recall: Interval
    f1: Interval
    roc_auc: Interval | None
    support: Count


class Score(StrictModel):
    """Accuracy and macro-averaged F1 on a number of rows."""

    rows: Annotated[int, Field(ge=1)]
    accuracy: Interval
    macro_f1: Interval


class ClassificationMetrics(Score):
    """All scores of one model on one split under one evaluation protocol.

    Attributes:
        weighted_f1: F1 averaged over classes by support.
        roc_auc: mean of the classes' ROC AUC where defined; None when defined for none.
        per_class: one entry per label, in the model's order.
        without_training_duplicates: the score on the rows that have no exact copy in the training
            split; None when duplicates are unknown.
    """

    weighted_f1: Interval
    roc_auc: Interval | None
    per_class: dict[str, ClassScore]
    without_training_duplicates: Score | None = None

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per class: its scores, each with low and high, and its support."""
        import pandas as pd

        rows = []
        for label, score in self.per_class.items():
            row: dict[str, object] = {"label": label}
            for name in ("precision", "recall", "f1", "roc_auc"):
                interval: Interval | None = getattr(score, name)
                row |= {
                    name: interval and interval.value,
                    f"{name}_low": interval and interval.low,
                    f"{name}_high": interval and interval.high,
                }
            rows.append(row | {"support": score.support})
        return pd.DataFrame(rows)


class CalibrationError(StrictModel):
    """Expected calibration error (ECE), its noise floor and a test of calibration.

    See `fer_core.evaluation.reliability.calibration_error`.

    Attributes:
        value: the mean gap between probability and frequency over bins of equally many rows, less
            its estimated bias.
        noise_floor: the mean of `value` for a calibrated model with the same probabilities.
        p_value: how often such a model has at least this error. Below 0.05 the probabilities
            count as not calibrated.
    """

    value: Fraction
    noise_floor: Fraction
    p_value: Fraction

    def percent(self) -> str:
        """Returns the error as text: `"2.1% (noise floor 1.4%, p = 0.03)"`."""
        p_value = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.2g}"
        return f"{self.value:.1%} (noise floor {self.noise_floor:.1%}, {p_value})"


class CalibrationScores(StrictModel):
    """How far confidence and accuracy differ; 0 is perfect.

    Attributes:
        ece: expected calibration error of the confidence.
        mce: maximum calibration error, the largest gap of a bin, not corrected for noise.
        brier: mean squared distance of the probabilities from the true class, 0 to 2.
        nll: mean negative log-likelihood of the true class, in nats.
    """

    ece: CalibrationError
    mce: Fraction
    brier: Interval
    nll: Interval


class TemperatureEffect(StrictModel):
    """Calibration on one split before and after the card's temperature and smoothing.

    Attributes:
        before: scores of the plain probabilities.
        after: scores of the same probabilities after temperature scaling, as the app shows them.
        after_without_training_duplicates: `after`, on the rows that have no exact copy in the
            training split; None when duplicates are unknown.
    """

    before: CalibrationScores
    after: CalibrationScores
    after_without_training_duplicates: CalibrationScores | None = None

    @property
    def by_name(self) -> dict[str, CalibrationScores]:
        """The scores by a name for people."""
        named = {"before temperature": self.before, "after temperature": self.after}
        if self.after_without_training_duplicates is None:
            return named
        return named | {"after, without duplicates": self.after_without_training_duplicates}

    @property
    def by_name_without_temperature(self) -> dict[str, CalibrationScores]:
        """The same for a card without a temperature, which has no before and after."""
        named = {"as the app shows them": self.after}
        if self.after_without_training_duplicates is None:
            return named
        return named | {"without duplicates": self.after_without_training_duplicates}

    def to_frame(self, *, has_temperature: bool = True) -> pd.DataFrame:
        """Returns one row for each of `by_name`: probabilities, ece, mce, brier, nll.

        All but `mce` are texts with intervals.

        Args:
            has_temperature: whether the card has one; else rows are `by_name_without_temperature`.
        """
        import pandas as pd

        named = self.by_name if has_temperature else self.by_name_without_temperature
        rows = [
            {
                "probabilities": name,
                "ece": scores.ece.percent(),
                "mce": scores.mce,
                "brier": scores.brier.decimal(),
                "nll": scores.nll.decimal(),
            }
            for name, scores in named.items()
        ]
        return pd.DataFrame(rows)
