import threading

import numpy as np
import pytest

from fer_core.analysis import UNCERTAIN_BELOW, Analyzer
from fer_core.live import RECENT_FRAMES, LiveSession
from tests.stand_ins import FixedDetector, brightness_classifier, dark_and_bright

BOX = (10, 10, 50, 50)


def analyzer(model: str = "first") -> Analyzer:
    return Analyzer(brightness_classifier(model), FixedDetector(BOX))


@pytest.fixture
def session() -> LiveSession:
    return LiveSession(analyzer())


def test_before_the_first_frame_there_is_nothing(session: LiveSession) -> None:
    assert session.latest is None
    assert session.recent() == ()
    assert session.fps() == 0


def test_a_frame_gives_its_faces_its_time_and_what_it_took(session: LiveSession) -> None:
    result = session.process(dark_and_bright(), 12.5)
    assert result.timestamp_s == 12.5
    assert result.threshold == UNCERTAIN_BELOW
    assert [face.label for face in result.analysis.faces] == ["angry"]
    spent = result.analysis.detection_ms + result.analysis.classification_ms
    assert result.latency_ms >= spent > 0
    assert session.latest is result


def test_recent_results_keep_the_numbers_and_not_the_pixels(session: LiveSession) -> None:
    result = session.process(dark_and_bright(), 1.0)
    (kept,) = session.recent()
    assert kept.timestamp_s == 1.0
    assert kept.analysis.to_dict() == result.analysis.to_dict()
    assert kept.analysis.faces[0].crop.size == 0
    assert session.latest is not None
    assert session.latest.analysis.faces[0].crop.size > 0


def test_recent_results_are_bounded_and_in_order() -> None:
    session = LiveSession(Analyzer(brightness_classifier(), FixedDetector()))
    image = np.zeros((4, 4, 3), np.uint8)
    for index in range(RECENT_FRAMES + 20):
        session.process(image, float(index))
    times = [result.timestamp_s for result in session.recent()]
    assert times == list(range(20, RECENT_FRAMES + 20))


@pytest.mark.parametrize("rate", [5, 15, 30])
def test_fps_is_the_rate_of_the_last_seconds(session: LiveSession, rate: int) -> None:
    for index in range(10):
        session.process(dark_and_bright(), index * 0.7)  # slow at first
    for index in range(3 * rate):
        session.process(dark_and_bright(), 10 + index / rate)
    assert session.fps() == pytest.approx(rate, rel=0.01)


def test_frames_of_one_moment_have_no_rate(session: LiveSession) -> None:
    session.process(dark_and_bright(), 3.0)
    assert session.fps() == 0
    session.process(dark_and_bright(), 3.0)
    assert session.fps() == 0


def test_settings_hold_from_the_next_frame_on(session: LiveSession) -> None:
    session.process(dark_and_bright(), 0.0)
    session.configure(threshold=0.95)
    result = session.process(dark_and_bright(), 0.1)
    assert (result.threshold, result.analysis.model) == (0.95, "first")
    session.configure(analyzer=analyzer("second"))
    result = session.process(dark_and_bright(), 0.2)
    assert (result.threshold, result.analysis.model) == (0.95, "second")
    assert [kept.analysis.model for kept in session.recent()] == ["first", "first", "second"]


def test_a_threshold_of_zero_is_a_setting(session: LiveSession) -> None:
    session.configure(threshold=0.0)
    assert session.process(dark_and_bright(), 0.0).threshold == 0.0


def test_settings_may_change_while_frames_run(session: LiveSession) -> None:
    models = {name: analyzer(name) for name in ("first", "second")}
    failures: list[BaseException] = []

    def run() -> None:
        try:
            for index in range(200):
                session.process(dark_and_bright(), float(index))
        except BaseException as error:
            failures.append(error)

    worker = threading.Thread(target=run)
    worker.start()
    while worker.is_alive():
        for name, analyzer_of_name in models.items():
            session.configure(analyzer=analyzer_of_name, threshold=0.5)
            assert session.fps() >= 0
            assert {result.analysis.model for result in session.recent()} <= models.keys(), name
    worker.join()
    assert failures == []
    assert len(session.recent()) == 200


def test_a_frame_that_fails_leaves_the_session_usable(session: LiveSession) -> None:
    with pytest.raises(ValueError, match="Received: shape="):
        session.process(np.zeros((4, 4), np.uint8), 0.0)
    assert session.latest is None
    session.process(dark_and_bright(), 1.0)
    assert len(session.recent()) == 1
