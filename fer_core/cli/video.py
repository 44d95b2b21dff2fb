"""`python -m fer_core video`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from fer_core.cli.options import (
    AccuracyOption,
    DetectorOption,
    GuaranteedOption,
    ModelOption,
    OverwriteOption,
    ResumeOption,
    ThresholdOption,
    say_chosen,
    threshold_request,
    within,
)
from fer_core.faces import LIVE_SIDE
from fer_core.files import VIDEO_KINDS, check_outputs, exclusive_outputs, listed, shown, writing
from fer_core.recognition import UNCERTAIN_BELOW, Analyzer, load_analyzer
from fer_core.video import (
    MAX_FPS,
    OnProgress,
    VideoCheckpoint,
    VideoSettings,
    VideoTimeline,
    analyze_video,
    annotate_video,
    checkpoint_of,
    file_checksum,
    kept_threshold,
    outputs_to_resume,
)

_KEPT: Final = " Completed work is saved: free up disk space, then continue with --resume."


def video(
    clip: Annotated[
        Path,
        typer.Argument(
            metavar="CLIP", help=f"Video file: {listed(VIDEO_KINDS)}.", show_default=False
        ),
    ],
    csv: Annotated[
        Path | None, typer.Option(help="Table with one row per face and frame.", show_default=False)
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="The same rows, with events and tracks.", show_default=False)
    ] = None,
    annotated: Annotated[
        Path | None,
        typer.Option(help="Video (MP4) with boxes and labels drawn on it.", show_default=False),
    ] = None,
    every: Annotated[int, typer.Option(min=1, help="Analyze only every n-th frame.")] = 1,
    fps: Annotated[
        float | None,
        typer.Option(
            callback=within(0, MAX_FPS, above=True),
            help="Maximum number of frames per second to analyze.",
            show_default="all",
        ),
    ] = None,
    resume: ResumeOption = False,
    overwrite: OverwriteOption = False,
    model: ModelOption = None,
    detector: DetectorOption = None,
    threshold: ThresholdOption = None,
    accuracy: AccuracyOption = None,
    guaranteed: GuaranteedOption = False,
) -> None:
    """Tracks the faces in a video and predicts their apparent expressions over time.

    Progress is saved next to the output, so an interrupted run continues with --resume. An existing
    file is replaced only with --overwrite.
    """
    named = {"--csv": csv, "--json": json, "--annotated": annotated}
    given = {option: path for option, path in named.items() if path is not None}
    outputs = list(given.values())
    check_outputs(given, inputs=[clip], overwrite=overwrite or resume)
    request = threshold_request(threshold, accuracy, guaranteed=guaranteed)
    try:
        with ExitStack() as stack:
            stack.enter_context(exclusive_outputs(outputs))
            if resume and not overwrite:
                _check_resumed(given)
            analyzer = load_analyzer(model, detector, longest_side=LIVE_SIDE)
            begun_with = UNCERTAIN_BELOW
            if outputs and resume:
                begun_with = kept_threshold(checkpoint_of(outputs[0]))
            uncertain_below = request.for_model(analyzer.classifier.card, otherwise=begun_with)
            say_chosen(uncertain_below, request)
            settings = VideoSettings(every=every, fps=fps, threshold=uncertain_below)
            checkpoint = None
            if outputs:
                checkpoint = stack.enter_context(
                    _checkpoint(outputs, clip, analyzer, settings, resume=resume)
                )
            with _progress("Faces") as progress:
                timeline = analyze_video(
                    clip, analyzer, settings, checkpoint=checkpoint, progress=progress
                )
            _write(timeline, csv, json)
            if annotated is not None:
                with _progress("Drawing") as progress, writing(annotated, _KEPT) as target:
                    annotate_video(clip, timeline, target, progress=progress)
    except KeyboardInterrupt:
        kept = " Completed work is saved; continue with --resume." if outputs else ""
        typer.echo(f"Stopped.{kept}", err=True)
        raise typer.Exit(130) from None
    _print_summary(timeline, outputs)


def _check_resumed(given: Mapping[str, Path]) -> None:
    """A resumed run replaces its own outputs, and no other file."""
    if given:
        own = outputs_to_resume(checkpoint_of(next(iter(given.values()))))
        others = {name: path for name, path in given.items() if os.path.realpath(path) not in own}
        check_outputs(others)


def _checkpoint(
    outputs: list[Path], clip: Path, analyzer: Analyzer, settings: VideoSettings, *, resume: bool
) -> VideoCheckpoint:
    classifier = analyzer.classifier
    same = {
        "clip": file_checksum(clip),
        "model": classifier.card.name,
        "checksum of the model": classifier.card.weights.sha256,
        "detector": analyzer.detector.name,
        "every": settings.every,
        "fps": settings.fps,
        "threshold": settings.threshold,
    }
    return VideoCheckpoint(checkpoint_of(outputs[0]), same, files=outputs, resume=resume)


def _write(timeline: VideoTimeline, csv: Path | None, json: Path | None) -> None:
    if csv is not None:
        with writing(csv, _KEPT) as file:
            timeline.to_frame().to_csv(file, index=False, lineterminator="\n")
    if json is not None:
        with writing(json, _KEPT) as file:
            file.write(timeline.to_json().encode())


@contextmanager
def _progress(what: str) -> Iterator[OnProgress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[frames]} frames"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None, frames=0)
        yield lambda so_far: bar.update(
            task,
            completed=so_far.part or 0.0,
            total=None if so_far.part is None else 1.0,
            frames=so_far.frames,
        )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _print_summary(timeline: VideoTimeline, outputs: list[Path]) -> None:
    counts = timeline.counts
    typer.echo(
        f"{_counted(counts.total, 'frame')}: {counts.decoded} decoded, {counts.dropped} could not "
        f"be decoded. {len(timeline.frame_index)} analyzed, "
        f"{_counted(len(timeline.tracks), 'face')} tracked."
    )
    typer.echo(f"Predictions with a confidence below {timeline.threshold:g} are uncertain.")
    for notice in timeline.notices:
        typer.echo(notice)
    events = timeline.events()
    if events:
        table = Table("Face", "Apparent expression", "From (s)", "To (s)", "Peak")
        for event in events:
            times = (f"{event.start_s:.1f}", f"{event.end_s:.1f}")
            table.add_row(str(event.track), event.label, *times, f"{event.peak:.0%}")
        Console(markup=False).print(table)
    elif timeline.tracks and (detectable_s := timeline.sampling.detectable_s) is not None:
        typer.echo(f"No expression stayed above the threshold for {detectable_s:.1f} s or longer.")
    if timeline.tracks and timeline.sampling.notice is not None:
        typer.echo(timeline.sampling.notice)
    for path in outputs:
        typer.echo(f"Written to {shown(path)}")
