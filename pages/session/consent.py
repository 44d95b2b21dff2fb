"""Consent before a camera or a photo is used."""

import time
from pathlib import Path
from typing import Final, Literal

import streamlit as st

_STATE_KEY = "consent_given"
_WITHDRAWN = "consent_withdrawn"
_TAB_REPLIED = "consent_tab_replied"
_ASKED_S = "consent_tab_asked_s"
_TAB = "consent_tab"
_SCRIPT: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

PATIENCE_S: Final = 4.0
"""Time to wait for the browser tab, which replies at once if scripts run."""


def keep_consent() -> None:
    """Stores the consent in the browser tab, so that a reload does not ask again.

    It is in the tab's session storage, which is deleted with the tab and never sent automatically.
    """
    if has_consent() or _WITHDRAWN in st.session_state:
        _reach_tab("consent_kept", "given" if has_consent() else "withdrawn")


def withdraw_consent() -> None:
    """Deletes the consent from the tab too; call it after clearing the session state."""
    st.session_state[_WITHDRAWN] = True


def has_consent() -> bool:
    """Returns whether the visitor has agreed in this session."""
    return bool(st.session_state.get(_STATE_KEY, False))


def ask_for_consent() -> None:
    """Shows how images are processed, with a button to agree.

    Before that, it checks without drawing anything whether the tab has stored a consent.
    """
    if _TAB_REPLIED not in st.session_state and _WITHDRAWN not in st.session_state:
        st.session_state.setdefault(_ASKED_S, time.monotonic())
        _reach_tab(_TAB, None)
        st.fragment(_wait_no_longer, run_every=PATIENCE_S)()
        return
    with st.container(border=True, width=720):
        st.subheader("Before you start", icon=":material/shield_person:")
        st.markdown(
            "- This is an **emotion recognition system**: it predicts the expression of every face "
            "in view. See [Use and limits](models#use-and-limits).\n"
            "- Images are processed **in memory, on the machine that runs this app**, and sent "
            "nowhere else.\n"
            "- **Nothing is stored**: no photo, video frame or result is written to disk. "
            "All data is deleted when you close or reload this tab, or press **Clear my data** "
            "below the menu.\n"
            "- The app predicts an *apparent expression*: what a face looks like. It cannot know "
            "what a person feels, and it does not identify anyone.\n"
            "- Show other people's faces only if they know about this and agree."
        )
        st.button(
            "I understand and agree",
            type="primary",
            icon=":material/check:",
            key="consent_agree",
            on_click=_agree,
        )
        st.caption("Your consent is valid until you close this tab.")


def _reach_tab(key: str, keep: Literal["given", "withdrawn"] | None) -> None:
    tab = st.components.v2.component("fer_consent", js=_SCRIPT, isolate_styles=False)
    tab(key=key, data={"keep": keep}, on_reply_change=_take_reply)


def _take_reply() -> None:
    st.session_state[_TAB_REPLIED] = True
    if st.session_state[_TAB].reply == "given":
        _agree()


def _wait_no_longer() -> None:
    if time.monotonic() - st.session_state[_ASKED_S] >= PATIENCE_S:
        st.session_state[_TAB_REPLIED] = True
        st.rerun()


def _agree() -> None:
    st.session_state[_STATE_KEY] = True
    st.session_state.pop(_WITHDRAWN, None)
