"""Decodes untrusted bytes to an RGB array, or rejects them with a reason.

All images pass through `decode_image`. The first bytes determine the format
(`fer_core.files.file_kinds`); `limits` contains the checks before decoding, `tiff` checks TIFF
files, and `isolation` decodes AVIF and HEIC in a separate process. `make fuzz` tests thousands of
hostile files and measures time and memory.
"""

from fer_core.imaging.decode import decode_image, encode_png, read_image, read_image_bytes
from fer_core.imaging.image_arrays import check_bytes, check_image, check_path
from fer_core.imaging.limits import (
    MAX_BYTES,
    MAX_PIXELS,
    check_scan_counts,
    too_expensive_to_decode,
)

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "check_bytes",
    "check_image",
    "check_path",
    "check_scan_counts",
    "decode_image",
    "encode_png",
    "read_image",
    "read_image_bytes",
    "too_expensive_to_decode",
]
