"""The annotated clip: every frame at its time, the audio unchanged."""

from __future__ import annotations

import dataclasses
import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.recognition.analyzer import Analyzer
from fer_core.video import VideoSettings, VideoTimeline, analyze_video, annotate_video
from tests.clips import make_clip, packets, turned
from tests.people import BOX, person
from tests.squares import DARK, square_analyzer, squares
from tests.stand_ins import FixedDetector


def annotated(clip: bytes, timeline: VideoTimeline) -> bytes:
    file = io.BytesIO()
    assert annotate_video(clip, timeline, file)
    return file.getvalue()


def frames_of(clip: bytes) -> list[tuple[float, NDArray[np.uint8]]]:
    with av.open(io.BytesIO(clip), "r") as container:
        return [
            (frame.time or 0.0, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            for frame in container.decode(video=0)
        ]


def colored(image: NDArray[np.uint8]) -> int:
    """Returns how many pixels are colored; the clips themselves are gray."""
    return int((np.ptp(image.astype(int), axis=2) > 60).sum())


def test_faces_are_drawn_while_they_are_seen(analyzer: Analyzer) -> None:
    clip = make_clip([squares(DARK)] * 10 + [squares()] * 10)
    drawn = [image for _, image in frames_of(annotated(clip, analyze_video(clip, analyzer)))]
    assert len(drawn) == 20
    assert all(colored(image) > 100 for image in drawn[:10])
    # Still drawn, because a face that is missed once is not gone.
    assert colored(drawn[11]) > 100
    assert not any(colored(image) for image in drawn[15:])


def test_faces_stay_drawn_between_analyzed_frames(analyzer: Analyzer) -> None:
    clip = make_clip([squares(DARK)] * 20)
    timeline = analyze_video(clip, analyzer, VideoSettings(fps=1))
    assert len(timeline.frame_index) == 2
    assert all(colored(image) > 100 for _, image in frames_of(annotated(clip, timeline)))


def test_after_a_cut_no_earlier_face_stays_drawn() -> None:
    before, after = person("happy"), person("happy", looks=1, where=1, brightness=-60)
    clip = make_clip([before] * 5 + [after] * 5)
    timeline = analyze_video(clip, square_analyzer(FixedDetector(BOX)))
    assert timeline.track.tolist() == [1] * 5 + [2] * 5
    drawn = [image for _, image in frames_of(annotated(clip, timeline))]
    only_second = dataclasses.replace(timeline, at=timeline.at[5:], faces=timeline.faces[5:])
    expected = [image for _, image in frames_of(annotated(clip, only_second))]
    assert np.abs(drawn[5].astype(int) - expected[5]).mean() < 3


def test_every_frame_keeps_its_time(analyzer: Analyzer) -> None:
    times_ms = [0, 33, 40, 500, 517, 1900, 1901, 4000]
    clip = make_clip([squares(DARK)] * 8, times_ms=times_ms)
    written = frames_of(annotated(clip, analyze_video(clip, analyzer)))
    np.testing.assert_allclose(
        [time_s for time_s, _ in written], np.array(times_ms) / 1000, atol=1e-6
    )


def test_sound_is_kept_packet_by_packet(analyzer: Analyzer) -> None:
    clip = make_clip([squares(DARK)] * 10, sound="aac")
    written = annotated(clip, analyze_video(clip, analyzer))
    assert packets(written, "audio") == packets(clip, "audio")
    assert len(packets(written, "audio")) > 10


def test_audio_that_mp4_cannot_hold_is_re_encoded(analyzer: Analyzer) -> None:
    clip = make_clip([squares(DARK)] * 10, sound="pcm_s16le", container="avi")
    written = annotated(clip, analyze_video(clip, analyzer))
    with av.open(io.BytesIO(written), "r") as container:
        (audio,) = container.streams.audio
        assert audio.codec_context.name == "aac"
        samples = sum(frame.samples for frame in container.decode(audio))
    assert samples / 16_000 == pytest.approx(1.0, abs=0.15)


def test_a_rotated_clip_is_written_upright_and_odd_sizes_become_even(analyzer: Analyzer) -> None:
    lying = np.ascontiguousarray(np.rot90(squares(DARK)))
    clip = turned(make_clip([lying] * 3), 1)
    written = annotated(clip, analyze_video(clip, analyzer))
    (_, image), *_ = frames_of(written)
    assert image.shape == (120, 240, 3)
    assert colored(image) > 100

    odd = make_clip([squares(DARK)[:119, :239]] * 3, codec="libvpx", container="webm")
    assert frames_of(annotated(odd, analyze_video(odd, analyzer)))[0][1].shape == (118, 238, 3)


def test_a_cut_off_clip_is_written_up_to_its_end(analyzer: Analyzer) -> None:
    whole = make_clip([squares(DARK)] * 60, sound="aac", options={"movflags": "+faststart"})
    clip = whole[: len(whole) * 2 // 3]
    timeline = analyze_video(clip, analyzer)
    assert timeline.counts.dropped > 0
    assert len(frames_of(annotated(clip, timeline))) == timeline.counts.decoded


def test_it_can_be_stopped(analyzer: Analyzer) -> None:
    clip = make_clip([squares(DARK)] * 20)
    asked: list[None] = []

    def should_stop() -> bool:
        asked.append(None)
        return len(asked) == 5

    timeline = analyze_video(clip, analyzer)
    assert not annotate_video(clip, timeline, io.BytesIO(), should_stop=should_stop)
    assert len(asked) == 5
