"""Live predictions on the visitor's webcam."""

from functools import partial

import streamlit as st
from streamlit_webrtc import webrtc_streamer

from fer_core.drawing import draw_faces
from fer_core.errors import InputRejected
from fer_core.imaging import decode_image
from fer_core.recognition import photo_checksum
from pages.live.connection import (
    VIDEO,
    check_camera,
    connection_state,
    current_attempt,
    ice_servers,
    live_analyzer,
    live_feed,
    start_attempt,
    update_feed,
)
from pages.live.recordings import show_recording, show_timeline
from pages.live.settings import pick_live_settings
from pages.live.snapshot import analysis_of
from pages.live.status import SNAPSHOT, show_live_panel
from pages.pickers import (
    photo_detector,
    pick_detector,
    pick_model,
    runnable_models,
    show_notice,
    start_model_from_chosen,
)
from pages.session import end_live_video, max_live_sessions
from pages.shared import pick_threshold, show_faces, show_rejection, show_threshold_note

VIDEO_MODE = "Live video"
STREAMER = "live_video"

st.title("Live webcam")
st.markdown(
    "The **apparent expression** of each face on your camera. The video is analyzed on the machine "
    "that runs this app and never stored."
)

cards = runnable_models()
mode = st.segmented_control(
    "Camera",
    [VIDEO_MODE, SNAPSHOT],
    default=VIDEO_MODE,
    required=True,
    key="live_mode",
    bind="query-params",
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    start_model_from_chosen("live_model", [each.name for each in cards])
    card = pick_model("live_model", cards)
    detector = pick_detector("live_detector")
    threshold = pick_threshold("live_threshold")
    if mode == VIDEO_MODE:
        settings, overlay = pick_live_settings(threshold)
show_threshold_note(card, threshold, key="live")

if mode == VIDEO_MODE:
    analyzer = live_analyzer(card, detector)
    show_notice(analyzer.detector)
    feed = live_feed(analyzer, settings, overlay)
    servers = ice_servers()
    limit = max_live_sessions()
    attempt = current_attempt(feed, limit)
    check = check_camera(None if attempt is None else attempt.number, servers)
    if attempt is not None:
        attempt.take(check, connection_state(STREAMER))
    is_active = attempt is not None and attempt.failure is None

    video, panel = st.columns([3, 2], gap="medium")
    with video:
        if is_active:
            st.button(
                "Stop",
                icon=":material/stop:",
                key="live_stop",
                on_click=end_live_video,
                width="stretch",
            )
        else:
            st.button(
                "Start",
                icon=":material/videocam:",
                type="primary",
                key="live_start",
                on_click=update_feed,
                args=(partial(start_attempt, limit=limit),),
                width="stretch",
            )
        stream = attempt.stream if attempt is not None and attempt.wants_video else None
        context = webrtc_streamer(
            key=STREAMER,
            rtc_configuration={"iceServers": servers},
            media_stream_constraints=VIDEO,
            desired_playing_state=stream is not None,
            sink_video_track=stream,
            player_factory=None if stream is None else stream.player,
            translations={"select_device": "Choose camera"},
            video_html_attrs={
                "style": {"width": "100%"},
                "autoPlay": True,
                "muted": True,
                "controls": False,
            },
        )
        st.caption("You can change all settings while the video runs.")
    if attempt is not None and is_active:
        attempt.observe(context.state, check)
        if attempt.failure is not None:
            st.rerun()
    with panel:
        show_live_panel(feed, attempt)
    is_running = attempt is not None and attempt.phase == "playing"
    st.subheader("Timeline")
    show_timeline(feed, is_running=is_running)
    show_recording(feed, is_running=is_running)
else:
    end_live_video()
    show_notice(photo_detector(detector))
    picture = st.camera_input("Take a picture", key="live_snapshot", width=640)
    if picture is not None:
        data = picture.getvalue()
        try:
            analysis = analysis_of(data, photo_checksum(data), card, detector)
        except InputRejected as error:
            show_rejection("The picture", error)
        else:
            drawn = draw_faces(decode_image(data), analysis.faces, threshold=threshold)
            st.image(drawn, alt="Your picture with a box and a label at each face found")
            show_faces(analysis.faces, threshold=threshold, key="live_snapshot")
            if not analysis.faces:
                st.info("No face found. Face the camera, with light from the front.")
