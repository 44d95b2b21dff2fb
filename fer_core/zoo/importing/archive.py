"""The `.keras` archive: exactly three members, with the expected names and plausible sizes."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

from fer_core.errors import ModelRejected

MAX_FILE_BYTES: Final = 256 * 2**20
"""Largest accepted model file, in bytes."""

_MAX_MEMBER_BYTES: Final = {
    "config.json": 8 * 2**20,
    "metadata.json": 64 * 2**10,
    "model.weights.h5": 512 * 2**20,
}
_MAX_EXPANSION: Final = 100
_PLAIN_FLAGS: Final = 0x0006 | 0x0008 | 0x0800  # compression level, sizes after the data, UTF-8
_ZIP: Final = b"PK\x03\x04"

_CONVERT: Final = (
    "Open it where it was created, or in a container without network or your files, and save it "
    'with model.save("model.keras"), or export it to ONNX (docs/import-model.md).'
)
_FOREIGN: Final = (
    (b"\x89HDF\r\n\x1a\n", "a Keras model in the old HDF5 format, which Keras loads unchecked"),
    (b"\x80", "a pickle, which can run any command when it is opened"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x1f\x8b", "a gzip archive; if it is a TensorFlow SavedModel, it can contain any operation"),
)
_FOREIGN_SUFFIXES: Final = {
    ".pb": "a TensorFlow SavedModel or graph, which can contain any operation",
    ".onnx": "an ONNX model, which holds a graph instead of Keras layers",
    ".tflite": "a TensorFlow Lite model",
    ".pt": "a PyTorch file, which is a pickle inside",
    ".pth": "a PyTorch file, which is a pickle inside",
    ".pkl": "a pickle, which can run any command when it is opened",
    ".h5": "a Keras model in the old HDF5 format, which Keras loads unchecked",
    ".hdf5": "a Keras model in the old HDF5 format, which Keras loads unchecked",
}


@dataclass(frozen=True)
class Archive:
    """The unpacked contents of a `.keras` file.

    Attributes:
        config: `config.json`.
        metadata: `metadata.json`.
        weights: `model.weights.h5`.
    """

    config: bytes
    metadata: bytes
    weights: bytes

    def pack(self) -> bytes:
        """Returns the contents as a `.keras` file."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("metadata.json", self.metadata)
            archive.writestr("config.json", self.config)
            archive.writestr("model.weights.h5", self.weights)
        return stream.getvalue()


def read_archive(data: bytes, *, suffix: str = ".keras") -> Archive:
    """Unpacks a `.keras` file in memory.

    Args:
        data: the whole file.
        suffix: of the file's name, to identify other formats.

    Raises:
        ModelRejected: it is another format, or its members are not the three that Keras writes.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ModelRejected(
            f"The model is too large. Expected at most {MAX_FILE_BYTES // 2**20} MB.",
            reason="too_large",
        )
    if not data.startswith(_ZIP):
        raise _foreign(data, suffix)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_names([member.filename for member in members])
            for member in members:
                _check_member(member)
            unpacked = {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise ModelRejected(
            f"The archive is damaged. Download the file again. ({error})", reason="archive"
        ) from error
    return Archive(unpacked["config.json"], unpacked["metadata.json"], unpacked["model.weights.h5"])


def foreign_format(suffix: str) -> str | None:
    """Returns a description of another file format, by suffix; None if unknown."""
    return _FOREIGN_SUFFIXES.get(suffix.lower())


def conversion_advice(kind: str) -> ModelRejected:
    """Returns the rejection of a format that cannot be checked, with advice on conversion."""
    return ModelRejected(
        f"Expected a .keras or .onnx file. Received: {kind}. {_CONVERT}", reason="unsupported_type"
    )


def _foreign(data: bytes, suffix: str) -> ModelRejected:
    kind = next((kind for magic, kind in _FOREIGN if data.startswith(magic)), None)
    return conversion_advice(kind or foreign_format(suffix) or "not a .keras archive")


def _check_names(names: list[str]) -> None:
    if sorted(names) != sorted(_MAX_MEMBER_BYTES):
        listed = ", ".join(repr(name[:60]) for name in names[:5])
        raise ModelRejected(
            f"Expected an archive of exactly {', '.join(_MAX_MEMBER_BYTES)}. "
            f"Received {len(names)} members: {listed}.",
            reason="archive",
        )


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        problem = "is not a regular file"
    elif member.flag_bits & ~_PLAIN_FLAGS:
        problem = "is encrypted or has flags that Keras does not set"
    elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        problem = "has a compression method that Keras does not use"
    elif member.file_size > _MAX_MEMBER_BYTES[name]:
        problem = f"unpacks to {member.file_size} bytes; expected at most {_MAX_MEMBER_BYTES[name]}"
    elif member.file_size > _MAX_EXPANSION * max(member.compress_size, 1):
        problem = (
            f"unpacks to {member.file_size} bytes from {member.compress_size}, "
            f"more than {_MAX_EXPANSION} times as many"
        )
    else:
        return
    raise ModelRejected(f"The archive's member {name} {problem}.", reason="archive")
