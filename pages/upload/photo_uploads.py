"""A visitor's photos: taken from the uploader into the session, within limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.faces import sample_sheet
from fer_core.imaging import decode_image, encode_png
from fer_core.recognition import MAX_PHOTOS, MAX_TOTAL_BYTES, FileInMemory, PhotoSet
from pages.compat import forget_uploads
from pages.session import KEPT, empty_uploader, forget_job, show_kept, upload_files
from pages.shared import MAX_PHOTO_MB, PHOTO_HELP, PHOTO_TYPES
from pages.widgets import list_names

PHOTOS_JOB: Final = "upload_photos_job"

_UPLOADER, _SET, _NOT_TAKEN, _SAMPLE = "upload_files", "upload_set", "upload_not_taken", "sample"
_PHOTO, _CHOSEN = "upload_photo", "upload_photo_chosen"
_MAX_MB: Final = MAX_TOTAL_BYTES // 2**20
LIMITS: Final = f"up to {MAX_PHOTOS} photos and {_MAX_MB} MB together"


def choose_photos() -> PhotoSet:
    """Shows the uploader and the photos kept from before; returns all photos of this session."""
    photos = photo_set()
    listed = upload_files(
        "Photos",
        PHOTO_TYPES,
        key=_UPLOADER,
        on_removed=_drop,
        multiple=True,
        max_mb=MAX_PHOTO_MB,
        help=f"{PHOTO_HELP} U{LIMITS[1:]}. {KEPT}",
    )
    not_taken = photos.add(listed)
    if not_taken:
        st.session_state[_NOT_TAKEN] = [photo.name for photo in not_taken]
        # Otherwise it would list files that were not accepted.
        empty_uploader(_UPLOADER, [photo.key for photo in not_taken])
        st.rerun()
    _show_not_taken()
    shown = {photo.key for photo in listed}
    if kept := [photo.name for photo in photos.photos if photo.key not in {*shown, _SAMPLE}]:
        show_kept(kept, key=_UPLOADER, on_remove=_drop_all, remove="Remove all")
    with_sample = st.toggle("Use the bundled sample", key="upload_sample", bind="query-params")
    _set_sample(photos, is_wanted=with_sample)
    return photos


def photo_set() -> PhotoSet:
    """Returns the photos of this session; there may be none."""
    photos: PhotoSet = st.session_state.setdefault(_SET, PhotoSet())
    return photos


def unique_names(photos: PhotoSet) -> dict[str, str]:
    """Returns a unique name for each photo by its key, in upload order, the sample last."""
    names: dict[str, str] = {}
    taken = set()
    ordered = sorted(photos.photos, key=lambda photo: photo.key == _SAMPLE)
    for number, photo in enumerate(ordered, 1):
        name = photo.name
        while name in taken:
            name = f"{name} ({number})"
        taken.add(name)
        names[photo.key] = name
    return names


def pick_photo(names: Mapping[str, str]) -> str:
    """Shows the picker of a photo, with buttons for the previous and next; returns its key.

    Args:
        names: of the photos by their keys, at least one.
    """
    keys = list(names)
    if len(keys) == 1:
        return keys[0]
    if st.session_state.get(_PHOTO) not in names:
        st.session_state[_PHOTO] = st.session_state.get(_CHOSEN, keys[0])
        if st.session_state[_PHOTO] not in names:
            st.session_state[_PHOTO] = keys[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen: str = st.selectbox("Photo", keys, format_func=names.__getitem__, key=_PHOTO)
        place = keys.index(chosen)
        for label, icon, step in (("Previous", "arrow_back", -1), ("Next", "arrow_forward", 1)):
            st.button(
                label,
                key=f"upload_photo_{label.lower()}",
                icon=f":material/{icon}:",
                disabled=not 0 <= place + step < len(keys),
                on_click=_choose,
                args=(keys[(place + step) % len(keys)],),
            )
    st.session_state[_CHOSEN] = chosen
    return chosen


@st.cache_resource(scope="session", max_entries=1, show_spinner=False)
def shown_photo(_photo: FileInMemory, key: str) -> NDArray[np.uint8]:
    """Returns the pixels of the selected photo; only one is cached.

    Args:
        _photo: the file.
        key: of it.
    """
    return decode_image(_photo.data)


def _choose(key: str) -> None:
    st.session_state[_PHOTO] = key


def _show_not_taken() -> None:
    names: list[str] = st.session_state.get(_NOT_TAKEN, [])
    if not names:
        return
    count = "1 photo was" if len(names) == 1 else f"{len(names)} photos were"
    st.warning(
        f"{list_names(names)}. The limit is {LIMITS}; the other photos are kept. Remove some of "
        "them first, or analyze folders of any size with `python -m fer_core batch`.",
        title=f"{count} not added",
        icon=":material/inventory:",
    )
    with st.expander("Photos not added", icon=":material/list:"):
        st.dataframe(
            {"file": names},
            hide_index=True,
            column_config={"file": "File"},
            alt="Names of the photos not added",
        )
        st.button("Dismiss", key="upload_not_taken_seen", on_click=_forget_not_taken)


def _set_sample(photos: PhotoSet, *, is_wanted: bool) -> None:
    if not is_wanted:
        photos.remove([_SAMPLE])
    elif all(photo.key != _SAMPLE for photo in photos.photos):
        sample = FileInMemory(_SAMPLE, "average faces.png", encode_png(sample_sheet()))
        if photos.add([sample]):
            st.warning(
                f"The sample was not added. The limit is {LIMITS}.", icon=":material/inventory:"
            )


def _drop(keys: Collection[str]) -> None:
    photo_set().remove(keys)
    forget_uploads(keys)
    _forget_not_taken()


def _drop_all() -> None:
    keys = [photo.key for photo in photo_set().photos if photo.key != _SAMPLE]
    forget_job(PHOTOS_JOB)
    _drop(keys)
    empty_uploader(_UPLOADER, keys)


def _forget_not_taken() -> None:
    st.session_state.pop(_NOT_TAKEN, None)
