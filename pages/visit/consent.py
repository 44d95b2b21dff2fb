"""The consent step before a camera or a photo is used."""

import time
from pathlib import Path
from typing import Final, Literal

import streamlit as st

_STATE_KEY = "consent_given"
_WITHDRAWN = "consent_withdrawn"
_TAB_ANSWERED = "consent_tab_answered"
_ASKED_S = "consent_tab_asked_s"
_TAB = "consent_tab"
_SCRIPT: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

PATIENCE_S: Final = 4.0
"""The question waits so long for the browser's tab, which answers at once where scripts run."""


def keep_consent() -> None:
    """Has the browser's tab keep what the visitor decided, so that a reload does not ask again.

    It stands in the tab's own storage, which ends with the tab and is never sent by itself.
    """
    if has_consent() or _WITHDRAWN in st.session_state:
        _reach_tab("consent_kept", "given" if has_consent() else "withdrawn")


def withdraw_consent() -> None:
    """Has the tab forget the consent too; to be called when the session's state was cleared."""
    st.session_state[_WITHDRAWN] = True


def has_consent() -> bool:
    """Tells whether this visitor has agreed, in this session."""
    return bool(st.session_state.get(_STATE_KEY, False))


def ask_for_consent() -> None:
    """Shows what happens to images, with a button to agree; draws nothing else of the page.

    Before that, and without drawing anything, it asks the tab whether the visitor has agreed.
    """
    if _TAB_ANSWERED not in st.session_state and _WITHDRAWN not in st.session_state:
        st.session_state.setdefault(_ASKED_S, time.monotonic())
        _reach_tab(_TAB, None)
        st.fragment(_wait_no_longer, run_every=PATIENCE_S)()
        return
    with st.container(border=True, width=720):
        st.subheader("Before you show a face", icon=":material/shield_person:")
        st.markdown(
            "- This is an **emotion recognition system**: a machine will name the expression of "
            "every face in view. More: [use and limits](models#use-and-limits).\n"
            "- Images are processed **in memory, on the machine that runs this app**. "
            "They are sent nowhere else.\n"
            "- **Nothing is stored**: no photo, no video frame and no result is written to disk. "
            "All of it is gone when you close or reload this tab, or press **Clear my data** below "
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
        st.caption("Your answer holds until you close this tab; a reload keeps it.")


def _reach_tab(key: str, keep: Literal["given", "withdrawn"] | None) -> None:
    tab = st.components.v2.component("fer_consent", js=_SCRIPT, isolate_styles=False)
    tab(key=key, data={"keep": keep}, on_answer_change=_take_answer)


def _take_answer() -> None:
    st.session_state[_TAB_ANSWERED] = True
    if st.session_state[_TAB].answer == "given":
        _agree()


def _wait_no_longer() -> None:
    if time.monotonic() - st.session_state[_ASKED_S] >= PATIENCE_S:
        st.session_state[_TAB_ANSWERED] = True
        st.rerun()


def _agree() -> None:
    st.session_state[_STATE_KEY] = True
    st.session_state.pop(_WITHDRAWN, None)
