"""File uploaders whose files are kept when the visitor opens another page.

Streamlit discards the value of an uploader when its page is left. So a page copies the files into
the session state; the uploader then lists only some of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Final, Literal, cast

import streamlit as st
from streamlit.typing import UploadedFile

from fer_core.recognition import FileInMemory
from pages.compat import forget_uploads
from pages.widgets import list_names

KEPT: Final = "Kept in memory until you close or reload this tab."
"""For the tooltip of an uploader."""

OnRemoved = Callable[[Collection[str]], None]
"""Called with the keys of files that the visitor removed from the uploader."""


def upload_file(
    label: str,
    types: Sequence[str],
    *,
    key: str,
    max_mb: int,
    help: str,
    on_drop: Callable[[], None] = lambda: None,
) -> FileInMemory | None:
    """Shows an uploader of one file and the file kept from before; returns the one to use.

    Args:
        label: of the uploader.
        types: suffixes.
        key: of the widget.
        max_mb: largest file size in megabytes.
        help: the tooltip, to which it adds how long the file is kept.
        on_drop: called when the file is removed or replaced; removes its results.
    """
    listed = upload_files(
        label,
        types,
        key=key,
        on_removed=partial(_drop, key, on_drop),
        multiple=False,
        max_mb=max_mb,
        help=f"{help} {KEPT}",
    )
    kept: FileInMemory | None = st.session_state.get(f"{key}_kept")
    if listed:
        if kept is not None and kept.key != listed[0].key:
            _drop(key, on_drop, [kept.key])
        st.session_state[f"{key}_kept"] = listed[0]
        return listed[0]
    if kept is not None:
        show_kept([kept.name], key=key, on_remove=partial(_drop_kept, key, on_drop))
    return kept


def upload_files(
    label: str,
    types: Sequence[str] | None,
    *,
    key: str,
    on_removed: OnRemoved,
    multiple: bool | Literal["directory"],
    max_mb: int,
    help: str,
) -> list[FileInMemory]:
    """Shows an uploader and returns the files that it lists.

    Args:
        label: of the uploader.
        types: suffixes; None for all.
        key: of the widget.
        on_removed: called before the page runs.
        multiple: whether it accepts several files, or a directory.
        max_mb: largest file size in megabytes.
        help: the tooltip.
    """
    widget = _widget_key(key)
    value = st.file_uploader(
        label,
        types,
        accept_multiple_files=multiple,
        key=widget,
        max_upload_size=max_mb,
        help=help,
        on_change=_notice_removed,
        args=(key, widget, on_removed),
    )
    # If the visitor changed nothing, files are missing because the page was left.
    files = _as_list(value)
    st.session_state[f"{key}_listed"] = [file.file_id for file in files]
    return [FileInMemory(file.file_id, file.name, file.getvalue()) for file in files]


def empty_uploader(key: str, keys: Collection[str]) -> None:
    """Makes an uploader list no files when it is drawn next; the page keeps its copies.

    Args:
        key: of the widget.
        keys: of files to delete from the server too.
    """
    st.session_state[f"{key}_number"] = st.session_state.get(f"{key}_number", 0) + 1
    st.session_state[f"{key}_listed"] = []
    forget_uploads(keys)


def show_kept(
    names: Sequence[str], *, key: str, on_remove: Callable[[], None], remove: str = "Remove"
) -> None:
    """Lists files that were uploaded before the page was left, with a button to remove them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/inventory_2: Kept until you close or reload this tab: {list_names(names)}.",
            width="content",
        )
        st.button(
            remove,
            key=f"{key}_remove",
            icon=":material/delete:",
            on_click=on_remove,
            type="tertiary",
        )


def _drop(key: str, on_drop: Callable[[], None], keys: Collection[str]) -> None:
    on_drop()
    st.session_state.pop(f"{key}_kept", None)
    forget_uploads(keys)


def _drop_kept(key: str, on_drop: Callable[[], None]) -> None:
    kept: FileInMemory = st.session_state[f"{key}_kept"]
    _drop(key, on_drop, [kept.key])
    empty_uploader(key, [kept.key])


def _widget_key(key: str) -> str:
    number = st.session_state.get(f"{key}_number", 0)
    return f"{key}_{number}" if number else key


def _notice_removed(key: str, widget: str, on_removed: OnRemoved) -> None:
    listed = {file.file_id for file in _as_list(st.session_state[widget])}
    gone = [
        file_id for file_id in st.session_state.get(f"{key}_listed", []) if file_id not in listed
    ]
    if gone:
        on_removed(gone)


def _as_list(value: object) -> list[UploadedFile]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [cast(UploadedFile, value)]
