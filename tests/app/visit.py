"""What a visitor does: go to a page, read it."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit.testing.v1 import AppTest

PAGES = {
    "home": "about/home.py",
    "live": "demo/live.py",
    "upload": "demo/upload.py",
    "compare": "explore/compare.py",
    "confusion": "explore/confusion.py",
    "curves": "explore/curves.py",
    "calibration": "explore/calibration.py",
    "robustness": "explore/robustness.py",
    "preprocessing": "explore/preprocessing.py",
    "data": "explore/data.py",
    "models": "about/models.py",
}


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
        app.session_state["consent_tab_answered"] = True  # as a new tab does, with no
    for table in tables:
        app.session_state[f"{table}_show"] = True
    return app.switch_page(PAGES[page]).run()


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
