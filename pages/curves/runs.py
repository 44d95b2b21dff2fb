"""Training runs: of saved models, of local directories (also while they train), of uploads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from fer_core.errors import ModelError
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
from pages.pickers import BY_FINGERPRINT

_FILES, _FOLDER = "Files", "A folder"
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
            "epoch. In a folder, `train` and `validation` are combined. Logs stay in memory until "
            "you leave."
        )
        kind = st.segmented_control(
            "Upload",
            [_FILES, _FOLDER],
            default=_FILES,
            required=True,
            key="curves_upload_kind",
        )
        if kind == _FILES:
            files = st.file_uploader(
                "Files",
                accept_multiple_files=True,
                key="curves_files",
                max_upload_size=LARGEST_BYTES // 10**6,
            )
        else:
            files = st.file_uploader(
                "Folder",
                accept_multiple_files="directory",
                key="curves_folder",
                max_upload_size=LARGEST_BYTES // 10**6,
            )
        runs, rejected = _read_logs(tuple((file.name, file.getvalue()) for file in files))
        for log in rejected:
            st.error(
                log.message,
                title=f"Cannot read “{log.name}”",
                icon=":material/broken_image:",
            )
    return runs


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
