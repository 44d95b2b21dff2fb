"""Scores every photo of a folder, and goes on where an earlier run was stopped."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from fer_core.batch.folder import FolderSource, Source, StorageSource, is_uri, local_path
from fer_core.batch.output import check_format, write_rows
from fer_core.batch.parquet_source import ParquetSource
from fer_core.batch.ray_engine import RayEngine, import_ray
from fer_core.batch.shards import Plan, Shards, files_per_part
from fer_core.batch.summary import BatchSummary, Tally
from fer_core.batch.worker_pool import Lost, run_in_workers
from fer_core.errors import FerError, InputRejected, OutputError
from fer_core.files import (
    check_outputs,
    listed,
    readable_name,
    readable_photos,
    shown,
    writing_alone,
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
"""For one photo. The largest that are taken need a few seconds."""

LONGEST_TIMEOUT_S: Final = 86_400.0
"""A day; systems do not wait for any number of seconds."""

EngineName = Literal["local", "ray"]
"""Who does the work: processes of this machine, or a Ray cluster."""

Progress = Callable[[int, int], None]
"""Called with the number of files done and of all files."""


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
    """Finds and classifies the faces of all photos in a folder and the folders in it.

    What is done stands in the folder `<output>.partial` until the output is complete; a run that
    is killed at any moment loses at most the parts that were under way, which `resume` scores
    again. The rows are ordered by path, and the same however often the run was stopped and
    whichever engine does the work.

    Args:
        folder: where the photos are. With Ray it may also be the URI of a folder, or a Parquet
            table, see `sources` and `parquet_source`.
        output: file for the table, as `.parquet`, `.csv`, `.json` or `.jsonl`; its columns are
            those of `scoring.RowFormat`.
        model: name of a saved model; None takes that of the run to resume, else the best.
        detector: name of a face detector; None takes that of the run to resume, else the best.
        engine: who does the work.
        address: of a running Ray cluster; None starts one on this machine.
        workers: number of processes; None takes one per core.
        resume: continue a run that was stopped, and replace its output; where there is none,
            begin one, which replaces nothing.
        overwrite: replace the file that is at `output`.
        threshold: a face whose largest probability is below it is called uncertain; or what to
            choose it by. None takes that of the run to resume, else `UNCERTAIN_BELOW`.
        timeout_s: for one photo, after which it is given up.
        progress: told how far the run is.

    Raises:
        InputRejected: there is no such folder or no photo in it, there is an unfinished run and
            `resume` is not given, or it has other settings.
        OutputError: the output cannot be written, is there already, is what is read, or another
            process is writing it.
        ModelError: there is no such model or detector, or it is damaged.
        ThresholdError: no threshold of the model has the accuracy that is asked for.
        FerError: Ray is not installed, cannot be reached, or gives up.
    """
    if not isinstance(threshold, ThresholdRequest):
        threshold = ThresholdRequest(threshold)
    source, target = _open_source(str(folder), engine), Path(output)
    check_format(target)
    check_outputs({"--out": target}, inputs=_tables(source), overwrite=overwrite or resume)
    _check_apart(source, target)
    if engine == "ray":
        import_ray()  # so that it is missed before anything is begun
    elif address is not None:
        raise FerError("An address is that of a Ray cluster: it goes with --engine ray.")
    with writing_alone(target):
        started = time.perf_counter()
        shards = Shards(target)
        plan = _begun(shards, source, model, detector, threshold, resume=resume)
        if plan is None:
            # Only now is it known that there is no run whose output --resume could replace.
            check_outputs({"--out": target}, overwrite=overwrite)
            plan = _plan(source, model, detector, threshold)
            shards.begin(plan)
        finished = shards.finished()
        todo = [index for index in range(len(plan.files)) if plan.part_of(index) not in finished]
        settings = PhotoAnalyzerSettings(plan.model, plan.detector, plan.threshold, threads=1)
        if engine == "ray":
            cluster = RayEngine(address, workers, timeout_s)
            answers = cluster.score(source, plan.files, todo, settings, plan.model_checksum)
        else:
            workers = workers or available_processors()
            answers = _analyze_here(plan, todo, settings, workers, timeout_s)
        _keep(answers, plan, shards, len(plan.files) - len(todo), progress)
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
    """The files of a source that could be taken for an output: a table, on this machine."""
    place = local_path(source.place)
    if not isinstance(source, ParquetSource) or place is None:
        return []
    return [file for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file()]


def _check_apart(source: Source, target: Path) -> None:
    """A table that is written into the folder of a table would be a part of it."""
    place = local_path(source.place)
    if isinstance(source, ParquetSource) and place is not None and place.is_dir():
        inside = Path(os.path.realpath(target)).parents
        if any(folder.samefile(place) for folder in inside):
            raise OutputError(
                f"--out must not be in the folder of the table that is read. Received: "
                f"{shown(target)}"
            )


def _open_source(place: str, engine: EngineName) -> Source:
    if place.rstrip("/").endswith(".parquet"):
        source: Source = ParquetSource(place if is_uri(place) else os.path.realpath(place))
    elif is_uri(place):
        source = StorageSource(place.rstrip("/"))
    else:
        return FolderSource(os.path.realpath(place))
    if engine != "ray":
        raise InputRejected(
            f"Object storage and tables are read with --engine ray. Received: {shown(place)}",
            reason="unsupported_type",
        )
    return source


@dataclass(frozen=True)
class _FolderAnalysis:
    """Makes the function that scores one file of the folder; called in each worker."""

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
            f"There is no photo in {shown(source.place)}. Expected files as "
            f"{listed(readable_photos())}, in it or in its folders. Skipped: "
            f"{'; '.join(map(str, listing.skipped)) or 'nothing, it is empty'}.",
            reason="empty",
        )
    # Loaded here as well, so that what is missing is told before a process starts.
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
    """Returns the plan of the run to go on with; None where there is none."""
    plan = shards.read_plan()
    if plan is None:
        return None
    if not resume:
        raise InputRejected(
            f"{shown(shards.folder)} holds an unfinished run. Go on with it (--resume), or delete "
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
    if all(then == now for then, now in asked.values()):  # so it is the model to choose it for
        asked["threshold"] = (plan.threshold, threshold.for_model(card, otherwise=plan.threshold))
    for name, (then, now) in asked.items():
        if then != now:
            raise InputRejected(
                f"The unfinished run has another {name}. Expected: {shown(then)}. Received: "
                f"{shown(now)}. Give what it began with, or write to another file.",
                reason="unreadable",
            )
    return plan


def _analyze_here(
    plan: Plan, todo: Sequence[int], settings: PhotoAnalyzerSettings, workers: int, timeout_s: float
) -> Iterator[tuple[int, list[Row] | Lost]]:
    results = run_in_workers(
        [plan.files[index] for index in todo],
        _FolderAnalysis(Path(plan.folder), settings),
        workers=workers,
        timeout_s=timeout_s,
    )
    return ((todo[position], rows) for position, rows in results)


def _keep(
    answers: Iterator[tuple[int, list[Row] | Lost]],
    plan: Plan,
    shards: Shards,
    done_before: int,
    progress: Progress | None,
) -> None:
    """Writes each part when all of its files are answered."""
    row_format = _row_format(plan)
    under_way: defaultdict[int, dict[int, list[Row]]] = defaultdict(dict)
    for done, (index, rows) in enumerate(answers, done_before + 1):
        if isinstance(rows, Lost):
            rows = [row_format.failed(readable_name(plan.files[index]), rows.reason, rows.message)]
        part = plan.part_of(index)
        under_way[part][index] = rows
        if len(under_way[part]) == len(plan.files_of(part)):
            by_file = under_way.pop(part)
            shards.write(part, [row for at in sorted(by_file) for row in by_file[at]])
        if progress is not None:
            progress(done, len(plan.files))
