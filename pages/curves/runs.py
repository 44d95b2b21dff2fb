"""Training runs: of saved models, of local directories (also while they train), of uploads."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from fer_core.errors import ModelError
from fer_core.recognition import FileInMemory
from fer_core.training_logs import (
    LARGEST_BYTES,
    LogFile,
    RejectedLog,
    RunDirectory,
    TrainingRun,
    read_logs,
    read_run,
    run_directories,
    saved_run,
)
from fer_core.zoo import ModelCard
from pages.compat import forget_uploads
from pages.pickers import BY_FINGERPRINT
from pages.session import KEPT, empty_uploader, show_kept, upload_files

_FILES, _FOLDER = "Files", "A folder"
_UPLOADERS = {_FILES: "curves_files", _FOLDER: "curves_folder"}
_POLL_EVERY_S = 2.0


@dataclass(frozen=True)
class RunListing:
    """The runs that can be shown now.

    Attributes:
        runs: of saved models first, then local ones by name.
        training: those of them that seem to be training now.
        waiting: names of local runs before the end of their first epoch.
        broken: error messages of the runs that cannot be read.
        is_growing: whether a later listing may show more; a file may be unreadable because it is
            being written.
    """

    runs: tuple[TrainingRun, ...]
    training: tuple[TrainingRun, ...]
    waiting: tuple[str, ...]
    broken: tuple[str, ...]
    is_growing: bool


def list_runs(cards: Sequence[ModelCard]) -> RunListing:
    """Reads the runs of these saved models and of all local directories; files are cached."""
    runs: list[TrainingRun] = []
    training: list[TrainingRun] = []
    waiting: list[str] = []
    broken: list[str] = []
    is_growing = False
    for card in cards:
        try:
            runs.append(_saved_run(card))
        except ModelError as error:
            broken.append(str(error))
    now_s = time.time()
    for directory in run_directories():
        run = None
        if directory.has_epochs:
            try:
                run = _local_run(directory.folder, directory.changed_ns, directory)
                runs.append(run)
            except ModelError as error:
                broken.append(str(error))
        if directory.is_written(now_s, run):
            is_growing = True
            if run is not None:
                training.append(run)
            elif not directory.has_epochs:
                waiting.append(directory.name)
    return RunListing(tuple(runs), tuple(training), tuple(waiting), tuple(broken), is_growing)


def follow_runs(cards: Sequence[ModelCard], listing: RunListing) -> None:
    """While a run trains, reruns the page when there is more to show than `listing`."""

    def poll() -> None:
        if list_runs(cards) != listing:
            st.rerun()

    if listing.is_growing:
        st.fragment(poll, run_every=_POLL_EVERY_S)()


def show_broken_runs(listing: RunListing) -> None:
    """Names the runs that cannot be shown."""
    for message in listing.broken:
        st.warning(message, title="Cannot show a run", icon=":material/broken_image:")


def uploaded_runs() -> tuple[TrainingRun, ...]:
    """Shows an uploader for logs of other programs; returns the valid ones, names the others."""
    with st.expander("Add a training log", icon=":material/upload_file:"):
        st.caption(
            "A CSV file of Keras's `CSVLogger`, or TensorBoard event files with one value per "
            "epoch. In a folder, `train` and `validation` are combined."
        )
        kind = st.segmented_control(
            "Upload",
            [_FILES, _FOLDER],
            default=_FILES,
            required=True,
            key="curves_upload_kind",
        )
        listed = upload_files(
            "Files" if kind == _FILES else "Folder",
            None,
            key=_UPLOADERS[kind],
            on_removed=_drop_logs,
            multiple=True if kind == _FILES else "directory",
            max_mb=LARGEST_BYTES // 10**6,
            help=KEPT,
        )
        logs = _kept_logs()
        logs |= {file.key: file for file in listed}
        shown = {file.key for file in listed}
        if kept := [log.name for key, log in logs.items() if key not in shown]:
            show_kept(kept, key="curves_logs", on_remove=_drop_all_logs, remove="Remove all")
        runs, rejected = _read_logs(tuple((log.name, log.data) for log in logs.values()))
        for log in rejected:
            st.error(
                log.message,
                title=f"Cannot read “{log.name}”",
                icon=":material/broken_image:",
            )
    return runs


def _kept_logs() -> dict[str, FileInMemory]:
    logs: dict[str, FileInMemory] = st.session_state.setdefault("curves_logs", {})
    return logs


def _drop_logs(keys: Collection[str]) -> None:
    for key in keys:
        _kept_logs().pop(key, None)
    forget_uploads(keys)


def _drop_all_logs() -> None:
    keys = [*_kept_logs()]
    _drop_logs(keys)
    for uploader in _UPLOADERS.values():
        empty_uploader(uploader, keys)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _saved_run(card: ModelCard) -> TrainingRun:
    return saved_run(card)


@st.cache_resource(max_entries=1024, show_spinner=False)
def _local_run(folder: Path, changed_ns: int, _directory: RunDirectory) -> TrainingRun:
    return read_run(_directory)


@st.cache_resource(scope="session", max_entries=2, show_spinner="Reading the log…")
def _read_logs(
    files: tuple[tuple[str, bytes], ...],
) -> tuple[tuple[TrainingRun, ...], tuple[RejectedLog, ...]]:
    return read_logs(LogFile(path, data) for path, data in files)
