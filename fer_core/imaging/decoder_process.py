"""The process that decodes one AVIF, HEIC or TIFF image, and may be killed.

It is started by path and imports only Pillow, so that it starts in 0.06 s: importing this project
would take several times as long. It reads the file from standard input and writes to standard
output: a line of JSON, then the pixels in Pillow's layout.

    python -P decoder_process.py '{"kind": "AVIF", "max_pixels": 50000000, ...}' < file
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any, BinaryIO

_MODES = ("L", "RGB", "RGBA", "I;16", "I;16B", "F")


def main() -> None:
    """Responds with `mode`, `width`, `height` and `orientation`, or with `rejected`."""
    _limit("RLIMIT_CORE", 0)  # a core dump would contain the image
    order = json.loads(sys.argv[1])
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    data = sys.stdin.buffer.read()
    open_picture = _opener(order["kind"])  # before the limits: loading a library maps files
    _limit("RLIMIT_AS", order["memory_bytes"])
    _limit("RLIMIT_CPU", order["cpu_s"])
    _limit("RLIMIT_FSIZE", 0)
    try:
        _decode(open_picture(data), order["max_pixels"], output)
    except MemoryError:
        _respond(output, {"rejected": "memory"})
    except Exception as error:  # decoders fail in many ways on damaged bytes
        text = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        _respond(output, {"rejected": "corrupt", "message": text})


def _opener(kind: str) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the caller's limit is stricter
    if kind == "AVIF":
        from PIL import AvifImagePlugin

        # One thread: each needs address space, and there may be too many processors for the limit.
        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
        return lambda data: AvifImagePlugin.AvifImageFile(io.BytesIO(data))
    if kind == "HEIC":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.options.THUMBNAILS = False
        pillow_heif.options.DEPTH_IMAGES = False
        pillow_heif.options.AUX_IMAGES = False
        return lambda data: pillow_heif.HeifImageFile(io.BytesIO(data))
    from PIL import TiffImagePlugin

    return lambda data: TiffImagePlugin.TiffImageFile(io.BytesIO(data))


def _decode(image: Any, max_pixels: int, output: BinaryIO) -> None:
    if image.width * image.height > max_pixels:
        size = f"{image.width} x {image.height} pixels"
        return _respond(output, {"rejected": "too_many_pixels", "message": size})
    image.load()
    orientation = image.getexif().get(0x0112)  # a TIFF is upright already
    pixels = image
    if image.mode not in _MODES:
        pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
    facts = {"mode": pixels.mode, "width": pixels.width, "height": pixels.height}
    _respond(output, facts | {"orientation": orientation if type(orientation) is int else 1})
    output.write(pixels.tobytes())
    output.flush()
    return None


def _respond(output: BinaryIO, fields: dict[str, Any]) -> None:
    output.write(json.dumps(fields).encode() + b"\n")
    output.flush()


def _limit(name: str, value: int) -> None:
    try:
        import resource

        resource.setrlimit(getattr(resource, name), (value, value))
    except (ImportError, AttributeError, ValueError, OSError):
        return  # Windows has no limits, and a stricter one may be set already


if __name__ == "__main__":
    main()
