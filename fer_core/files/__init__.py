"""Files on disk: supported formats, file names as text, atomic writes, locks, arrays."""

from fer_core.files.array_cache import cached_arrays
from fer_core.files.atomic import atomic_write, atomic_write_text, check_writable
from fer_core.files.atomic_directory import atomic_directory
from fer_core.files.csv_text import write_csv
from fer_core.files.file_kinds import (
    AVIF,
    BMP,
    HEAD_BYTES,
    HEIC,
    JPEG,
    RAW,
    TIFF,
    VIDEO_KINDS,
    WEBP,
    FileKind,
    kind_of_suffix,
    listed,
    readable_photos,
    sniff,
    upload_types,
)
from fer_core.files.listing import Listing, Skipped, Sorter, head_of, list_folder, reason_to_skip
from fer_core.files.locks import exclusive_output, exclusive_outputs, file_lock
from fer_core.files.names import readable_name, shown, spreadsheet_safe
from fer_core.files.npz import read_npz
from fer_core.files.output_files import check_outputs, unwritable, writing

__all__ = [
    "AVIF",
    "BMP",
    "HEAD_BYTES",
    "HEIC",
    "JPEG",
    "RAW",
    "TIFF",
    "VIDEO_KINDS",
    "WEBP",
    "FileKind",
    "Listing",
    "Skipped",
    "Sorter",
    "atomic_directory",
    "atomic_write",
    "atomic_write_text",
    "cached_arrays",
    "check_outputs",
    "check_writable",
    "exclusive_output",
    "exclusive_outputs",
    "file_lock",
    "head_of",
    "kind_of_suffix",
    "list_folder",
    "listed",
    "read_npz",
    "readable_name",
    "readable_photos",
    "reason_to_skip",
    "shown",
    "sniff",
    "spreadsheet_safe",
    "unwritable",
    "upload_types",
    "write_csv",
    "writing",
]
