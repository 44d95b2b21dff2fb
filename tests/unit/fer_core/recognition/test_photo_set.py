"""Many photos in memory: limits, one analysis each, and stored results."""

from __future__ import annotations

import gc
import threading

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.imaging import encode_png
from fer_core.machine.fair_slots import FairSlots
from fer_core.recognition import photo_set
from fer_core.recognition.analyzer import Analyzer, ImageAnalysis
from fer_core.recognition.photo_set import (
    AnalyzedBy,
    FileInMemory,
    PhotoSet,
    SetProgress,
    analyze_set,
    with_crops,
)
from tests.squares import BRIGHT, DARK, square_analyzer

ONE, OTHER = AnalyzedBy("one", "1", "squares"), AnalyzedBy("other", "2", "squares")


def picture(*squares: int) -> NDArray[np.uint8]:
    image = np.zeros((60, 120, 3), np.uint8)
    for number, gray in enumerate(squares):
        image[10:40, 60 * number + 10 : 60 * number + 40] = gray
    return image


def photo(key: str, data: bytes | None = None) -> FileInMemory:
    """A photo that is unique to its key, unless its bytes are given."""
    if data is None:
        image = picture(DARK)
        cv2.putText(image, key, (70, 50), cv2.FONT_HERSHEY_PLAIN, 1.0, (20, 20, 20))
        data = encode_png(image)
    return FileInMemory(key, f"{key}.png", data)


@pytest.fixture
def analyzer(monkeypatch: pytest.MonkeyPatch) -> Analyzer:
    """Counts its calls in `analyzed`."""
    made = square_analyzer()
    monkeypatch.setattr(made, "analyzed", 0, raising=False)
    analyze = made.analyze

    def counting(image: NDArray[np.uint8]) -> ImageAnalysis:
        made.analyzed += 1  # type: ignore[attr-defined]
        return analyze(image)

    monkeypatch.setattr(made, "analyze", counting)
    return made


def run(photos: PhotoSet, analyzer: Analyzer, by: AnalyzedBy = ONE) -> SetProgress:
    return analyze_set(photos, analyzer, by, slots=FairSlots(1), owner="visitor")


def asked(analyzer: Analyzer) -> int:
    return int(analyzer.analyzed)  # type: ignore[attr-defined]


def test_each_photo_is_analyzed_once_for_each_model_and_detector(analyzer: Analyzer) -> None:
    photos = PhotoSet()
    photos.add([photo("a"), photo("b")])
    assert run(photos, analyzer).is_complete
    assert run(photos, analyzer).is_complete
    assert asked(analyzer) == 2
    photos.add([photo("c")])
    run(photos, analyzer)
    assert asked(analyzer) == 3
    run(photos, analyzer, OTHER)
    assert asked(analyzer) == 6
    assert set(photos.results(ONE)) == set(photos.results(OTHER)) == {"a", "b", "c"}
    run(photos, analyzer)
    assert asked(analyzer) == 6


def test_the_same_bytes_are_analyzed_once(analyzer: Analyzer) -> None:
    photos = PhotoSet()
    photos.add([photo("a"), photo("b", photo("a").data)])
    assert run(photos, analyzer).is_complete
    assert asked(analyzer) == 1


def test_photos_beyond_the_limits_are_named_and_the_others_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photo_set, "MAX_PHOTOS", 3)
    monkeypatch.setattr(photo_set, "MAX_TOTAL_BYTES", 100)
    photos = PhotoSet()
    large = FileInMemory("large", "large.png", bytes(90))
    assert photos.add([photo("a", bytes(60)), large, photo("b", bytes(40))]) == (large,)
    assert photos.add([photo("a", bytes(60))]) == ()  # it was added already
    empty = [photo(key, b"") for key in "cde"]
    assert photos.add(empty) == (empty[1], empty[2])
    photos.remove(["a"])
    assert photos.add([photo("f", bytes(60))]) == ()
    assert [one.key for one in photos.photos] == ["b", "c", "f"]


def test_an_unusable_file_keeps_no_traceback_and_does_not_stop_the_others(
    analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    photos = PhotoSet()
    photos.add([photo("torn", photo("a").data[:90]), photo("hostile"), photo("fine")])
    analyze = analyzer.analyze

    def fails_once(image: NDArray[np.uint8]) -> ImageAnalysis:
        if asked(analyzer) == 0:
            monkeypatch.setattr(analyzer, "analyze", analyze)
            raise ZeroDivisionError("detail")
        return analyze(image)

    monkeypatch.setattr(analyzer, "analyze", fails_once)
    assert run(photos, analyzer).is_complete
    results = photos.results(ONE)
    torn, hostile, fine = (results[key] for key in ("torn", "hostile", "fine"))
    assert torn.rejection is not None
    assert (torn.rejection.reason, torn.rejection.__traceback__) == ("corrupt", None)
    assert hostile.rejection is not None
    assert "This photo could not be analyzed" in str(hostile.rejection)
    assert "detail" in caplog.text  # for the operator of the app
    assert fine.analysis is not None


def test_it_stops_between_photos_and_can_be_resumed(analyzer: Analyzer) -> None:
    photos = PhotoSet()
    photos.add([photo(key) for key in "abc"])
    seen: list[SetProgress] = []
    stopped = analyze_set(
        photos,
        analyzer,
        ONE,
        slots=FairSlots(1),
        owner="visitor",
        progress=seen.append,
        should_stop=lambda: len(seen) == 2,
    )
    assert [(one.done, one.photos, one.name) for one in seen] == [(0, 3, "a.png"), (1, 3, "b.png")]
    assert (stopped.done, stopped.is_complete) == (2, False)
    assert run(photos, analyzer).is_complete
    assert asked(analyzer) == 3


def test_a_photo_waits_for_one_photo_of_an_album_and_not_for_all(analyzer: Analyzer) -> None:
    slots, order = FairSlots(1), list[str]()
    album, single = PhotoSet(), PhotoSet()
    album.add([photo(f"album {number}") for number in range(5)])
    single.add([photo("single")])
    other: list[threading.Thread] = []

    def work(photos: PhotoSet, owner: str, stop_for_other: bool) -> None:
        def note(progress: SetProgress) -> None:
            order.append(progress.name)
            if stop_for_other and progress.done == 1:
                held = slots.request("somebody")  # so that the other one has to wait
                other.append(threading.Thread(target=work, args=(single, "b", False)))
                other[0].start()
                while slots.waiting == 0:
                    pass
                held.release()

        analyze_set(photos, analyzer, ONE, slots=slots, owner=owner, progress=note)

    work(album, "a", True)
    other[0].join()
    assert single.progress(ONE).is_complete
    assert order.index("single.png") == 2


def test_what_is_kept_has_no_pixels_and_the_faces_can_be_cut_again(analyzer: Analyzer) -> None:
    image = picture(DARK, BRIGHT)
    photos = PhotoSet()
    photos.add([photo("two", encode_png(image))])
    run(photos, analyzer)
    kept = photos.results(ONE)["two"].analysis
    assert kept is not None
    assert [face.crop.size for face in kept.faces] == [0, 0]
    for again, real in zip(
        with_crops(kept, image).faces, analyzer.analyze(image).faces, strict=True
    ):
        np.testing.assert_array_equal(again.crop, real.crop)


def test_removed_photos_leave_nothing(analyzer: Analyzer) -> None:
    photos = PhotoSet()
    photos.add([photo("a"), photo("b")])
    run(photos, analyzer)
    photos.remove(["a", "unknown"])
    assert set(photos.results(ONE)) == {"b"}
    photos.keep(ONE, "a", photos.results(ONE)["b"])  # a thread that still holds it
    assert set(photos.results(ONE)) == {"b"}
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, FileInMemory) and one.key == "a"]


def test_of_other_models_so_many_faces_are_kept(
    analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_set, "MAX_KEPT_FACES", 8)  # two photos with a face: 4
    photos = PhotoSet()
    photos.add([photo("a"), photo("b")])
    third = AnalyzedBy("third", "3", "squares")
    for by in (ONE, OTHER, third):
        run(photos, analyzer, by)
    assert [len(photos.results(by)) for by in (ONE, OTHER, third)] == [0, 2, 2]
    monkeypatch.setattr(photo_set, "MAX_KEPT_FACES", 1)
    photos.add([photo("c")])
    run(photos, analyzer, third)
    assert [len(photos.results(by)) for by in (ONE, OTHER, third)] == [0, 0, 3]
