"""Predictions for all faces in photos or a video, to view and to download."""

from collections import Counter
from pathlib import PurePath

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.batch import BatchSummary
from fer_core.drawing import draw_faces
from fer_core.errors import InputRejected
from fer_core.imaging import encode_png
from fer_core.recognition import FaceResult, ImageAnalysis, Row, RowFormat, with_crops
from fer_core.zoo import RunnableCard
from pages.pickers import (
    BY_FINGERPRINT,
    photo_detector,
    pick_detector,
    pick_model,
    runnable_models,
    show_notice,
    start_model_from_chosen,
)
from pages.shared import (
    pick_threshold,
    show_explanation,
    show_faces,
    show_failures,
    show_threshold_note,
)
from pages.upload.faces_table import show_faces_table
from pages.upload.photo_results import results_so_far
from pages.upload.photo_uploads import (
    LIMITS,
    choose_photos,
    pick_photo,
    shown_photo,
    unique_names,
)
from pages.upload.summary import show_summary
from pages.upload.videos import show_video_upload
from pages.widgets import end_page

PHOTOS, VIDEO = "Photos", "Video"


@st.cache_data(scope="session", max_entries=2, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def drawn_png(
    photo: str, threshold: float, card: RunnableCard, detector: str, _drawn: NDArray[np.uint8]
) -> bytes:
    """Returns the annotated photo as a PNG file; cached across reruns of the page."""
    return encode_png(_drawn)


st.title("Upload")
st.markdown(
    "The **apparent expression** of every face in your photos or video, with all probabilities."
)

cards = runnable_models()
kind = st.segmented_control(
    "Type",
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
    end_page()

photos = choose_photos()
names = unique_names(photos)
status = st.empty()
with status.container():
    if not names:
        st.info(
            f"Upload {LIMITS} above, or use the bundled sample: average faces of the training "
            "data, which show no real person.",
            title="No photo yet",
            icon=":material/add_photo_alternate:",
        )
    found = results_so_far(photos, card, detector)
if names and len(found) == len(names):
    status.empty()

row_format = RowFormat.of(card, photo_detector(detector).name, threshold)
rows: list[Row] = []
analyses: dict[str, ImageAnalysis] = {}
failures: dict[str, InputRejected] = {}
for key, name in names.items():
    if key not in found:
        continue
    result = found[key]
    if result.analysis is not None:
        analyses[key] = result.analysis
        rows += row_format.of_photo(name, result.checksum, result.analysis)
    elif result.rejection is not None:
        error = failures[name] = result.rejection
        rows.append(row_format.failed(name, error.reason, str(error), file_sha256=result.checksum))
show_failures(failures)

if analyses:
    faces = sum(len(analysis.faces) for analysis in analyses.values())
    so_far = "" if len(found) == len(names) else f" so far, on {len(found)} of {len(names)} photos"
    st.subheader(f"{faces} {'face' if faces == 1 else 'faces'} found{so_far}")
    if len(names) > 1:
        show_summary(
            BatchSummary.of_analyses(
                analyses.values(), [error.reason for error in failures.values()], threshold
            )
        )
    chosen = pick_photo({key: names[key] for key in analyses})
    image = shown_photo(photos.photo(chosen), chosen)
    analysis = with_crops(analyses[chosen], image)
    drawn = draw_faces(image, analysis.faces, threshold=threshold)
    picture, summary = st.columns([3, 2], gap="medium")
    picture.image(
        drawn, width="stretch", alt=f"{names[chosen]} with a box and a label at each face found"
    )
    with summary:
        if analysis.faces:
            named = Counter(analysis.faces.prediction(threshold).tolist())
            counts = [f"**{count} {label}**" for label, count in named.most_common()]
            st.markdown(f"Apparent expressions: {', '.join(counts)}")
        else:
            st.info(
                "Detection works best for faces that look at the camera and are lit from the "
                "front. Try the other face detector, or another photo.",
                title="No face found in this photo",
                icon=":material/face_retouching_off:",
            )
        st.caption(
            f"{analysis.width} x {analysis.height} pixels. Detected in "
            f"{analysis.detection_ms:.0f} ms, classified in {analysis.classification_ms:.0f} ms."
        )
        st.download_button(
            "Download PNG",
            drawn_png(chosen, threshold, card, detector, drawn),
            f"{PurePath(names[chosen]).stem}-faces.png",
            "image/png",
            key="upload_png",
            icon=":material/download:",
            on_click="ignore",
        )

    def explain(face: FaceResult, key: str) -> None:
        """Offers an explanation of the prediction for a face of this photo."""
        show_explanation(face.crop, card, face.label, key=key, photo=image, square=face.square)

    show_faces(analysis.faces, threshold=threshold, key="upload", explain=explain)

    show_faces_table(row_format.to_frame(rows))
