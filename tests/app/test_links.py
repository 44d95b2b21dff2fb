"""A link holds the whole view: every choice stands in it, and none is mistaken for another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.visit import PAGES, alerts, visit

NOT_OF_THE_VIEW = {"curves_upload_kind"}
"""What is uploaded stays with its owner, and so does the way to do it."""
VIEWS: dict[str, dict[str, tuple[str, ...]]] = {
    "confusion": {"confusion_mode": ("difference", "agreement")},
    "data": {"data_view": ("duplicates", "labels", "hardest", "map")},
    "evaluate": {
        "evaluate_view": ("Confusion", "Calibration", "Slices", "Hardest photos"),
        "evaluate_source": ("Your photos", "Predictions"),
    },
}
"""Choices on which it depends what else can be chosen."""

KINDS = (
    "selectbox",
    "multiselect",
    "slider",
    "number_input",
    "toggle",
    "pills",
    "segmented_control",
)


def keys_without_link(app: AppTest) -> set[str]:
    return {
        str(widget.key)
        for kind in KINDS
        for widget in getattr(app, kind, ())
        if not widget.proto.query_param_key
    }


@pytest.mark.usefixtures("units_models_dir")
@pytest.mark.parametrize("page", PAGES)
def test_every_choice_is_in_the_link(app: AppTest, page: str) -> None:
    visit(app, page)
    assert keys_without_link(app) <= NOT_OF_THE_VIEW
    for view, options in VIEWS.get(page, {}).items():
        for option in options:
            app.segmented_control(key=view).set_value(option).run()
            assert keys_without_link(app) <= NOT_OF_THE_VIEW
            assert not app.exception


@pytest.mark.parametrize("name", ["tiny_a", "tiny_b"])
@pytest.mark.parametrize("page", ["confusion", "calibration", "models", "compare"])
def test_two_models_of_one_title_have_links_of_their_own(
    app: AppTest, own_models_dir: Path, page: str, name: str
) -> None:
    for each in ("tiny_a", "tiny_b"):
        path = own_models_dir / each / "card.json"
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"title": "Twin"}))
    app.query_params[f"{page}_model"] = f"Twin ({name})"
    visit(app, page)
    assert not app.exception
    assert app.selectbox(key=f"{page}_model").value == name
    if page == "models":
        assert json.loads(app.json[0].value)["title"] == "Twin"


def test_the_page_of_faces_is_in_the_link(app: AppTest, models_with_faces: Path) -> None:
    app.query_params["compare_disputed_page"] = "2"
    visit(app, "compare")
    rows = next(
        frame.value["row_id"] for frame in app.dataframe if "disagreement" in frame.value.columns
    )
    shown = [caption for image in app.image for caption in image.captions if ", row " in caption]
    assert [int(caption.split(", row ")[1].split()[0]) for caption in shown] == rows[12:24].tolist()


@pytest.mark.parametrize("chosen", [("fear", "sad"), ("any", "sad"), ("any", "any")])
def test_the_cell_of_a_link_is_outlined(
    app: AppTest, models_dir: Path, chosen: tuple[str, str]
) -> None:
    app.query_params["confusion_true"], app.query_params["confusion_predicted"] = chosen
    visit(app, "confusion")
    (chart,) = [each for each in app.get("plotly_chart") if "confusion_matrix" in each.proto.id]
    shapes = json.loads(chart.proto.spec)["layout"].get("shapes", [])
    places = [[shape[side] for side in ("y0", "y1", "x0", "x1")] for shape in shapes]
    expected = {
        ("fear", "sad"): [[1.5, 2.5, 3.5, 4.5]],
        ("any", "sad"): [[-0.5, 7.5, 3.5, 4.5]],
        ("any", "any"): [],
    }
    assert places == expected[chosen]


@pytest.mark.usefixtures("models_dir")
@pytest.mark.parametrize("page", ["upload", "models"])
def test_a_link_to_an_unknown_model_says_so_until_somebody_chooses(app: AppTest, page: str) -> None:
    app.query_params[f"{page}_model"] = "No such model"
    visit(app, page)
    assert not app.exception
    picker = app.selectbox(key=f"{page}_model")
    message = (
        f"The link asks for `{page}_model=No such model`, which is not available here. "
        f"`Tiny {picker.value}` is shown instead."
    )
    assert message in alerts(app)
    app.run()
    assert message in alerts(app)
    picker = app.selectbox(key=f"{page}_model")
    picker.set_value("tiny_a" if picker.value == "tiny_b" else "tiny_b").run()
    assert "The link asks for" not in alerts(app)


@pytest.mark.usefixtures("models_dir")
@pytest.mark.parametrize("name", ["tiny_a", "tiny_b"])
@pytest.mark.parametrize("page", ["upload", "confusion", "compare"])
def test_a_link_may_have_a_models_name_instead_of_its_title(
    app: AppTest, page: str, name: str
) -> None:
    app.query_params[f"{page}_model"] = name
    visit(app, page)
    assert app.selectbox(key=f"{page}_model").value == name
    assert "The link asks for" not in alerts(app)
    app.run()
    assert app.selectbox(key=f"{page}_model").value == name


@pytest.mark.usefixtures("models_dir")
def test_the_message_has_what_is_shown_instead_as_the_screen_has_it(app: AppTest) -> None:
    app.query_params["upload_threshold"] = "7"
    visit(app, "upload")
    assert "`50%` is shown instead" in alerts(app)


def _page_with_letters() -> None:
    import streamlit as st

    from pages.links.unknown_links import note_link, show_unknown_values

    note_link("letters")
    place = st.empty()
    count = 2 if "few" in st.query_params else 5
    letters = list("abcde"[:count])
    st.multiselect("Letters", letters, default=letters, key="letters", bind="query-params")
    show_unknown_values(place)


@pytest.mark.parametrize(
    ("few", "named"),
    [(True, "`a`, `b` are shown instead"), (False, "`a`, `b`, `c` and 2 more are shown instead")],
)
def test_of_many_choices_shown_instead_only_the_first_are_named(few: bool, named: str) -> None:
    app = AppTest.from_function(_page_with_letters)
    app.query_params["letters"] = "z"
    if few:
        app.query_params["few"] = "1"
    app.run()
    assert named in alerts(app)


@pytest.mark.parametrize(
    ("page", "leads_there", "unknown"),
    [
        ("upload", {"upload_kind": "Video"}, ("upload_video_rate", "17")),
        ("confusion", {"confusion_mode": "Difference of two"}, ("confusion_merge", "x")),
    ],
)
def test_it_is_named_also_where_the_page_ends_early(
    app: AppTest,
    own_models_dir: Path,
    page: str,
    leads_there: dict[str, str],
    unknown: tuple[str, str],
) -> None:
    shutil.rmtree(own_models_dir / "tiny_b")  # so nothing can be compared
    key, value = unknown
    for name, chosen in {**leads_there, key: value}.items():
        app.query_params[name] = chosen
    visit(app, page)
    assert f"`{key}={value}`, which is not available here" in alerts(app)


UNKNOWN: dict[str, dict[str, str | list[str]]] = {
    "calibration": {"calibration_view": "bored", "calibration_threshold": "7"},
    "confusion": {
        "confusion_mode": "Three models",
        "confusion_true": "bored",
        "confusion_merge": "bored",
    },
    "live": {"live_mirror": "perhaps", "live_detect_every": "99"},
    "data": {"data_view": "Nothing"},
}
KNOWN: dict[str, dict[str, str | list[str]]] = {
    "calibration": {"calibration_view": "happy", "calibration_threshold": "0.25"},
    "confusion": {
        "confusion_mode": "One model",  # the default, which Streamlit takes out of the address
        "confusion_true": "sad",
        "confusion_merge": ["happy", "neutral"],
        "something_else": "1",
    },
    "live": {"live_mirror": "FALSE", "live_detect_every": "3", "live_threshold": "0.3"},
    "data": {"data_view": "Duplicates"},
}


@pytest.mark.usefixtures("models_dir")
@pytest.mark.parametrize("page", UNKNOWN)
def test_every_value_that_no_widget_knows_is_named(app: AppTest, page: str) -> None:
    for key, value in UNKNOWN[page].items():
        app.query_params[key] = value
    visit(app, page)
    assert not app.exception
    for key, value in UNKNOWN[page].items():
        assert f"`{key}={value}`, which is not available here" in alerts(app)


@pytest.mark.usefixtures("models_dir")
@pytest.mark.parametrize("page", KNOWN)
def test_no_value_that_a_widget_knows_is_complained_of(app: AppTest, page: str) -> None:
    for key, value in KNOWN[page].items():
        app.query_params[key] = value
    visit(app, page)
    assert not app.exception
    assert "The link asks for" not in alerts(app)


@pytest.mark.usefixtures("models_dir")
def test_of_several_values_only_the_unknown_is_named_and_as_plain_text(app: AppTest) -> None:
    app.query_params["confusion_merge"] = ["fear", "`**[x](http://a.example)** " + 99 * "y"]
    visit(app, "confusion")
    assert "`confusion_merge=ˋ**[x](http://a.example)…`" in alerts(app)
    assert "`fear` is shown instead" in alerts(app)
    assert alerts(app).count("The link asks for") == 1


@pytest.mark.usefixtures("models_dir")
def test_a_link_to_the_camera_is_heard_after_consent(app: AppTest) -> None:
    app.query_params["upload_kind"] = "Painting"
    visit(app, "upload", consent=False)
    assert "The link asks for" not in alerts(app)
    app.button(key="consent_agree").click().run()
    assert "`upload_kind=Painting`, which is not available here" in alerts(app)
