"""The code that Ray runs in its own processes on any machine of a cluster."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from fer_core.batch.sources import Photo, Piece
from fer_core.batch.worker_pool import LostTask, SingleWorker
from fer_core.errors import FerError, InputRejected, ModelError
from fer_core.recognition import PhotoAnalyzerSettings, Row, load_photo_analyzer
from fer_core.zoo import ModelStore

if TYPE_CHECKING:
    import pyarrow as pa

REFUSED: Final = "refused"
"""The failure reason when this machine cannot analyze any photo."""

_ATTEMPTS: Final = 3
"""Attempts at a photo whose process crashes. It may have been killed for another reason, but not
that often."""

_PHOTOS_AT_ONCE: Final = 32


def read_piece(batch: dict[str, Any]) -> Iterator[pa.Table]:
    """Reads the photos of a piece.

    Args:
        batch: with the pickled piece, under `piece`.

    Yields:
        Tables with a row per photo: `index`, `name`, and `data` or else `reason` and `message`.
    """
    import pyarrow as pa

    columns = {name: pa.string() for name in ("name", "reason", "message")}
    schema = pa.schema({"index": pa.int64(), "data": pa.binary(), **columns})
    for pickled in batch["piece"]:
        piece: Piece = pickle.loads(pickled)
        photos = piece()
        while some := list(islice(photos, _PHOTOS_AT_ONCE)):
            yield pa.Table.from_pylist([_encoded(photo) for photo in some], schema)


def _encoded(photo: Photo) -> dict[str, Any]:
    fields = {"index": photo.index, "name": photo.name}
    if isinstance(photo.data, InputRejected):
        return fields | {"reason": photo.data.reason, "message": str(photo.data)}
    return fields | {"data": photo.data}


class AnalyzingActor:
    """Analyzes tables of photos; decoding happens in a process that may crash.

    Args:
        settings: settings of the photo analyzer.
        model_checksum: SHA-256 of the weights to use.
        timeout_s: timeout for one photo.
    """

    def __init__(
        self, settings: PhotoAnalyzerSettings, model_checksum: str, timeout_s: float
    ) -> None:
        setup = _Setup(settings, model_checksum)
        self._worker: SingleWorker[tuple[str, bytes], list[Row]] = SingleWorker(
            setup, timeout_s=timeout_s, attempts=_ATTEMPTS
        )

    def __call__(self, photos: pa.Table) -> Iterator[pa.Table]:
        """Analyzes photos.

        Args:
            photos: tables from `read_piece`.

        Yields:
            Tables with `index` and `result`, the JSON of a list of rows, or of the fields of a
            `LostTask`.
        """
        import pyarrow as pa

        for batch in photos.to_batches(_PHOTOS_AT_ONCE):
            results = [self._result(photo) for photo in batch.to_pylist()]
            yield pa.table({"index": batch["index"], "result": [json.dumps(a) for a in results]})

    def _result(self, photo: dict[str, Any]) -> list[Row] | dict[str, str]:
        if photo["data"] is None:
            return {"reason": photo["reason"], "message": photo["message"]}
        try:
            result = self._worker.do((photo["name"], photo["data"]))
        except FerError as error:
            result = LostTask(REFUSED, str(error))
        return asdict(result) if isinstance(result, LostTask) else result


@dataclass(frozen=True)
class _Setup:
    """Loads the model in the process of an actor."""

    settings: PhotoAnalyzerSettings
    model_checksum: str

    def __call__(self) -> Callable[[tuple[str, bytes]], list[Row]]:
        there = ModelStore.default().load_card(self.settings.model).weights.sha256
        if there != self.model_checksum:
            raise ModelError(
                f"A machine of the cluster has another model {self.settings.model!r}. Expected the "
                f"checksum {self.model_checksum}. Received: {there}"
            )
        photo_analyzer = load_photo_analyzer(self.settings)
        return lambda photo: photo_analyzer.analyze_photo(photo[1], file=photo[0])
