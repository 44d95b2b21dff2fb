"""What another package predicts for labeled photos, as an entry beside our models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark import NO_FACE, PRE_CROPPED, EvaluationEntry
from fer_core.benchmark.packages.package_command import PackageCommand
from fer_core.benchmark.packages.package_process import (
    START_TIMEOUT_S,
    TIMEOUT_S,
    PackageDescription,
    PackageFace,
    PackageProcess,
    PackageResult,
)
from fer_core.errors import PackageError
from fer_core.faces import choose_face
from fer_core.labels import FERPLUS, canonical_label


def evaluate_package(
    command: PackageCommand,
    photos: Sequence[Path],
    *,
    boxes: Sequence[NDArray[np.floating] | None] | None = None,
    pre_cropped: bool = False,
    timeout_s: float = TIMEOUT_S,
    start_timeout_s: float = START_TIMEOUT_S,
    progress: Callable[[int, int], None] | None = None,
) -> EvaluationEntry:
    """Runs a package over photos. Each photo gets a prediction or a reason for having none.

    Photos must be files: a package gets paths, and nothing is written for it.

    Args:
        command: which package, and how to run it.
        photos: n image files.
        boxes: the labeled face of each photo, left, top, right and bottom in pixels; None for the
            largest face.
        pre_cropped: whether every photo is one face, so that none has to be found.
        timeout_s: time limit for one photo in seconds.
        start_timeout_s: time limit for the start in seconds.
        progress: called with the number of finished photos and n.

    Returns:
        Its entry. Classes have our names; those that we do not have are left out, and the others
        divided by their sum.

    Raises:
        PackageError: the package cannot be started, or has fewer than two of our classes.
    """
    results = []
    with PackageProcess(command, timeout_s=timeout_s, start_timeout_s=start_timeout_s) as package:
        description, start_s = package.description, package.start_s
        labels, to_ours, notes = _our_classes(description)
        for photo in photos:
            results.append(package.faces(photo, pre_cropped=pre_cropped))
            if progress is not None:
                progress(len(results), len(photos))
        restarts = package.restarts
    rows, kept, xyxy, reasons = [], [], [], []
    for row, result in enumerate(results):
        face = _chosen(result.faces, None if boxes is None else boxes[row])
        ours = np.zeros(len(labels)) if face is None else to_ours @ face.probabilities
        reason = result.failure or (NO_FACE if face is None else "")
        if not reason and not ours.sum():
            reason = f"{description.title} predicted only classes that are left out."
        reasons.append(reason)
        if face is not None and not reason:
            rows.append(row)
            kept.append(ours / ours.sum())
            xyxy.append(face.box)
    has_boxes = not pre_cropped and bool(xyxy) and None not in xyxy
    return EvaluationEntry(
        name=command.name,
        title=description.title,
        kind="package",
        labels=labels,
        row=np.array(rows, np.int64),
        probabilities=np.array(kept, np.float32).reshape(len(rows), len(labels)),
        reasons=np.array(reasons, np.str_),
        faces=PRE_CROPPED if pre_cropped else f"found by {description.title}",
        xyxy=np.array(xyxy, np.float32) if has_boxes else None,
        notes=(
            f"{description.title} was given pre-cropped faces."
            if pre_cropped
            else f"{description.title} was given whole photos.",
            *notes,
            *description.notes,
            *_times(description, start_s, results),
            *_restarts(description, restarts),
        ),
    )


def _our_classes(
    description: PackageDescription,
) -> tuple[tuple[str, ...], NDArray[np.float64], list[str]]:
    """Returns our labels, `(ours, theirs)` zeros and ones that sum classes, and notes."""
    names: dict[str, str] = {}
    for name in description.classes:
        try:
            names[name] = canonical_label(name)
        except ValueError:
            continue
    labels = tuple(label for label in FERPLUS if label in names.values())
    if len(labels) < 2:
        raise PackageError(
            f"{description.title} cannot be compared: it has too few of our classes. Expected at "
            f"least two of {', '.join(FERPLUS)}. Received: {', '.join(description.classes)}"
        )
    to_ours = np.array(
        [[float(names.get(name) == label) for name in description.classes] for label in labels]
    )
    others = [name for name in description.classes if name not in names]
    notes = [
        f"Classes of {description.title} that are left out: {', '.join(others)}. Its other "
        "probabilities are divided by their sum."
    ]
    return labels, to_ours, notes if others else []


def _times(
    description: PackageDescription, start_s: float, results: Sequence[PackageResult]
) -> list[str]:
    times_ms = [result.latency_ms for result in results if not result.failure]
    if not times_ms:
        return []
    return [
        f"{description.title} took {median(times_ms):.0f} ms per photo (median), and {start_s:.0f} "
        "s to start."
    ]


def _restarts(description: PackageDescription, restarts: int) -> list[str]:
    times = {1: "once", 2: "twice"}.get(restarts, f"{restarts} times")
    return [f"{description.title} was started again {times}."] if restarts else []


def _chosen(
    faces: Sequence[PackageFace], labeled: NDArray[np.floating] | None
) -> PackageFace | None:
    boxes = [face.box for face in faces if face.box is not None]
    # Without boxes the first face is meant.
    index = choose_face(boxes, labeled) if len(boxes) == len(faces) else 0
    return None if index is None else faces[index]
