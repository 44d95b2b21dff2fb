"""What others report on FER2013 and FER+, and how it differs from the protocol here."""

from __future__ import annotations

from typing import Final

from fer_core.evaluation.dataset import HUMAN_ACCURACY
from fer_core.reports.markdown.syntax import markdown_table

_ANCHORS: Final = (
    (
        "People ([Goodfellow et al. 2013](https://arxiv.org/abs/1307.0414))",
        HUMAN_ACCURACY,
        "as stated there: accuracy on FER2013's labels, not how often people agree with each other",
    ),
    (
        "Package `fer` 25.10.3, 58,000 parameters",
        "65.5% [63.9, 67.0]",
        "plain, measured on the same PrivateTest by `benchmarks/fer_package.py`, float32; 65.8% "
        "[64.3, 67.4] for the quantized model that it uses by default; how its epoch was chosen is "
        "not known",
    ),
    ("deepface's default model", "57.4 %", "as stated by its authors"),
    (
        "WuJie1010, VGG19",
        "73.11 %",
        "ten crops; the epoch was chosen on PrivateTest itself, which favours the score",
    ),
    ("Khaireddin and Chen 2021, VGG", "73.28 %", "ten crops; chosen on PrivateTest"),
    ("LetheSec, ResNet18", "73.70 %", "ten crops; chosen on PrivateTest"),
    (
        "VGG13 ([Barsoum et al. 2016](https://arxiv.org/abs/1608.01041)), PLD",
        "84.99 % on FER+",
        "eight classes, scored against the majority of ten raters: another task with cleaner "
        "labels. PLD draws a label from the votes for each epoch. The models here train towards "
        "the votes, as the paper's cross-entropy variant does: to compare like with like, take "
        "that variant's figure from the paper",
    ),
)


def render_published_figures() -> str:
    """Returns the section of docs/results.md."""
    table = markdown_table(("Who", "Accuracy", "What differs"), _ANCHORS)
    return (
        "## Beside published figures\n\nAll on FER2013 unless said otherwise, and none under quite "
        f"the protocol above.\n\n{table}"
    )
