"""Video analysis on clips with known predictions, and on clips of average faces."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fer_core.errors import InputRejected
from fer_core.faces import LIVE_SIDE
from fer_core.labels.emotions import FER2013
from fer_core.recognition import Faces
from fer_core.recognition.analyzer import Analyzer, load_analyzer
from fer_core.video import VideoCheckpoint, VideoProgress, VideoSettings, analyze_video
from fer_core.video.observation_log import MemoryCheckpoint
from fer_core.video.peaks import PeakFaces
from tests.clips import make_clip, scene
from tests.squares import BRIGHT, DARK, square_analyzer, squares

NO_AVERAGE = VideoSettings(half_life_s=0)


def test_events_begin_and_end_where_the_faces_change(analyzer: Analyzer) -> None:
    one = [squares(DARK)] * 10
    both = [squares(BRIGHT, DARK)] * 15 + [squares(BRIGHT, BRIGHT)] * 5
    timeline = analyze_video(make_clip(one + both), analyzer, NO_AVERAGE)
    events = timeline.events()
    assert [(event.track, event.label) for event in events] == [
        (1, "angry"),
        (1, "neutral"),
        (2, "angry"),
    ]
    assert [event.start_s for event in events] == pytest.approx([0.0, 1.0, 1.0])
    assert [event.end_s for event in events] == pytest.approx([0.9, 2.9, 2.4])
    assert str(timeline.events()[1]) == "neutral from 1.0 to 2.9 s"
    assert len(timeline.events_frame()) == 3


def test_there_is_a_row_for_each_face_on_each_frame(analyzer: Analyzer) -> None:
    pictures = [squares(DARK), squares(), squares(DARK, BRIGHT), squares(None, BRIGHT)]
    timeline = analyze_video(make_clip(pictures), analyzer, NO_AVERAGE)
    table = timeline.to_frame()
    assert table["frame"].tolist() == [0, 2, 2, 3]
    assert table["timestamp_s"].tolist() == pytest.approx([0.0, 0.2, 0.2, 0.3])
    assert table["prediction"].tolist() == ["angry", "angry", "neutral", "neutral"]
    assert table[["x1", "y1", "x2", "y2"]].iloc[0].tolist() == pytest.approx(
        [30, 30, 90, 90], abs=3
    )
    np.testing.assert_allclose(table[[f"p_{label}" for label in FER2013]].sum(axis=1), 1, atol=1e-5)


def test_the_mix_weighs_time_and_not_frames(analyzer: Analyzer) -> None:
    pictures = [squares(DARK)] * 2 + [squares(BRIGHT)] * 8
    times_ms = [0, 1000, *range(2000, 2400, 50)]
    timeline = analyze_video(make_clip(pictures, times_ms=times_ms), analyzer, NO_AVERAGE)
    mix = timeline.mixes_frame().iloc[0]
    # Dark for 2 s, bright for eight frames of 50 ms.
    angry = (2.0 * 0.9 + 0.4 * 0.1 / 6) / 2.4
    assert mix["p_angry"] == pytest.approx(angry, abs=0.002)
    assert (mix["first_s"], mix["frames"]) == (0.0, 10)


def test_predictions_are_smoothed_over_time(analyzer: Analyzer) -> None:
    pictures = [squares(DARK)] * 5 + [squares(BRIGHT)] * 10
    timeline = analyze_video(make_clip(pictures), analyzer, VideoSettings(half_life_s=0.1))
    angry = timeline.faces.probabilities[:, FER2013.index("angry")]
    bright = 0.1 / 6
    # After one half-life a half, after two a quarter.
    expected = [0.9] * 5 + [bright + (0.9 - bright) / 2**step for step in range(1, 11)]
    np.testing.assert_allclose(angry, expected, atol=1e-3)


def test_a_clip_without_faces_is_a_normal_result(analyzer: Analyzer) -> None:
    timeline = analyze_video(make_clip([squares()] * 5), analyzer)
    assert len(timeline) == len(timeline.to_frame()) == len(timeline.events()) == 0
    assert timeline.tracks == ()
    assert timeline.mixes_frame().empty
    assert timeline.counts.decoded == 5
    assert json.loads(timeline.to_json())["rows"] == []


@given(st.integers(1, 5), st.sampled_from([None, 2.0, 3.0, 7.5, 100.0]))
def test_sampling_takes_no_frame_twice_and_none_too_many(every: int, fps: float | None) -> None:
    clip = make_clip([squares()] * 20)
    timeline = analyze_video(clip, square_analyzer(), VideoSettings(every=every, fps=fps))
    index = timeline.frame_index
    assert index[0] == 0
    assert (np.diff(index) > 0).all()
    assert (index % every == 0).all()
    if fps is None:
        assert len(index) == -(-20 // every)
    else:
        intervals = np.floor(timeline.frame_timestamp_s * fps + 1e-6)
        assert len(set(intervals)) == len(index)
    assert timeline.counts.decoded == 20


def test_progress_runs_to_the_end_and_knows_what_remains(analyzer: Analyzer) -> None:
    seen: list[VideoProgress] = []
    analyze_video(make_clip([squares(DARK)] * 20), analyzer, progress=seen.append)
    assert [each.frames for each in seen] == list(range(1, 21))
    parts = [each.part for each in seen if each.part is not None]
    assert parts == sorted(parts)
    assert 0.9 < parts[-1] <= 1.0
    assert seen[10].remaining_s == pytest.approx(seen[10].elapsed_s * (1 / parts[10] - 1))


def test_stopped_half_way_what_was_done_is_kept(analyzer: Analyzer) -> None:
    whole = analyze_video(make_clip([squares(DARK)] * 20), analyzer)
    answers = iter([False] * 7 + [True])
    part = analyze_video(
        make_clip([squares(DARK)] * 20), analyzer, should_stop=lambda: next(answers)
    )
    assert (whole.is_complete, part.is_complete) == (True, False)
    pd.testing.assert_frame_equal(part.to_frame(), whole.to_frame().head(8))


def test_faces_are_shown_as_they_are_found(analyzer: Analyzer) -> None:
    shown: list[tuple[float, tuple[int, ...], list[int]]] = []
    analyze_video(
        make_clip([squares(DARK, BRIGHT)] * 3),
        analyzer,
        on_faces=lambda time_s, image, faces: shown.append(
            (time_s, image.shape, [face.track_id for face in faces])
        ),
    )
    assert [time_s for time_s, _, _ in shown] == pytest.approx([0.0, 0.1, 0.2])
    assert [(shape, tracks) for _, shape, tracks in shown] == [((120, 240, 3), [1, 2])] * 3


@given(kept=st.integers(0, 19), torn=st.integers(0, 200))
def test_a_resumed_run_after_a_kill_gives_the_same_result(
    tmp_path_factory: pytest.TempPathFactory, kept: int, torn: int
) -> None:
    folder = tmp_path_factory.mktemp("run")
    clip = make_clip([squares(DARK, BRIGHT)] * 10 + [squares(None, DARK)] * 10)
    analyzer, settings = square_analyzer(), {"clip": "a"}
    whole_file = folder / "whole.partial"
    checkpoint = VideoCheckpoint(whole_file, settings)
    whole = analyze_video(clip, analyzer, checkpoint=checkpoint)
    checkpoint.__exit__(KeyboardInterrupt)  # leaves the file
    lines = whole_file.read_bytes().splitlines(keepends=True)
    assert len(lines) == 21
    path = folder / "killed.partial"
    path.write_bytes(b"".join(lines[: kept + 1]) + lines[kept + 1][:torn].rstrip(b"\n"))

    looked_at: list[float] = []
    with VideoCheckpoint(path, settings, resume=True) as checkpoint:
        resumed = analyze_video(
            clip,
            analyzer,
            checkpoint=checkpoint,
            on_faces=lambda time_s, image, faces: looked_at.append(time_s),
        )
    assert len(looked_at) == 20 - kept
    pd.testing.assert_frame_equal(resumed.to_frame(), whole.to_frame(), check_exact=True)
    assert resumed.to_json() == whole.to_json()
    assert not path.exists()


def test_repeated_stops_do_not_change_the_result(analyzer: Analyzer) -> None:
    clip = make_clip([squares(DARK)] * 10 + [squares(BRIGHT, DARK)] * 10)
    whole = analyze_video(clip, analyzer)
    seen, peaks = MemoryCheckpoint(), PeakFaces()
    looked_at: list[float] = []

    def look(time_s: float, image: NDArray[np.uint8], faces: Faces) -> None:
        looked_at.append(time_s)
        peaks(time_s, image, faces)

    for frames in (7, 3, 12, 100):  # the second time it stops before it has caught up
        left = iter([False] * (frames - 1) + [True])
        timeline = analyze_video(
            clip, analyzer, checkpoint=seen, on_faces=look, should_stop=left.__next__
        )
        assert len(timeline.frame_index) == min(frames, 20)
    assert looked_at == whole.frame_timestamp_s.tolist()
    assert timeline.is_complete
    assert timeline.to_json() == whole.to_json()
    found = [peaks.of(event) for event in timeline.events()]
    assert [peak and peak.timestamp_s for peak in found] == [e.peak_s for e in whole.events()]


def stop_after(clip: bytes, analyzer: Analyzer, kept: VideoCheckpoint) -> None:
    with kept as checkpoint:
        analyze_video(clip, analyzer, checkpoint=checkpoint)
        raise KeyboardInterrupt


def test_a_checkpoint_is_not_mixed_with_another_run(analyzer: Analyzer, tmp_path: Path) -> None:
    path = tmp_path / "faces.csv.partial"
    clip = make_clip([squares(DARK)] * 5)
    with pytest.raises(KeyboardInterrupt):
        stop_after(clip, analyzer, VideoCheckpoint(path, {"fps": 2}))
    before = path.read_bytes()
    with pytest.raises(InputRejected, match="unfinished run"):
        VideoCheckpoint(path, {"fps": 2})
    with pytest.raises(InputRejected, match=r"another fps\. Expected: 2\. Received: 3"):
        VideoCheckpoint(path, {"fps": 3}, resume=True)
    assert path.read_bytes() == before
    other = make_clip([squares(DARK)] * 5, times_ms=[0, 7, 14, 21, 28])
    with (
        pytest.raises(InputRejected, match="another video"),
        VideoCheckpoint(path, {"fps": 2}, resume=True) as checkpoint,
    ):
        analyze_video(other, analyzer, checkpoint=checkpoint)


def test_a_checkpoint_without_any_frame_is_no_unfinished_run(tmp_path: Path) -> None:
    path = tmp_path / "faces.csv.partial"
    with pytest.raises(KeyboardInterrupt), VideoCheckpoint(path, {}):
        raise KeyboardInterrupt
    assert not path.exists()
    path.write_bytes(b'{"fps"')
    with VideoCheckpoint(path, {"fps": 2}) as checkpoint:
        assert list(checkpoint.known(square_analyzer().classifier)) == []


@pytest.mark.usefixtures("models_dir")
def test_average_faces_are_tracked_on_a_real_clip() -> None:
    clip = make_clip([scene("happy", "sad", width=480)] * 10)
    timeline = analyze_video(clip, load_analyzer("tiny_a", "haar", longest_side=LIVE_SIDE))
    assert sorted(timeline.tracks) == [1, 2]
    assert len(timeline) == 20
    left = timeline.faces.xyxy[timeline.of_track(1)]
    assert (left[:, 2] < 240).all()


@pytest.mark.parametrize("wrong", [{"every": 0}, {"fps": 0.0}, {"half_life_s": -1.0}])
def test_settings_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Expected every >= 1"):
        VideoSettings(**wrong)  # type: ignore[arg-type]
