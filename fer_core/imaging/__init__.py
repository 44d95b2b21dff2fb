"""Untrusted bytes to an RGB array, or a rejection that says why.

Everything the project looks at passes through `decode_image`. What a file is, its first bytes say
(`fer_core.files.file_kinds`); `limits` holds what is checked before a pixel is decoded, `tiff`
judges what a TIFF holds, and `isolation` decodes AVIF and HEIC in a process of its own. `make fuzz`
tries some thousand hostile files and measures time and memory.
"""

from fer_core.imaging.decode import decode_image, encode_png, read_image, read_image_bytes
from fer_core.imaging.image_arrays import check_bytes, check_image, check_path
from fer_core.imaging.limits import MAX_BYTES, MAX_PIXELS, check_scan_counts, too_laborious

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
    "too_laborious",
]
