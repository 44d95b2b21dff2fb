"""What a visitor does: go to a page, read it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

PAGES = {
    "home": "app_pages/about/home.py",
    "live": "app_pages/demo/live.py",
    "upload": "app_pages/demo/upload.py",
    "compare": "app_pages/explore/compare.py",
    "confusion": "app_pages/explore/confusion.py",
    "curves": "app_pages/explore/curves.py",
    "preprocessing": "app_pages/explore/preprocessing.py",
    "models": "app_pages/about/models.py",
}


def visit(app: AppTest, page: str, *, consent: bool = True) -> AppTest:
    """Goes to a page, as somebody who has agreed or who has not been asked yet."""
    if consent:
        app.session_state["consent_given"] = True
    return app.switch_page(PAGES[page]).run()


def alerts(app: AppTest) -> str:
    """Returns the titles and texts of all messages in boxes."""
    boxes = [*app.info, *app.warning, *app.error]
    return "\n".join(f"{box.proto.title}: {box.value}" for box in boxes)


def words(app: AppTest) -> str:
    """Returns the running text of a page."""
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.subheader])
