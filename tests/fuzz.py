"""Decodes thousands of hostile pictures and clips in limited processes: `make fuzz`.

Every input must end in a picture, in frames or in `InputRejected`, within 5 seconds of processor
time and 1 GiB of memory. With FER_FUZZ_CORPUS, the files of that folder and all below it are
decoded too. Linux only: it reads the largest memory from /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.logging

from fer_core.errors import InputRejected
from fer_core.files.file_kinds import VIDEO_KINDS, kind_of_suffix
from fer_core.imaging import decode_image
from fer_core.video.reader import VideoReader
from tests.hostile_images import HostileFile, hostile_images
from tests.hostile_videos import hostile_videos

MAX_SECONDS = 5.0
MAX_MEMORY_MB = 1024
_SHORT_STEP = 12
_SHORT_STEP_ISOLATED = 60
_ISOLATED = (
    "avif",
    "heic",
    "tiff_16",
    "tiff_alpha",
    "tiff_jpeg",
    "tiff_pages",
)  # each starts a process, so fewer of them are tried
_SHORT_WORDS = ("EXIF", "says", "polyglot", "endless scans", "endless headers")
_WALL_SECONDS = 1800.0


@dataclass(frozen=True)
class Outcome:
    """The outcome of one input.

    Attributes:
        name: name of the input.
        end: `picture` or `frames`, a rejection's reason, or a failure, in capitals.
        seconds: processor time.
        memory_mb: peak memory of the process.
    """

    name: str
    end: str
    seconds: float
    memory_mb: float

    @property
    def failed(self) -> bool:
        """Neither decoded nor rejected, or not within the limits."""
        late, large = self.seconds > MAX_SECONDS, self.memory_mb > MAX_MEMORY_MB
        return self.end.isupper() or late or large


def inputs(*, short: bool) -> list[HostileFile]:
    """Returns the inputs; the short form has every twelfth and all small crafted ones."""
    cases = [*hostile_images(), *hostile_videos()]
    if short:
        return [
            case
            for index, case in enumerate(cases)
            if index % (_SHORT_STEP_ISOLATED if case.name.startswith(_ISOLATED) else _SHORT_STEP)
            == 0
            or any(word in case.name for word in _SHORT_WORDS)
        ]
    corpus = os.environ.get("FER_FUZZ_CORPUS")
    files = sorted(path for path in Path(corpus).rglob("*") if path.is_file()) if corpus else []
    return cases + [
        HostileFile(str(file), file.read_bytes, kind_of_suffix(file.suffix) in VIDEO_KINDS)
        for file in files
    ]


def run(*, short: bool) -> list[Outcome]:
    """Decodes all inputs; a crashed process is reported and the next one continues after it."""
    names = [case.name for case in inputs(short=short)]
    outcomes: list[Outcome] = []
    while len(outcomes) < len(names):
        lines, end = _work_from(len(outcomes), short=short)
        outcomes += [Outcome(**json.loads(line)) for line in lines]
        if len(outcomes) < len(names):
            outcomes.append(Outcome(names[len(outcomes)], end, 0.0, 0.0))
    return outcomes


def _work_from(start: int, *, short: bool) -> tuple[list[str], str]:
    command = [sys.executable, "-m", "tests.fuzz", "--worker", str(start)]
    if short:
        command.append("--short")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            printed = process.communicate(timeout=_WALL_SECONDS)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            printed = process.communicate()[0]
    end = "OUT OF TIME" if process.returncode == -signal.SIGPROF else f"DIED: {process.returncode}"
    return printed.splitlines(), end


def _worker(start: int, *, short: bool) -> None:
    warnings.simplefilter("ignore")
    av.logging.set_level(av.logging.PANIC)
    decode_image(
        b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
    )  # loads decoders
    addresses = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = addresses + 3 * 2**30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for case in inputs(short=short)[start:]:
        data = case.build()
        signal.setitimer(signal.ITIMER_PROF, 2 * MAX_SECONDS)
        outcome = _decode(case, data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(outcome), flush=True)


def _decode(case: HostileFile, data: bytes) -> dict[str, Any]:
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak memory
    start, children = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        if case.is_video:
            _decode_video(data)
        else:
            decode_image(data)
        end = "frames" if case.is_video else "picture"
    except InputRejected as error:
        # FFmpeg's own MemoryError has another type: it rejects a size before allocating it.
        end = "OUT OF MEMORY" if type(error.__cause__) is MemoryError else error.reason
    except BaseException as error:
        end = f"{type(error).__name__}: {error}".upper()
    seconds = time.process_time() - start
    # Decoding in a child process counts too; only the peak of its memory is known.
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds += ended.ru_utime + ended.ru_stime - children.ru_utime - children.ru_stime
    theirs = ended.ru_maxrss if ended.ru_maxrss > children.ru_maxrss else 0
    status = Path("/proc/self/status").read_text().splitlines()
    ours = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    memory = max(ours, theirs)
    return {"name": case.name, "end": end, "seconds": seconds, "memory_mb": memory / 1024}


def _decode_video(data: bytes) -> None:
    with VideoReader(data, with_audio=True, max_duration_s=600.0) as clip:
        for frame in clip.frames():
            frame.image()
            list(clip.audio_packets())
        clip.counts()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker is not None:
        _worker(arguments.worker, short=arguments.short)
        return
    outcomes = run(short=arguments.short)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    largest = max(outcomes, key=lambda outcome: outcome.memory_mb)
    print(f"{len(outcomes)} inputs")
    for end, count in Counter(outcome.end for outcome in outcomes).most_common():
        print(f"  {count:6} {end}")
    print(f"worst time: {slowest.seconds:.2f} s ({slowest.name})")
    print(f"worst memory: {largest.memory_mb:.0f} MB ({largest.name})")
    failures = [outcome for outcome in outcomes if outcome.failed]
    for failure in failures:
        print(f"FAILED {failure}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
