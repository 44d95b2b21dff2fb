"""Runs a batch on a Ray cluster: on this machine, or on many.

Ray Data sends pieces of the source to tasks that read them, and the photos to actors. An actor
keeps one process with a loaded model and sends it one photo at a time, so a photo that crashes the
decoding process does not harm the actor. Ray repeats lost work (of a worker, an actor, a machine);
here each photo gives one result.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fer_core.batch.ray_workers import REFUSED, AnalyzingActor, read_piece
from fer_core.batch.sources import Piece, Source
from fer_core.batch.worker_pool import LostTask
from fer_core.errors import FerError, ModelError
from fer_core.machine import available_processors
from fer_core.recognition import PhotoAnalyzerSettings, Row

_PHOTOS_PER_PIECE: Final = 256
"""At most this many photos are analyzed again when an actor is lost."""

_PHOTOS_PER_WAVE: Final = 2**20
"""Ray Data holds the pieces of one wave in memory, and starts new actors for the next."""

_CPUS_TO_READ: Final = 0.25
_CONNECT_TIMEOUT_S: Final = 10.0
_BLOCK_BYTES: Final = 32_000_000

PhotoRows = tuple[int, list[Row] | LostTask]


@dataclass(frozen=True)
class RayEngine:
    """A cluster to analyze photos on.

    Attributes:
        address: of a running cluster, as for `ray.init`; None starts one on this machine and stops
            it after the run.
        workers: maximum number of actors; None uses one per processor, but reserves some processors
            of a running cluster for reading.
        timeout_s: timeout for one photo.
    """

    address: str | None
    workers: int | None
    timeout_s: float

    def score(
        self,
        source: Source,
        names: Sequence[str],
        wanted: Sequence[int],
        settings: PhotoAnalyzerSettings,
        model_checksum: str,
    ) -> Iterator[PhotoRows]:
        """Analyzes photos.

        Args:
            source: the source of the photos.
            names: names of all photos, as listed by the source.
            wanted: indices of the photos to analyze, in order.
            settings: settings of the photo analyzer.
            model_checksum: SHA-256 of the weights that every machine must have.

        Yields:
            The index of each photo with its rows, or with the reason for a failure, in order of
            completion.

        Raises:
            FerError: Ray is not installed, the cluster does not exist or fails, or it cannot load
                the model.
        """
        if not wanted:
            return
        ray = import_ray()
        workers = _connect(ray, self.address, self.workers)
        try:
            for start in range(0, len(wanted), _PHOTOS_PER_WAVE):
                wave = wanted[start : start + _PHOTOS_PER_WAVE]
                left = set(wave)
                size = min(_PHOTOS_PER_PIECE, max(1, len(wave) // (4 * workers)))
                pieces = list(source.pieces(names, wave, size))
                photo_analyzer = (settings, model_checksum, self.timeout_s)
                for index, result in _results(ray, pieces, workers, photo_analyzer):
                    if index in left:
                        left.remove(index)
                        yield index, result
                if left:
                    raise FerError(f"Ray lost {len(left)} photos. Continue with --resume.")
        except ray.exceptions.RayError as error:
            raise FerError(f"Ray failed. Continue with --resume. {error}") from error
        finally:
            ray.shutdown()


def import_ray() -> Any:
    """Imports Ray.

    Raises:
        FerError: Ray is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # disable Ray's usage statistics
    try:
        import ray.data
    except ImportError as error:
        raise FerError(
            "Ray is not installed. Install it in this project's folder: pip install '.[ray]'"
        ) from error
    return ray


def _connect(ray: Any, address: str | None, workers: int | None) -> int:
    """Starts or joins a cluster, and returns the number of actors."""
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    if address is None:
        workers = workers or available_processors()
        # Ray only counts processors, so it may be given more than exist. Without one left for
        # reading, actors would wait for photos forever.
        ray.init("local", num_cpus=max(4, workers + 2), include_dashboard=False, **quiet)
    else:
        host, _, port = address.removeprefix("ray://").rpartition(":")
        try:
            if port.isdigit():  # Ray itself retries for minutes
                socket.create_connection((host, int(port)), _CONNECT_TIMEOUT_S).close()
            ray.init(address=address, **quiet)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise FerError(f"There is no Ray cluster at {address}. {error}") from error
        processors = int(ray.cluster_resources().get("CPU", 1))
        if processors < 2:
            raise FerError(f"A Ray cluster needs at least two processors. Received: {processors}")
        spare = max(1, processors // 8)
        workers = min(workers or processors, processors - spare)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = _BLOCK_BYTES
    return workers


def _results(
    ray: Any,
    pieces: Sequence[Piece],
    workers: int,
    photo_analyzer: tuple[PhotoAnalyzerSettings, str, float],
) -> Iterator[PhotoRows]:
    items = [{"piece": pickle.dumps(piece)} for piece in pieces]
    results = (
        ray.data.from_items(items, override_num_blocks=len(items))
        .map_batches(read_piece, batch_size=1, num_cpus=_CPUS_TO_READ)
        .map_batches(
            AnalyzingActor,
            fn_constructor_args=photo_analyzer,
            batch_size=None,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers, initial_size=workers),
            num_cpus=1,
        )
    )
    for table in results.iter_batches(batch_size=None, batch_format="pyarrow"):
        for index, text in zip(
            *(table[name].to_pylist() for name in ("index", "result")), strict=True
        ):
            result = json.loads(text)
            if isinstance(result, list):
                yield index, result
            elif result["reason"] == REFUSED:
                raise ModelError(result["message"])
            else:
                yield index, LostTask(**result)
