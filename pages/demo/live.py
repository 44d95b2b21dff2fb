"""Boxes, labels and probabilities on the visitor's own webcam, while it runs."""

import streamlit as st
from streamlit_webrtc import webrtc_streamer

from fer_core.drawing import draw_faces
from fer_core.errors import InputRejected
from fer_core.images import decode_image
from pages.components.analyses import analysis_of
from pages.components.camera import VIDEO, ice_servers, live_analyzer, live_feed
from pages.components.detectors import pick_detector, show_notice
from pages.components.faces import pick_threshold, show_faces
from pages.components.live_panel import show_live_panel
from pages.components.models import pick_model, saved_models
from pages.components.photos import show_rejection

VIDEO_MODE, SNAPSHOT_MODE = "Live video", "Single picture"

st.title("Live webcam")
st.markdown(
    "Look into your camera and watch the **apparent expression** follow your face. The video is "
    "analyzed on the machine that runs this app, and never stored."
)

cards = saved_models()
mode = st.segmented_control(
    "Camera",
    [VIDEO_MODE, SNAPSHOT_MODE],
    default=VIDEO_MODE,
    required=True,
    key="live_mode",
    bind="query-params",
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    card = pick_model("live_model", cards)
    detector = pick_detector("live_detector")
    threshold = pick_threshold("live_threshold")

if mode == VIDEO_MODE:
    analyzer = live_analyzer(card, detector)
    show_notice(analyzer.detector)
    feed = live_feed(analyzer, threshold)
    video, panel = st.columns([3, 2], gap="medium")
    with video:
        context = webrtc_streamer(
            key="live_video",
            rtc_configuration={"iceServers": ice_servers()},
            media_stream_constraints=VIDEO,
            video_frame_callback=feed.on_frame,
            translations={"start": "Start", "stop": "Stop", "select_device": "Choose camera"},
            video_html_attrs={
                "style": {"width": "100%"},
                "autoPlay": True,
                "muted": True,
                "controls": False,
            },
        )
        st.caption(
            "Press Start and allow the camera. Model, detector and threshold can be changed while "
            f"it runs. No video here? Choose “{SNAPSHOT_MODE}” above."
        )
    with panel:
        show_live_panel(feed, context.state)
else:
    picture = st.camera_input("Take a picture", key="live_snapshot", width=640)
    if picture is not None:
        data = picture.getvalue()
        try:
            analysis = analysis_of(data, card, detector)
        except InputRejected as error:
            show_rejection("The picture", error)
        else:
            drawn = draw_faces(decode_image(data), analysis.faces, threshold=threshold)
            st.image(drawn, alt="Your picture with a box and a label at each face found")
            show_faces(analysis.faces, threshold=threshold, key="live_snapshot")
            if not analysis.faces:
                st.info("No face found. Look at the camera, with light from the front.")
