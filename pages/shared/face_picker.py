"""Picker of one face: a sample, a photo or camera picture after consent, or a test image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from fer_core.errors import InputRejected
from fer_core.faces import FaceSquare, crop_square, face_square, load_samples
from fer_core.fer2013 import DatasetFaces
from fer_core.files import listed, readable_photos, upload_types
from fer_core.imaging import MAX_BYTES, MAX_PIXELS, decode_image
from fer_core.labels import FER2013
from fer_core.recognition import FileInMemory
from pages.pickers import BEST_DETECTOR, photo_detector, show_notice
from pages.session import ask_for_consent, has_consent, upload_file
from pages.shared.dataset_faces import faces_to_show
from pages.widgets import column_titles, download_csv

MAX_PHOTO_MB = MAX_BYTES // 2**20
PHOTO_TYPES = upload_types(readable_photos())
PHOTO_HELP = (
    f"{listed(readable_photos())}, up to {MAX_PHOTO_MB} MB and {MAX_PIXELS // 10**6} megapixels. "
    "Of several pages or frames, the first is used."
)

FAILURES_IN_FULL = 3
"""More failed files than this are listed in a table."""

_SAMPLE, _OWN, _CAMERA, _TEST = "A sample", "Your photo", "Your camera", "A test image"


@dataclass(frozen=True, eq=False)
class PickedFace:
    """A face and where it was detected.

    Attributes:
        crop: `(side, side, 3)` RGB uint8, as cropped for the models.
        photo: `(height, width, 3)` RGB uint8; for a test image, which is already cropped, the crop.
        xyxy: `(4,)` float32, the detected box in pixels of the photo; None for a test image, as
            are the attributes below.
        landmarks: `(5, 2)` float32, or None if the detector provides none.
        square: that was cropped.
    """

    crop: NDArray[np.uint8]
    photo: NDArray[np.uint8]
    xyxy: NDArray[np.float32] | None = None
    landmarks: NDArray[np.float32] | None = None
    square: FaceSquare | None = None


def pick_face(prefix: str) -> NDArray[np.uint8] | None:
    """Shows the picker of a face and returns the crop, RGB; None while there is none."""
    picked = pick_photo_face(prefix)
    return None if picked is None else picked.crop


def pick_photo_face(prefix: str, *, detector_name: str = BEST_DETECTOR) -> PickedFace | None:
    """Shows the picker of a face and returns it with its photo; None while there is none.

    Args:
        prefix: of the widgets' keys.
        detector_name: of the face detector.
    """
    dataset = faces_to_show()
    source = st.segmented_control(
        "Face from",
        [_SAMPLE, _OWN, _CAMERA] + ([] if dataset is None else [_TEST]),
        default=_SAMPLE,
        required=True,
        key=f"{prefix}_source",
        bind="query-params",
    )
    if source == _TEST and dataset is not None:
        return _pick_test_image(prefix, dataset)
    show_notice(photo_detector(detector_name))
    faces = _pick_photo(prefix, source, detector_name)
    if faces is None:
        return None
    if not faces:
        st.info(
            "Detection works best for faces that look at the camera and are lit from the front.",
            title="No face found in this photo",
            icon=":material/face_retouching_off:",
        )
        return None
    if len(faces) == 1:
        return faces[0]
    numbers = range(1, len(faces) + 1)
    st.image(
        [face.crop for face in faces],
        width=72,
        caption=[f"face {number}" for number in numbers],
        alt=[f"Face {number} of the photo" for number in numbers],
    )
    return faces[st.selectbox("Face number", numbers, key=f"{prefix}_face") - 1]


def show_rejection(name: str, error: InputRejected) -> None:
    """Shows why a file cannot be used."""
    st.error(str(error), title=f"Cannot use “{name}”", icon=":material/broken_image:")


def show_failures(failures: Mapping[str, InputRejected]) -> None:
    """Shows why files cannot be used; many of them in a table."""
    if len(failures) <= FAILURES_IN_FULL:
        for name, error in failures.items():
            show_rejection(name, error)
        return
    st.error(f"Cannot use {len(failures)} files.", icon=":material/broken_image:")
    table = pd.DataFrame(
        [(name, error.reason, str(error)) for name, error in failures.items()],
        columns=["file", "reason", "message"],
    )
    st.dataframe(
        table,
        hide_index=True,
        alt="The files that cannot be used, with reasons",
        column_config=column_titles(table),
    )
    download_csv(
        table, key="failures_csv", file_name="failures.csv", label="Download the list (CSV)"
    )


def _pick_test_image(prefix: str, dataset: DatasetFaces) -> PickedFace:
    """Returns a test image unchanged: it already has the geometry of a crop."""
    row = st.number_input(
        "Row of fer2013.csv",
        min_value=int(dataset.row_id[0]),
        max_value=int(dataset.row_id[-1]),
        value=int(dataset.row_id[-1]),
        key=f"{prefix}_row",
        bind="query-params",
        help="Counted from 0 in the published file; only PublicTest and PrivateTest.",
    )
    chosen = dataset.take(np.array([row]))
    st.markdown(f"True label: **{FER2013[chosen.label[0]]}**.")
    crop = np.repeat(chosen.images[0][..., None], 3, axis=2)
    return PickedFace(crop, crop)


def _pick_photo(prefix: str, source: str, detector: str) -> Sequence[PickedFace] | None:
    """Returns the faces of the selected photo; None while there is none."""
    if source == _SAMPLE:
        label = st.pills(
            "The average face of",
            FER2013,
            default="happy",
            required=True,
            key=f"{prefix}_sample",
            bind="query-params",
        )
        return _faces_of_sample(label, detector)
    if not has_consent():
        ask_for_consent()
        return None
    file: FileInMemory | None = None
    if source == _OWN:
        file = upload_file(
            "Your photo",
            PHOTO_TYPES,
            key=f"{prefix}_photo",
            max_mb=MAX_PHOTO_MB,
            help=PHOTO_HELP,
        )
    elif picture := st.camera_input("Take a picture", key=f"{prefix}_camera", width=480):
        file = FileInMemory(picture.file_id, picture.name, picture.getvalue())
    if file is None:
        return None
    try:
        return _faces_of_file(file.data, detector)
    except InputRejected as error:
        show_rejection(file.name, error)
        return None


@st.cache_resource(scope="session", max_entries=2, show_spinner="Detecting faces…")
def _faces_of_file(data: bytes, detector: str) -> tuple[PickedFace, ...]:
    return _faces_on(decode_image(data), detector)


@st.cache_resource(scope="session", max_entries=len(FER2013), show_spinner=False)
def _faces_of_sample(label: str, detector: str) -> tuple[PickedFace, ...]:
    return _faces_on(load_samples()[label], detector)


def _faces_on(photo: NDArray[np.uint8], detector: str) -> tuple[PickedFace, ...]:
    found = photo_detector(detector).detect(photo)
    faces = []
    for index, xyxy in enumerate(found.xyxy):
        points = None if found.landmarks is None else found.landmarks[index]
        square = face_square(xyxy, points)
        faces.append(PickedFace(crop_square(photo, square), photo, xyxy, points, square))
    return tuple(faces)
