"""Models run over labeled photos: one path for a face, missed photos kept, runs resumed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.benchmark import PhotoEvaluation
from fer_core.benchmark.photos import (
    EvaluationCheckpoint,
    EvaluationSettings,
    FoundFace,
    LabeledPhotos,
    evaluate_photos,
    match_classes,
    open_photos,
)
from fer_core.errors import InputRejected, OutputError
from fer_core.imaging import read_image
from fer_core.quality import MEASURES
from fer_core.recognition import load_analyzer
from fer_core.zoo import load_classifier
from tests.unit.fer_core.benchmark.photos.labeled import photo_folder

pytestmark = pytest.mark.usefixtures("models_dir")

SETTINGS = EvaluationSettings(("tiny_a", "tiny_b"), "haar")


@pytest.fixture
def photos(tmp_path: Path) -> LabeledPhotos:
    return open_photos(photo_folder(tmp_path / "mine"))


def evaluated(
    photos: LabeledPhotos,
    settings: EvaluationSettings = SETTINGS,
    *,
    workers: int | None = None,
) -> PhotoEvaluation:
    matching = match_classes(photos.class_names)
    evaluation = evaluate_photos(photos, matching, settings, workers=workers)
    assert evaluation is not None
    return evaluation


def test_every_photo_has_the_prediction_of_the_app_or_a_reason(photos: LabeledPhotos) -> None:
    evaluation = evaluated(photos)
    rows, entry = evaluation.photos, evaluation.entries["tiny_a"]
    assert rows.id == photos.ids
    reasons = dict(zip(rows.id, entry.reasons.tolist(), strict=True))
    assert reasons["happy/wall.png"] == "no face"
    assert reasons["happy/torn.jpg"] not in ("", "no face")
    assert entry.faces == "found by Haar"
    analyzer = load_analyzer("tiny_a", "haar")
    calibrated = entry.calibration.apply(entry.probabilities)
    for position, row in enumerate(entry.row):
        (face,) = analyzer.analyze(read_image(photos.path(row))).faces
        assert np.array_equal(calibrated[position], face.probabilities)
        assert entry.xyxy is not None
        assert entry.xyxy[position].tolist() == pytest.approx(face.xyxy)


def test_probabilities_are_stored_raw_and_calibrated_once(
    photos: LabeledPhotos, own_models_dir: Path
) -> None:
    plain = evaluated(photos).entries["tiny_a"]
    card = own_models_dir / "tiny_a" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"temperature": 2.5}))
    entry = evaluated(photos).entries["tiny_a"]
    assert entry.calibration.temperature == 2.5
    assert np.array_equal(entry.probabilities, plain.probabilities)
    (face,) = load_analyzer("tiny_a", "haar").analyze(read_image(photos.path(entry.row[0]))).faces
    calibrated = entry.calibration.apply(entry.probabilities)
    assert np.array_equal(calibrated[0], face.probabilities)
    assert not np.allclose(calibrated[0], entry.probabilities[0])


def test_measures_become_columns_and_are_unknown_without_a_face(photos: LabeledPhotos) -> None:
    rows = evaluated(photos).photos
    assert rows.measured == MEASURES
    sizes = dict(zip(rows.id, rows.columns["face_size_px"].tolist(), strict=True))
    assert np.isnan(sizes["happy/wall.png"])
    assert sizes["happy/0.png"] > 20


def test_a_column_of_the_user_is_not_replaced_by_a_measure(
    photos: LabeledPhotos, tmp_path: Path
) -> None:
    table = tmp_path / "facts.csv"
    table.write_text("file,brightness\nwall.png,7\n", encoding="utf-8")
    rows = evaluated(open_photos(tmp_path / "mine", metadata=table)).photos
    assert rows.columns["brightness"][rows.id.index("happy/wall.png")] == 7
    assert set(rows.measured) == set(MEASURES) - {"brightness"}


def test_pre_cropped_photos_are_classified_whole(photos: LabeledPhotos) -> None:
    settings = EvaluationSettings(("tiny_a",), pre_cropped=True)
    entry = evaluated(photos, settings).entries["tiny_a"]
    assert entry.faces == "pre-cropped"
    assert entry.xyxy is None
    wall = photos.ids.index("happy/wall.png")
    assert wall in entry.row
    crop = read_image(photos.path(wall))
    expected = load_classifier("tiny_a").predict_crops([crop])
    chosen = entry.row.tolist().index(wall)
    calibrated = entry.calibration.apply(entry.probabilities[chosen : chosen + 1])
    assert np.array_equal(calibrated, expected)


def test_other_processes_give_the_same(photos: LabeledPhotos) -> None:
    here, there = evaluated(photos), evaluated(photos, workers=2)
    for name, entry in here.entries.items():
        other = there.entries[name]
        assert other.row.tolist() == entry.row.tolist()
        assert np.allclose(other.probabilities, entry.probabilities, atol=1e-6)
        assert (other.reasons != "").tolist() == (entry.reasons != "").tolist()


def test_classes_that_a_model_lacks_are_left_out_and_counted(tmp_path: Path) -> None:
    folder = photo_folder(tmp_path / "mine")
    (folder / "contempt").mkdir()
    (folder / "sad" / "0.png").rename(folder / "contempt" / "0.png")
    evaluation = evaluated(open_photos(folder), EvaluationSettings(("tiny_a",), "haar"))
    assert evaluation.left_out == {"contempt": 1}
    assert "contempt" not in evaluation.photos.labels


def test_the_notes_say_how_classes_are_read_and_what_is_left_out(tmp_path: Path) -> None:
    folder = photo_folder(tmp_path / "mine")
    (folder / "happy").rename(folder / "Happiness")
    (folder / "sad").rename(folder / "bored")
    (folder / "read.txt").write_text("x", encoding="utf-8")
    photos = open_photos(folder)
    matching = match_classes(photos.class_names, {"bored": ""})
    evaluation = evaluate_photos(photos, matching, SETTINGS)
    assert evaluation is not None
    assert evaluation.notes == (
        "Classes are read as confirmed: Happiness as happy.",
        "Photos without a known class are left out: 2 of bored.",
        "Skipped: 1 not a photo (read.txt).",
    )


def test_a_stopped_evaluation_has_the_finished_photos(photos: LabeledPhotos) -> None:
    matching = match_classes(photos.class_names)
    done: list[int] = []
    evaluation = evaluate_photos(
        photos,
        matching,
        SETTINGS,
        progress=lambda count, total: done.append(count),
        should_stop=lambda: len(done) == 3,
    )
    assert evaluation is not None
    assert len(evaluation.photos) == 3
    assert evaluation.notes == ("Stopped after 3 of 8 photos.",)
    assert done == [1, 2, 3]


def test_an_interrupted_run_is_resumed(photos: LabeledPhotos, tmp_path: Path) -> None:
    matching, path = match_classes(photos.class_names), tmp_path / ".mine.partial"
    with pytest.raises(KeyboardInterrupt):
        _interrupted_at(photos.ids[2], photos, path)
    path.write_bytes(path.read_bytes() + b'{"photo": "torn')
    with pytest.raises(InputRejected, match="--resume"):
        EvaluationCheckpoint(path, photos.name, SETTINGS)
    with pytest.raises(InputRejected, match="differs in detector"):
        EvaluationCheckpoint(path, photos.name, replace(SETTINGS, pre_cropped=True), resume=True)
    again: list[str] = []
    with EvaluationCheckpoint(path, photos.name, SETTINGS, resume=True) as checkpoint:
        with pytest.raises(OutputError, match="in use by another run"):
            EvaluationCheckpoint(path, photos.name, SETTINGS, resume=True)
        evaluation = evaluate_photos(
            photos,
            matching,
            SETTINGS,
            known=checkpoint.known,
            on_found=lambda name, face: again.append(name),
        )
    assert again == list(photos.ids[3:])
    assert not [each for each in tmp_path.iterdir() if "partial" in each.name]
    assert evaluation is not None
    whole = evaluated(photos)
    for name, entry in whole.entries.items():
        assert np.array_equal(evaluation.entries[name].probabilities, entry.probabilities)
    assert evaluation.photos.columns["contrast"].tolist() == pytest.approx(
        whole.photos.columns["contrast"].tolist(), nan_ok=True
    )


def test_a_run_is_not_resumed_with_other_weights(
    photos: LabeledPhotos, tmp_path: Path, own_models_dir: Path
) -> None:
    path = tmp_path / ".mine.partial"
    with pytest.raises(KeyboardInterrupt):
        _interrupted_at(photos.ids[1], photos, path)
    shutil.copytree(own_models_dir / "tiny_b", tmp_path / "other")
    for file in ("model.keras", "card.json"):
        shutil.copy(tmp_path / "other" / file, own_models_dir / "tiny_a" / file)
    card = own_models_dir / "tiny_a" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"name": "tiny_a"}))
    with pytest.raises(InputRejected, match="differs in weights"):
        EvaluationCheckpoint(path, photos.name, SETTINGS, resume=True)


@pytest.mark.parametrize("text", ["[1, 2]\n{}\n", "none\nnone\n", '{"format": 1}\n{}\n'])
def test_another_file_is_not_taken_for_a_checkpoint(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".mine.partial"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRejected, match=r"is no unfinished evaluation"):
        EvaluationCheckpoint(path, "mine", SETTINGS, resume=True)
    assert path.read_text(encoding="utf-8") == text


def _interrupted_at(last: str, photos: LabeledPhotos, path: Path) -> None:
    with EvaluationCheckpoint(path, photos.name, SETTINGS) as checkpoint:

        def keep(name: str, face: FoundFace) -> None:
            checkpoint.add(name, face)
            if name == last:
                raise KeyboardInterrupt

        evaluate_photos(photos, match_classes(photos.class_names), SETTINGS, on_found=keep)
