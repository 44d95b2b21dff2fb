"""What a visitor does: go to a page, read it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from streamlit.testing.v1 import AppTest

PAGES = {
    "home": "home/home.py",
    "live": "live/live.py",
    "upload": "upload/upload.py",
    "compare": "compare/compare.py",
    "confusion": "confusion/confusion.py",
    "curves": "curves/curves.py",
    "calibration": "calibration/calibration.py",
    "robustness": "robustness/robustness.py",
    "preprocessing": "preprocessing/preprocessing.py",
    "evaluate": "evaluate/evaluate.py",
    "data": "data/data.py",
    "models": "models/models.py",
}

LONG_WAIT_S = 120


def visit(app: AppTest, page: str, *, consent: bool = True, tables: Sequence[str] = ()) -> AppTest:
    """Goes to a page, as somebody who has agreed or who has not been asked yet.

    Args:
        app: the app.
        page: a name in `PAGES`.
        consent: whether they have agreed.
        tables: keys of the tables that they open.
    """
    if consent:
        app.session_state["consent_given"] = True
    else:
        app.session_state["consent_tab_replied"] = True  # as a new tab does, with no
    for table in tables:
        app.session_state[f"{table}_show"] = True
    return app.switch_page(PAGES[page]).run()


def press(app: AppTest, label: str) -> AppTest:
    """Presses the only button with this label."""
    (button,) = [button for button in app.button if button.label == label]
    return button.click().run()


def wait_for_the_job(app: AppTest) -> AppTest:
    """Runs the page again, as the browser does twice a second, until the work is over."""
    deadline = time.monotonic() + LONG_WAIT_S
    while any(button.label == "Stop" for button in app.button):
        if time.monotonic() > deadline:
            pytest.fail("The work does not end.")
        time.sleep(0.1)
        app.run()
    return app


def listed_jobs(app: AppTest) -> list[str]:
    """Returns the lines below the menu that tell of long work."""
    return [link.proto.label for link in app.sidebar.get("page_link")]


def alerts(app: AppTest) -> str:
    """Returns the titles and texts of all messages in boxes."""
    boxes = [*app.info, *app.warning, *app.error]
    return "\n".join(f"{box.proto.title}: {box.value}" for box in boxes)


def words(app: AppTest) -> str:
    """Returns the running text of a page."""
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.subheader])


def picture_alts(app: AppTest) -> list[str]:
    """Returns what the pictures say to people who do not see them."""
    return [picture.alt for element in app.get("image") for picture in element.proto.imgs]
