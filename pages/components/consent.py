"""The consent step before a camera or a photo is used."""

import streamlit as st

from pages.components.garbage import expect_pictures

_STATE_KEY = "consent_given"


def has_consent() -> bool:
    """Tells whether this visitor has agreed, in this session."""
    return bool(st.session_state.get(_STATE_KEY, False))


def ask_for_consent() -> None:
    """Shows what happens to images, with a button to agree; draws nothing else of the page."""
    with st.container(border=True, width=720):
        st.subheader("Before you show a face", icon=":material/shield_person:")
        st.markdown(
            "- This is an **emotion recognition system**: a machine will name the expression of "
            "every face in view. More: [use and limits](models#use-and-limits).\n"
            "- Images are processed **in memory, on the machine that runs this app**. "
            "They are sent nowhere else.\n"
            "- **Nothing is stored**: no photo, no video frame and no result is written to disk. "
            "All of it is gone when you close this tab, or when you press **Clear my data** below "
            "the menu.\n"
            "- The app names an *apparent expression*: what a face looks like. It cannot know "
            "what somebody feels, and it does not identify anybody.\n"
            "- Show other people's faces only when they know of this and agree."
        )
        st.button(
            "I understand and agree",
            type="primary",
            icon=":material/check:",
            key="consent_agree",
            on_click=_agree,
        )
        st.caption("Your answer holds until you close this tab.")


def _agree() -> None:
    expect_pictures()
    st.session_state[_STATE_KEY] = True
