"""Analyzes every photo in a folder, and resumes interrupted runs."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from fer_core.batch.parquet_source import ParquetSource
from fer_core.batch.ray_engine import RayEngine, import_ray
from fer_core.batch.row_writers import check_format, write_rows
from fer_core.batch.shards import Plan, Shards, files_per_part
from fer_core.batch.sources import FolderSource, Source, StorageSource, is_uri, local_path
from fer_core.batch.summary import BatchSummary, Tally
from fer_core.batch.worker_pool import LostTask, run_in_workers
from fer_core.errors import FerError, InputRejected, OutputError
from fer_core.files import (
    check_outputs,
    exclusive_output,
    listed,
    readable_name,
    readable_photos,
    shown,
)
from fer_core.machine import available_processors
from fer_core.recognition import (
    PhotoAnalyzer,
    PhotoAnalyzerSettings,
    Row,
    RowFormat,
    ThresholdRequest,
    load_analyzer,
    load_photo_analyzer,
)
from fer_core.zoo import ModelStore

TIMEOUT_S: Final = 60.0
"""Default timeout for one photo. The largest accepted photos take a few seconds."""

LONGEST_TIMEOUT_S: Final = 86_400.0
"""One day; operating systems limit timeouts."""

EngineName = Literal["local", "ray"]
"""Where the work runs: processes on this machine, or a Ray cluster."""

Progress = Callable[[int, int], None]
"""Called with the number of completed files and of all files."""


def analyze_folder(
    folder: str | Path,
    output: str | Path,
    *,
    model: str | None = None,
    detector: str | None = None,
    engine: EngineName = "local",
    address: str | None = None,
    workers: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
    threshold: float | ThresholdRequest | None = None,
    timeout_s: float = TIMEOUT_S,
    progress: Progress | None = None,
) -> BatchSummary:
    """Finds and classifies the faces of all photos in a folder and its subfolders.

    Completed parts are stored in the folder `<output>.partial` until the output is complete; a
    killed run loses at most the parts in progress, which `resume` analyzes again. The rows are
    ordered by path, and do not depend on interruptions or on the engine.

    Args:
        folder: folder of the photos. With Ray, also the URI of a folder, or a Parquet table; see
            `folder` and `parquet_source`.
        output: file for the table (`.parquet`, `.csv`, `.json` or `.jsonl`), with the columns of
            `RowFormat`.
        model: name of a saved model; None uses that of the run to resume, else the best.
        detector: name of a face detector; None uses that of the run to resume, else the best.
        engine: where the work runs.
        address: of a running Ray cluster; None starts one on this machine.
        workers: number of processes; None uses one per core.
        resume: continue an interrupted run and replace its output; if there is none, start one,
            which replaces nothing.
        overwrite: replace an existing file at `output`.
        threshold: predictions with a lower confidence are `uncertain`; or a request to choose it
            by. None uses that of the run to resume, else `UNCERTAIN_BELOW`.
        timeout_s: timeout for one photo.
        progress: called with the progress of the run.

    Raises:
        InputRejected: the folder does not exist or has no photos, there is an unfinished run and
            `resume` is not given, or the unfinished run has other settings.
        OutputError: the output cannot be written, exists already, is also an input, or another
            process is writing it.
        ModelError: the model or detector does not exist or is damaged.
        ThresholdError: no threshold of the model reaches the requested accuracy.
        FerError: Ray is not installed, cannot be reached, or fails.
    """
    if not isinstance(threshold, ThresholdRequest):
        threshold = ThresholdRequest(threshold)
    source, target = _open_source(str(folder), engine), Path(output)
    check_format(target)
    check_outputs({"--out": target}, inputs=_tables(source), overwrite=overwrite or resume)
    _check_apart(source, target)
    if engine == "ray":
        import_ray()  # fails early if Ray is missing
    elif address is not None:
        raise FerError("--address is the address of a Ray cluster and needs --engine ray.")
    with exclusive_output(target):
        started = time.perf_counter()
        shards = Shards(target)
        plan = _begun(shards, source, model, detector, threshold, resume=resume)
        if plan is None:
            # Only now is it known that --resume has no run whose output it could replace.
            check_outputs({"--out": target}, overwrite=overwrite)
            plan = _plan(source, model, detector, threshold)
            shards.begin(plan)
        finished = shards.finished()
        todo = [index for index in range(len(plan.files)) if plan.part_of(index) not in finished]
        settings = PhotoAnalyzerSettings(plan.model, plan.detector, plan.threshold, threads=1)
        if engine == "ray":
            cluster = RayEngine(address, workers, timeout_s)
            results = cluster.score(source, plan.files, todo, settings, plan.model_checksum)
        else:
            workers = workers or available_processors()
            results = _analyze_here(plan, todo, settings, workers, timeout_s)
        _keep(results, plan, shards, len(plan.files) - len(todo), progress)
        tally = Tally()
        row_format = _row_format(plan)
        rows = map(row_format.upgraded, shards.rows(plan.parts))
        write_rows(target, row_format.columns, tally.counting(rows))
        shards.discard()
        seconds = time.perf_counter() - started
        return tally.summary(
            scored=len(todo), seconds=seconds, threshold=plan.threshold, skipped=plan.skipped
        )


def _tables(source: Source) -> list[Path]:
    """The files of a source that could also be the output: a table on this machine."""
    place = local_path(source.place)
    if not isinstance(source, ParquetSource) or place is None:
        return []
    return [file for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file()]


def _check_apart(source: Source, target: Path) -> None:
    """A table written into the folder of the input table would become part of it."""
    place = local_path(source.place)
    if isinstance(source, ParquetSource) and place is not None and place.is_dir():
        inside = Path(os.path.realpath(target)).parents
        if any(folder.samefile(place) for folder in inside):
            raise OutputError(
                f"--out must not be in the folder of the input table. Received: {shown(target)}"
            )


def _open_source(place: str, engine: EngineName) -> Source:
    if place.rstrip("/").endswith(".parquet"):
        source: Source = ParquetSource(place if is_uri(place) else os.path.realpath(place))
    elif (folder := local_path(place)) is not None:
        return FolderSource(os.path.realpath(folder))
    else:
        source = StorageSource(place.rstrip("/"))
    if engine != "ray":
        raise InputRejected(
            f"Object storage and tables need --engine ray. Received: {shown(place)}",
            reason="unsupported_type",
        )
    return source


@dataclass(frozen=True)
class _FolderAnalysis:
    """Creates the function that analyzes one file of the folder; called in each worker."""

    folder: Path
    settings: PhotoAnalyzerSettings

    def __call__(self) -> Callable[[str], list[Row]]:
        photo_analyzer: PhotoAnalyzer = load_photo_analyzer(self.settings)
        return lambda name: photo_analyzer.analyze_file(
            self.folder / name, file=readable_name(name)
        )


def _plan(
    source: Source, model: str | None, detector: str | None, threshold: ThresholdRequest
) -> Plan:
    listing = source.listing()
    files = listing.names
    if not files:
        raise InputRejected(
            f"There are no photos in {shown(source.place)}. Expected {listed(readable_photos())} "
            "files in it or in its subfolders. Skipped: "
            f"{'; '.join(map(str, listing.skipped)) or 'nothing (the folder is empty)'}.",
            reason="empty",
        )
    # Loaded here too, so that a missing model is reported before a process starts.
    analyzer = load_analyzer(model, detector)
    card = analyzer.classifier.card
    return Plan(
        folder=source.place,
        files=files,
        files_per_part=files_per_part(len(files)),
        model=card.name,
        model_checksum=card.weights.sha256,
        detector=analyzer.detector.name,
        threshold=threshold.for_model(card),
        skipped=listing.skipped,
    )


def _row_format(plan: Plan) -> RowFormat:
    return RowFormat.of(ModelStore.default().load_card(plan.model), plan.detector, plan.threshold)


def _begun(
    shards: Shards,
    source: Source,
    model: str | None,
    detector: str | None,
    threshold: ThresholdRequest,
    *,
    resume: bool,
) -> Plan | None:
    """Returns the plan of the run to resume; None if there is none."""
    plan = shards.read_plan()
    if plan is None:
        return None
    if not resume:
        raise InputRejected(
            f"{shown(shards.folder)} holds an unfinished run. Continue it with --resume, or delete "
            "it.",
            reason="unreadable",
        )
    card = ModelStore.default().load_card(plan.model)
    asked: dict[str, tuple[object, object]] = {
        "folder": (plan.folder, source.place),
        "model": (plan.model, model or plan.model),
        "checksum of the model": (plan.model_checksum, card.weights.sha256),
        "detector": (plan.detector, detector or plan.detector),
    }
    if all(
        then == now for then, now in asked.values()
    ):  # it is the model to choose the threshold for
        asked["threshold"] = (plan.threshold, threshold.for_model(card, otherwise=plan.threshold))
    for name, (then, now) in asked.items():
        if then != now:
            raise InputRejected(
                f"The unfinished run has another {name}. Expected: {shown(then)}. Received: "
                f"{shown(now)}. Use the original value, or write to another file.",
                reason="unreadable",
            )
    return plan


def _analyze_here(
    plan: Plan, todo: Sequence[int], settings: PhotoAnalyzerSettings, workers: int, timeout_s: float
) -> Iterator[tuple[int, list[Row] | LostTask]]:
    results = run_in_workers(
        [plan.files[index] for index in todo],
        _FolderAnalysis(Path(plan.folder), settings),
        workers=workers,
        timeout_s=timeout_s,
    )
    return ((todo[position], rows) for position, rows in results)


def _keep(
    results: Iterator[tuple[int, list[Row] | LostTask]],
    plan: Plan,
    shards: Shards,
    done_before: int,
    progress: Progress | None,
) -> None:
    """Writes each part when all of its files have results."""
    row_format = _row_format(plan)
    under_way: defaultdict[int, dict[int, list[Row]]] = defaultdict(dict)
    for done, (index, rows) in enumerate(results, done_before + 1):
        if isinstance(rows, LostTask):
            rows = [row_format.failed(readable_name(plan.files[index]), rows.reason, rows.message)]
        part = plan.part_of(index)
        under_way[part][index] = rows
        if len(under_way[part]) == len(plan.files_of(part)):
            by_file = under_way.pop(part)
            shards.write(part, [row for at in sorted(by_file) for row in by_file[at]])
        if progress is not None:
            progress(done, len(plan.files))
