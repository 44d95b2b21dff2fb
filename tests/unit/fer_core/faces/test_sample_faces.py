import numpy as np

from fer_core.faces.sample_faces import load_samples, sample_sheet
from fer_core.labels.emotions import FER2013


def test_there_is_one_sample_per_emotion_in_order() -> None:
    samples = load_samples()
    assert tuple(samples) == FER2013
    for image in samples.values():
        assert image.shape == (384, 384, 3)
        assert image.dtype == np.uint8
        assert image.std() > 30


def test_no_two_samples_are_alike() -> None:
    images = [image.astype(int) for image in load_samples().values()]
    for index, image in enumerate(images):
        for other in images[:index]:
            assert np.abs(image - other).mean() > 3


def test_a_caller_may_draw_on_a_sample() -> None:
    load_samples()["happy"][:] = 0
    assert load_samples()["happy"].any()


def test_the_sheet_shows_all_samples_in_rows() -> None:
    sheet = sample_sheet()
    assert sheet.shape == (768, 1536, 3)
    samples = load_samples()
    np.testing.assert_array_equal(sheet[:384, :384], samples["angry"])
    np.testing.assert_array_equal(sheet[384:, 768:1152], samples["neutral"])
    assert (sheet[384:, 1152:] == 255).all()
