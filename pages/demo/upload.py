"""Every face in photos or a video with its whole distribution, to look at and to download."""

from collections import Counter
from pathlib import PurePath

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.analysis import FaceResult, ImageAnalysis
from fer_core.batch import BatchSummary
from fer_core.drawing import draw_faces
from fer_core.errors import InputRejected
from fer_core.faces import face_square
from fer_core.images import decode_image, encode_png
from fer_core.samples import sample_sheet
from fer_core.scoring import Row, RowFormat, photo_checksum
from pages.components.analyses import analysis_of
from pages.components.detectors import photo_detector, pick_detector, show_notice
from pages.components.explanations import show_why
from pages.components.faces import pick_threshold, show_faces
from pages.components.faces_table import show_faces_table
from pages.components.models import pick_model, saved_models
from pages.components.photos import MAX_PHOTO_MB, PHOTO_HELP, PHOTO_TYPES, show_failures
from pages.components.summaries import show_summary
from pages.components.threshold import start_model_from_chosen
from pages.components.threshold_note import show_threshold_note
from pages.components.videos import show_video_upload

PHOTOS, VIDEO = "Photos", "Video"


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def drawn_png(
    data: bytes, threshold: float, checksum: str, detector: str, _drawn: NDArray[np.uint8]
) -> bytes:
    """Returns what was drawn on a photo as a file; not anew each time that the page runs."""
    return encode_png(_drawn)


st.title("Upload photos or a video")
st.markdown(
    "Drop in photos or a clip and see the **apparent expression** of every face, with all "
    "probabilities."
)

cards = saved_models()
kind = st.segmented_control(
    "What to look at",
    [PHOTOS, VIDEO],
    default=PHOTOS,
    required=True,
    key="upload_kind",
    bind="query-params",
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    start_model_from_chosen("upload_model", [each.name for each in cards])
    card = pick_model("upload_model", cards)
    detector = pick_detector("upload_detector")
    threshold = pick_threshold("upload_threshold")
show_threshold_note(card, threshold, key="upload")
show_notice(photo_detector(detector))

if kind == VIDEO:
    show_video_upload(card, detector, threshold)
    st.stop()

files = st.file_uploader(
    "Photos",
    PHOTO_TYPES,
    accept_multiple_files=True,
    key="upload_files",
    max_upload_size=MAX_PHOTO_MB,
    help=PHOTO_HELP,
)
with_sample = st.toggle("Use the bundled sample", key="upload_sample", bind="query-params")
photos = [(file.name, file.getvalue()) for file in files]
if with_sample:
    photos.append(("average faces.png", encode_png(sample_sheet())))

results: dict[str, tuple[bytes, ImageAnalysis]] = {}
failures: dict[str, InputRejected] = {}
rows: list[Row] = []
row_format = RowFormat.of(card, photo_detector(detector).name, threshold)
status = st.empty()
for number, (name, data) in enumerate(photos):
    status.progress(number / len(photos), f"Looking at {name}")
    file = f"{name} ({number + 1})" if name in results or name in failures else name
    checksum = photo_checksum(data)
    try:
        analysis = analysis_of(data, checksum, card, detector)
        results[file] = data, analysis
        rows += row_format.of_photo(file, checksum, analysis)
    except InputRejected as error:
        failures[file] = error
        rows.append(row_format.failed(file, error.reason, str(error), file_sha256=checksum))
status.empty()
show_failures(failures)

if not photos:  # in the place of the progress, which it must not outlive
    status.info(
        "Choose photos above, or switch on the bundled sample: the average faces of the training "
        "data, which show nobody.",
        title="No photo yet",
        icon=":material/add_photo_alternate:",
    )

if results:
    faces = sum(len(analysis.faces) for _, analysis in results.values())
    st.subheader(f"{faces} {'face' if faces == 1 else 'faces'} found")
    if len(photos) > 1:
        show_summary(
            BatchSummary.of_analyses(
                [analysis for _, analysis in results.values()],
                [error.reason for error in failures.values()],
                threshold,
            )
        )
    chosen = next(iter(results))
    if len(results) > 1:
        chosen = st.selectbox("Photo", list(results), key="upload_photo")
    data, analysis = results[chosen]
    image = decode_image(data)
    drawn = draw_faces(image, analysis.faces, threshold=threshold)
    picture, summary = st.columns([3, 2], gap="medium")
    picture.image(drawn, width="stretch", alt=f"{chosen} with a box and a label at each face found")
    with summary:
        if analysis.faces:
            named = Counter(face.prediction(threshold) for face in analysis.faces)
            counts = [f"**{count} {label}**" for label, count in named.most_common()]
            st.markdown(f"Apparent expressions: {', '.join(counts)}")
        else:
            st.info(
                "A face is found best when it looks at the camera and is lit from the front. Try "
                "the other face detector, or another photo.",
                title="No face found in this photo",
                icon=":material/face_retouching_off:",
            )
        st.caption(
            f"{analysis.width} x {analysis.height} pixels. Detected in "
            f"{analysis.detection_ms:.0f} ms, classified in {analysis.classification_ms:.0f} ms."
        )
        st.download_button(
            "Download this picture",
            drawn_png(data, threshold, card.fingerprint, detector, drawn),
            f"{PurePath(chosen).stem}-faces.png",
            "image/png",
            key="upload_png",
            icon=":material/download:",
            on_click="ignore",
        )

    def explain(face: FaceResult, key: str) -> None:
        """Shows why the model says so of a face of this photo."""
        square = face_square(np.array(face.xyxy, np.float32), face.landmarks)
        show_why(face.crop, card, face.label, key=key, photo=image, square=square)

    show_faces(analysis.faces, threshold=threshold, key="upload", explain=explain)

    show_faces_table(row_format.to_frame(rows))
