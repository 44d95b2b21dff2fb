"""A link that somebody shared opens the same view: same page, every value taken."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.app.conftest import APP, TIMEOUT_S
from tests.app.visit import PAGES, visit
from tests.goldens.aliases import canonical_link
from tests.goldens.golden_files import golden, read_golden, writes_goldens

ROUNDS = 2
"""So many links are made of a page, each with other values; one of each of its other views."""

pytestmark = pytest.mark.usefixtures("models_with_robustness", "app")

Link = dict[str, list[str]]


def test_every_path_of_a_page_is_still_one(app: AppTest) -> None:
    with mock.patch.object(st, "navigation", wraps=st.navigation) as navigation:
        visit(app, "home")
    (sections,) = navigation.call_args.args
    paths = sorted(page.url_path for pages in sections.values() for page in pages)
    assert set(golden("links/paths", paths)) <= set(paths)


@pytest.mark.parametrize("page", PAGES)
def test_links_open_the_view_that_they_opened(page: str) -> None:
    name = f"links/{page}"
    links = made_links(page) if writes_goldens() else read_golden(name)["links"]
    offered: Link = {}
    for link in links:
        app = opened(page, link["asks"])
        now = taken(app)
        keeps = canonical_link(link["keeps"])
        lost = {key: values for key, values in keeps.items() if now.get(key) != values}
        assert not lost, f"The page {page} no longer takes this from a link, or shows another value"
        for key, values in choices(app).items():
            before = offered.setdefault(key, [])
            before += [value for value in values if value not in before]
    for key, values in golden(name, {"links": links, "choices": offered})["choices"].items():
        ((name_now, canonical_values),) = canonical_link({key: values}).items()
        missing = set(canonical_values) - set(offered.get(name_now, ()))
        assert not missing, f"values of {key} that links may have, and that are no choice any more"


@pytest.mark.parametrize("page", ["upload", "confusion", "compare", "calibration", "models"])
@pytest.mark.parametrize("name", ["tiny_a", "Tiny tiny_a"])
def test_a_link_names_a_model_by_its_name_or_its_title(page: str, name: str) -> None:
    (key,) = canonical_link({f"{page}_model": []})
    app = opened(page, {f"{page}_model": [name]})
    assert app.selectbox(key=key).value == "tiny_a"


def opened(page: str, link: Mapping[str, list[str]]) -> AppTest:
    """Opens a link, as a new visitor does."""
    app = AppTest.from_file(str(APP), default_timeout=TIMEOUT_S)
    for key, values in link.items():
        app.query_params[key] = values
    visit(app, page)
    assert not app.exception, link
    return app


def taken(app: AppTest) -> Link:
    """What of the address belongs to a widget; values that are no choice are gone from it."""
    bound = {widget.proto.query_param_key for widget in widgets(app)}
    return {
        key: list(values) if isinstance(values, list) else [values]
        for key, values in app.query_params.items()
        if key in bound
    }


def widgets(app: AppTest) -> list[Any]:
    """The widgets whose values stand in the address."""
    return [each for each in app if getattr(getattr(each, "proto", None), "query_param_key", "")]


def choices(app: AppTest) -> Link:
    """The values that widgets with a choice know, by key, as links have them."""
    found = {each.proto.query_param_key: options_of(each.proto) for each in widgets(app)}
    return {key: values for key, values in found.items() if values}


def made_links(page: str) -> list[dict[str, Link]]:
    """Makes links of a page, and of each view of it that has widgets of its own."""
    first = opened(page, {})
    known = set(keys(first))
    views: list[tuple[Link, AppTest]] = [({}, first)]
    for widget in widgets(first):
        key = widget.proto.query_param_key
        for option in choices(first)[key] if widget.type == "button_group" else ():
            app = opened(page, {key: [option]})
            if set(keys(app)) - known:
                known |= set(keys(app))
                views.append(({key: [option]}, app))
    choosing = {key for view, _ in views for key in view}
    return [link for view, app in views for link in links_of_view(app, page, view, choosing)]


def keys(app: AppTest) -> list[str]:
    return [widget.proto.query_param_key for widget in widgets(app)]


def links_of_view(app: AppTest, page: str, view: Link, choosing: set[str]) -> list[dict[str, Link]]:
    """Makes links with a value for each widget of a view but those that choose the view."""
    links = []
    for number in range(1 if view else ROUNDS):
        asks = dict(view)
        for widget in widgets(app):
            key, several = widget.proto.query_param_key, values_of(widget)
            # Where classes are merged, others can be chosen: so not in each link.
            is_left_out = widget.type == "multiselect" and number == 0 and not view
            if several and key not in choosing and not is_left_out:
                asks[key] = several[number % len(several)]
        links.append({"asks": asks, "keeps": taken(opened(page, asks))})
    return links


def values_of(widget: Any) -> list[list[str]]:
    """Values that a link may have for a widget, those that it shows by itself last."""
    proto = widget.proto
    if widget.type == "toggle":
        return [["false"], ["true"]] if proto.default else [["true"], ["false"]]
    if widget.type == "slider":
        middle = proto.min + (proto.max - proto.min) / proto.step // 2 * proto.step
        return [[f"{value:g}"] for value in (proto.max, proto.min, middle)]
    options = options_of(proto)
    if widget.type == "multiselect":
        return [[one, other] for one, other in pairwise(options)]
    default = proto.default if hasattr(proto.default, "__iter__") else [proto.default]
    others = [[value] for at, value in enumerate(options) if at not in default]
    return others + [[value] for at, value in enumerate(options) if at in default]


def options_of(proto: Any) -> list[str]:
    options = getattr(proto, "options", ())
    return [option if isinstance(option, str) else option.content for option in options]
