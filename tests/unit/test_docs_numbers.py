"""Numbers in the documents, computed again from the cards, the datasets' facts and the code."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import JsonValue

from fer_core.evaluation.comparison.confusion_cells import MIN_FACES
from fer_core.evaluation.dataset.facts import HUMAN_ACCURACY, load_dataset_facts
from fer_core.evaluation.reliability.robustness import SAMPLE_ROWS
from fer_core.evaluation.scores.wilson import wilson
from fer_core.imaging import MAX_BYTES, MAX_PIXELS
from fer_core.preprocessing.corruptions import CORRUPTIONS, SEVERITIES
from fer_core.recognition.photo_set import MAX_KEPT_FACES, MAX_PHOTOS, MAX_TOTAL_BYTES
from fer_core.tracking.pipeline import MAX_FACES
from fer_core.tracking.smoothing import SWITCH_MARGIN
from fer_core.zoo.artifacts import PREDICTIONS_FILE, read_ckplus_predictions
from fer_core.zoo.store import ModelStore
from fer_core.zoo.training_recipe import is_from_scratch
from pages.live.connection.attempt import CONNECT_WITHIN_S, RELAY_SAYS_WITHIN_S
from training.artifacts.use_and_limits import OUT_OF_SCOPE_USE, data_license, general_limits

ROOT = Path(__file__).resolve().parents[2]
CARDS = {card.name: card for card in ModelStore(ROOT / "models").list_models().cards}
FACTS = load_dataset_facts()
TRAINING = dict(
    zip(FACTS.classes["FER2013"].labels, FACTS.classes["FER2013"].images["Training"], strict=True)
)
DUPLICATES = FACTS.duplicates.by_split["PrivateTest"]
UPLOAD_MB = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["server"][
    "maxUploadSize"
]
TEXTS = ("README.md", "docs/results.md", "docs/deployment.md", "models/*/README.md")


def text(document: str) -> str:
    """A document without its line breaks."""
    return " ".join((ROOT / document).read_text("utf-8").split())


def recipes() -> list[dict[str, JsonValue]]:
    """Of the models of emotions alone."""
    return [
        card.training.recipe
        for card in CARDS.values()
        if card.training is not None and card.ckplus is None
    ]


def spans(name: str) -> str:
    """Which epochs a config has, or the saved models of emotions took from random weights."""
    epochs = [
        card.training.epochs
        for card in CARDS.values()
        if card.training and card.ckplus is None and is_from_scratch(card.training)
    ]
    config = tomllib.loads((ROOT / "training/configs/imbalance.toml").read_text("utf-8"))
    return {
        "shipped": f"{min(epochs)} to {max(epochs)}",
        "imbalance": str(config["schedule"]["epochs"]),
    }[name]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("README.md", f"PrivateTest ({DUPLICATES.images:,} faces)"),
        (
            "README.md",
            f"{DUPLICATES.duplicates} of these faces are exact duplicates of Training faces",
        ),
        (
            "README.md",
            f"Another {FACTS.duplicates.test_in_validation} are duplicates of PublicTest faces "
            f"({FACTS.duplicates.test_in_validation_and_training} of them of both)",
        ),
        ("README.md", f"the accuracy of people on these labels is {HUMAN_ACCURACY}"),
        (
            "README.md",
            f'({TRAINING["disgust"]} of {sum(TRAINING.values()):,} training faces are "disgust")',
        ),
        (
            "README.md",
            f"{sum(FACTS.approximate.values())} of its {FACTS.classes['FER2013'].total:,} rows ("
            + ", ".join(f"{rows} {split}" for split, rows in FACTS.approximate.items())
            + ")",
        ),
        (
            "README.md",
            f"ten corruptions in five severities, measured on {SAMPLE_ROWS} test faces",
        ),
        (
            "docs/imbalance.md",
            f"Of FER2013's {sum(TRAINING.values()):,} training faces {TRAINING['disgust']} are "
            f'"disgust" and {TRAINING["happy"]:,} "happy"',
        ),
        (
            "docs/imbalance.md",
            f"({spans('shipped')} instead of {spans('imbalance')})",
        ),
        (
            "docs/decisions/0007-scores-from-saved-predictions.md",
            f"A cell of fewer than {MIN_FACES} faces has none",
        ),
        (
            "docs/decisions/0023-uploads-belong-to-the-session.md",
            f"holds the photos, at most {MAX_PHOTOS} and {MAX_TOTAL_BYTES >> 20} MB",
        ),
        (
            "docs/decisions/0023-uploads-belong-to-the-session.md",
            f"are kept up to {MAX_KEPT_FACES:,} faces",
        ),
        ("docs/outputs.md", f"when another label is ahead by {SWITCH_MARGIN:g}"),
        ("docs/deployment.md", f"up to {MAX_TOTAL_BYTES >> 20} MB of photos"),
        ("docs/deployment.md", f"a clip of up to {UPLOAD_MB} MB"),
        ("SECURITY.md", f"| pixels | {MAX_PIXELS // 10**6} million;"),
        ("SECURITY.md", f"| file | {MAX_BYTES >> 20} MB |"),
    ],
)
def test_a_document_states_what_is_counted(document: str, sentence: str) -> None:
    assert sentence in text(document)


def test_words_for_numbers_are_those_of_the_code() -> None:
    assert (len(CORRUPTIONS), len(SEVERITIES)) == (10, 5)
    assert MAX_FACES == 10
    assert CONNECT_WITHIN_S + RELAY_SAYS_WITHIN_S <= 15
    assert "Tracks up to ten faces" in text("README.md")
    assert "within 15 seconds why it cannot run" in text("README.md")


def test_mantissas_are_as_short_as_the_documents_say() -> None:
    bits = [card.weights.mantissa_bits for card in CARDS.values()]
    known = [each for each in bits if each is not None]
    sentence = f"Weights keep a mantissa of {min(known)} to {max(known)} bits"
    assert sentence in text("docs/decisions/0034-short-mantissas.md")


def test_the_saved_models_take_no_remedy_for_uneven_classes() -> None:
    remedies = {"class_weights": "none", "resampling": "none", "focal_gamma": 0.0}
    assert all(recipe["imbalance"] == remedies for recipe in recipes())
    assert "so no recipe uses them" in text("docs/results.md")


def test_remedies_gain_and_cost_what_the_documents_say() -> None:
    runs = pd.read_csv(ROOT / "docs/imbalance.csv").groupby("setting", sort=False)
    mean = runs.mean(numeric_only=True).mul(100)
    kept = mean.loc[
        ["class weights, square root", "class-balanced sampler", "random oversampling", "SMOTE"]
    ]
    change = kept - mean.loc["none"]
    for document in ("docs/imbalance.md", "docs/results.md"):
        assert "two to three points" in text(document)
    assert change["valid_macro_f1"].between(2, 3.3).all()
    assert change["valid_accuracy"].between(-3, -1).all()
    assert change["test_accuracy"].between(-1.7, -0.5).all()
    assert (kept["test_disgust_f1"] - 30).abs().max() < 5
    assert mean.loc["none", "test_disgust_f1"] == pytest.approx(5, abs=0.5)


def test_single_frames_of_ckplus_score_as_stated() -> None:
    for name in ("ckplus_cnn", "ckplus_resnet50"):
        card = CARDS[name]
        path = ROOT / "models" / name / PREDICTIONS_FILE
        frames = read_ckplus_predictions(path, card.labels, card.action_units).emotion
        accuracy = np.mean(frames.probabilities.argmax(axis=1) == frames.label)
        shown = f"{accuracy:.1%} instead of {card.reported.accuracy.value:.1%} for {name}"
        assert shown in text("docs/decisions/0032-ckplus-out-of-fold.md")


def test_the_figure_of_another_package_has_its_interval() -> None:
    """The benchmark's docstring states what it printed; its interval follows from the count."""
    source = (ROOT / "benchmarks/fer_package.py").read_text("utf-8")
    stated = " ".join((ast.get_docstring(ast.parse(source)) or "").split())
    found = re.findall(r"(\d+\.\d+)% \[(\d+\.\d), (\d+\.\d)\]", stated)
    assert len(found) == 2
    for percent, low, high in found:
        faces = DUPLICATES.images
        interval = wilson(round(float(percent) / 100 * faces), faces)
        assert (f"{interval.low * 100:.1f}", f"{interval.high * 100:.1f}") == (low, high)
        assert f"{float(percent):.1f}% [{low}, {high}]" in text("docs/results.md")


def test_what_scaling_costs_follows_from_the_times_measured() -> None:
    page = text("docs/scaling.md")
    photos, dollars_per_hour, actors = 100e6, 0.04, 112
    for kind, ms, megabytes, shown in (
        ("photo, 0.7 megapixels, five faces", 35, 0.14, ("970", "39", "9", "3,200", "14", "3.6")),
        ("photo, 12 megapixels, five faces", 190, 3, ("5,300", "211", "47", "590", "300", "14")),
    ):
        assert f"| {kind} | {ms} ms |" in page
        hours = photos * ms / 1000 / 3600
        seconds = hours / actors * 3600
        figures = (
            *(hours, hours * dollars_per_hour, hours / actors, photos / seconds),
            *(photos * megabytes / 1e6, photos * megabytes * 8e6 / seconds / 1e9),
        )
        for figure, said in zip(figures, shown, strict=True):
            assert figure == pytest.approx(float(said.replace(",", "")), rel=0.04)
            assert f" {said} " in page


def test_published_texts_name_all_the_law_says_of_emotion_recognition() -> None:
    for path in (path for pattern in TEXTS for path in ROOT.glob(pattern)):
        said = " ".join(path.read_text("utf-8").split())
        if "5(1)(f)" in said:
            assert "Annex III, point 1(c)" in said, path
            assert "50(3)" in said, path


@pytest.mark.parametrize("name", CARDS)
def test_a_saved_card_has_the_current_texts(name: str) -> None:
    card = CARDS[name]
    assert card.out_of_scope_use == OUT_OF_SCOPE_USE
    assert set(general_limits(card.protocol.dataset)) <= set(card.limits)
    if card.ckplus is None:
        assert card.data_license == data_license(card.protocol.dataset)


@pytest.mark.parametrize("name", CARDS)
def test_only_models_of_fer2013_are_measured_by_how_people_do_on_it(name: str) -> None:
    card = CARDS[name]
    has_it = any(HUMAN_ACCURACY in limit for limit in card.limits)
    assert has_it == (card.protocol.dataset == "FER2013")
