"""`python -m fer_core video`, also when it is killed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.labels.emotions import FER2013
from fer_core.recognition.face_columns import names_of, track_columns
from fer_core.recognition.threshold_choice import threshold_for_accuracy
from fer_core.video.observation_log import (
    Observation,
    VideoCheckpoint,
    checkpoint_of,
    file_checksum,
    outputs_to_resume,
)
from fer_core.zoo.store import ModelStore
from tests.clips import make_clip, packets, scene, sound_alone
from tests.photo_faces import faces_called
from tests.unit.fer_core.video.processes import as_process, fer

pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(make_clip([scene("happy")] * 20, sound="aac"))
    return path


def test_table_json_and_clip_are_written(clip: Path, tmp_path: Path) -> None:
    csv, details, drawn = tmp_path / "faces.csv", tmp_path / "faces.json", tmp_path / "drawn.mp4"
    result = fer(clip, "--csv", csv, "--json", details, "--annotated", drawn)
    assert result.exit_code == 0
    assert (
        "20 frames: 20 decoded, 0 could not be decoded. 20 analyzed, 1 face tracked."
        in result.stdout
    )
    table = pd.read_csv(csv)
    assert table["frame"].tolist() == list(range(20))
    assert table["timestamp_s"].tolist() == pytest.approx([at / 10 for at in range(20)])
    assert set(table["top_label"]) <= set(FER2013)
    fields = json.loads(details.read_text())
    assert len(fields["rows"]) == 20
    assert fields["frames"] == {"total": 20, "decoded": 20, "dropped": 0, "analyzed": 20}
    assert fields["tracks"][0]["frames"] == 20
    assert packets(drawn.read_bytes(), "audio") == packets(clip.read_bytes(), "audio")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "clip.mp4",
        "drawn.mp4",
        "faces.csv",
        "faces.json",
    ]


def test_the_threshold_is_in_every_file_and_an_accuracy_chooses_one(tmp_path: Path) -> None:
    path, csv, details = tmp_path / "clip.mp4", tmp_path / "faces.csv", tmp_path / "faces.json"
    path.write_bytes(make_clip([scene("happy")] * 3))
    options = ("--csv", csv, "--json", details, "--overwrite", "--model", "tiny_a")
    expected = names_of(track_columns(FER2013, ()))
    own = threshold_for_accuracy(ModelStore.default().load_scored_card("tiny_a"), 0.9)
    for chosen, threshold in ((("--threshold", "1"), 1.0), (("--accuracy", "0.9"), own)):
        result = fer(path, *options, *chosen)
        assert f"Predictions with a confidence below {threshold:g} are uncertain." in result.stdout
        assert (f"Threshold {threshold:g}: the lowest" in result.stderr) == ("--accuracy" in chosen)
        table, fields = pd.read_csv(csv), json.loads(details.read_text())
        assert list(table.columns) == expected
        assert fields["threshold"] == table["threshold"].unique().item() == threshold
        assert (table["confidence"] < threshold).tolist() == (
            table["prediction"] == "uncertain"
        ).tolist()
    assert fer(path, "--threshold", "0.5", "--accuracy", "0.9").exit_code == 2


def unfinished(path: Path, clip: Path, **settings: object) -> None:
    """Creates the checkpoint of a run that was stopped after one frame without faces."""
    card = ModelStore.default().load_scored_card("tiny_a")
    same: dict[str, object] = {
        "clip": file_checksum(clip),
        "model": card.name,
        "checksum of the model": card.weights.sha256,
        "detector": "haar",
        "every": 1,
        "fps": None,
    }
    observation = Observation(0, 0.0, faces_called())
    lines = (json.dumps(same | settings), observation.to_json())
    path.write_text("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(
    ("settings", "begun_with"), [({}, 0.5), ({"threshold": 0.8}, 0.8)], ids=["before", "now"]
)
def test_a_stopped_run_resumes_with_its_threshold_and_no_other(
    clip: Path, tmp_path: Path, settings: dict[str, object], begun_with: float
) -> None:
    csv = tmp_path / "faces.csv"
    unfinished(tmp_path / "faces.csv.partial", clip, **settings)
    options = ("--csv", csv, "--resume", "--model", "tiny_a")
    refused = fer(clip, *options, "--threshold", "0.6")
    assert refused.exit_code == 1
    assert f"has another threshold. Expected: {begun_with}. Received: 0.6" in refused.stderr
    assert fer(clip, *options).exit_code == 0
    table = pd.read_csv(csv)
    assert (
        table["frame"].iloc[0] == 1
    )  # the first frame comes from the checkpoint and is not analyzed again
    assert set(table["threshold"]) == {begun_with}
    assert list(table.columns) == names_of(track_columns(FER2013, ()))


def test_a_resumed_run_replaces_its_own_outputs_and_no_other(clip: Path, tmp_path: Path) -> None:
    csv, details = tmp_path / "faces.csv", tmp_path / "faces.json"
    command = (clip, "--csv", csv, "--json", details, "--resume", "--model", "tiny_a")
    state = tmp_path / "faces.csv.partial"
    unfinished(state, clip, threshold=0.5, files=[str(csv)])
    csv.write_text("of the run that was stopped")
    details.write_text("notes")
    refused = fer(*command)
    assert refused.exit_code == 1
    assert "--json names an existing file" in refused.stderr
    assert details.read_text() == "notes"
    unfinished(state, clip, threshold=0.5, files=[str(csv), str(details)])
    assert fer(*command).exit_code == 0
    assert pd.read_csv(csv)["frame"].iloc[0] == 1
    assert len(json.loads(details.read_text())["rows"]) == len(pd.read_csv(csv))


@pytest.mark.parametrize("torn", [b"", b'{"clip": "', b"[]\n{}\n", b'{"clip": "a"}\n{"ind'])
def test_where_no_frame_is_kept_there_is_nothing_to_resume(tmp_path: Path, torn: bytes) -> None:
    state = tmp_path / "faces.csv.partial"
    assert outputs_to_resume(state) == frozenset()
    state.write_bytes(torn)
    assert outputs_to_resume(state) == frozenset()


def test_a_checkpoint_names_the_outputs_of_its_run(tmp_path: Path) -> None:
    files = [tmp_path / "faces.csv", tmp_path / "faces.json"]
    checkpoint = VideoCheckpoint(checkpoint_of(files[0]), {"clip": "a"}, files=files)
    checkpoint.add(Observation(0, 0.0, faces_called()))
    with pytest.raises(KeyboardInterrupt), checkpoint:
        raise KeyboardInterrupt
    assert outputs_to_resume(checkpoint.path) == set(map(os.path.realpath, files))


def test_a_clock_jump_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "joined.ts"
    parts = [make_clip([scene("happy")] * 3, container="mpegts") for _ in range(2)]
    path.write_bytes(b"".join(parts))
    result = fer(path)
    assert "6 frames: 6 decoded, 0 could not be decoded." in result.stdout
    assert "The video's timestamps jump once, at 0.3 s" in result.stdout


def test_only_some_frames_are_analyzed(clip: Path, tmp_path: Path) -> None:
    fer(clip, "--csv", tmp_path / "a.csv", "--every", "5")
    assert pd.read_csv(tmp_path / "a.csv")["frame"].tolist() == [0, 5, 10, 15]
    fer(clip, "--csv", tmp_path / "b.csv", "--fps", "2")
    assert pd.read_csv(tmp_path / "b.csv")["frame"].tolist() == [0, 5, 10, 15]
    assert fer(clip, "--fps", "0").exit_code == 2


def test_a_coarse_sampling_is_named_instead_of_claiming_that_nothing_was_held(
    tmp_path: Path,
) -> None:
    path, details = tmp_path / "clip.mp4", tmp_path / "faces.json"
    ntsc = [round(at * 1001) for at in range(5)]
    path.write_bytes(make_clip([scene("happy")] * 5, times_ms=ntsc))
    seconds = " ".join(fer(path, "--json", details).stdout.split())
    assert "expressions shorter than 2.0 s can be missed" in seconds
    fields = json.loads(details.read_text())
    assert fields["sampling"]["step_s"] == pytest.approx(1.001)
    assert fields["sampling"]["notice"] in seconds
    assert [event["start_s"] for event in fields["events"]] in ([0.0], [])
    assert bool(fields["events"]) != ("No expression stayed" in seconds)

    path.write_bytes(make_clip([scene("happy")] * 3, times_ms=[0, 5000, 10_000]))
    timelapse = " ".join(fer(path, "--json", details, "--overwrite").stdout.split())
    assert "too far to tell whether an expression was held" in timelapse
    assert "No expression stayed" not in timelapse
    assert json.loads(details.read_text())["sampling"]["is_too_coarse"]


def test_nothing_and_one_are_counted_in_words_that_fit(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(make_clip([np.full((64, 64, 3), 90, np.uint8)]))
    result = fer(path)
    assert (
        "1 frame: 1 decoded, 0 could not be decoded. 1 analyzed, 0 faces tracked." in result.stdout
    )


def test_what_is_no_clip_ends_with_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    path.write_bytes(sound_alone())
    process = as_process(path, "--csv", tmp_path / "a.csv")
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 1
    assert stderr.strip().splitlines() == [
        "The file has no video track. Expected a video, not only audio."
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["sound.mp4"]
