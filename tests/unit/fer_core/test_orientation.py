"""A photo gives the same result in any camera orientation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from fer_core.faces.sample_faces import load_samples
from fer_core.imaging import decode_image
from fer_core.recognition.analyzer import load_analyzer
from tests.built_once import SAVED_MODELS
from tests.hostile_images import saved

# How a camera stores an upright picture that it marks with this orientation: the inverse of what
# turns it upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.slow
@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
def test_all_orientations_of_a_photo_get_the_same_label(
    file_format: str, serve_saved: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_saved("mobilenet")
    monkeypatch.setenv("FER_MODELS_DIR", str(SAVED_MODELS))
    analyzer = load_analyzer("mobilenet", "haar")
    upright = Image.fromarray(load_samples()["happy"])
    options = {"quality": 97, "subsampling": 0} if file_format == "JPEG" else {}
    predictions = []
    for orientation, stored in STORED.items():
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        image = upright if stored is None else upright.transpose(stored)
        data = saved(image, file_format, exif=exif, **options)
        (face,) = analyzer.analyze(decode_image(data)).faces
        predictions.append(face)
    assert {face.label for face in predictions} == {"happy"}
    tolerance = 0.05 if file_format == "JPEG" else 0.0
    for face in predictions[1:]:
        np.testing.assert_allclose(face.probabilities, predictions[0].probabilities, atol=tolerance)


def test_the_orientation_survives_a_file_of_any_size(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    image = Image.new("RGB", (3000, 2000))
    assert decode_image(saved(image, "JPEG", exif=exif)).shape == (3000, 2000, 3)
