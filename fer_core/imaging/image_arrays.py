"""What may be passed as a picture, and what is said of anything else."""

from __future__ import annotations

from os import PathLike
from typing import cast

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ImageArrayError

_EXPECTED = "Expected a uint8 RGB image of shape (height, width, 3) with at least one pixel."
_FROM_FILE = "Files become one with read_image(path), and the bytes of one with decode_image(data)."


def check_image(image: object) -> NDArray[np.uint8]:
    """Returns a picture as it is.

    Args:
        image: should be `(height, width, 3)` RGB uint8.

    Raises:
        ImageArrayError: it is something else; the message says which function helps.
    """
    if not isinstance(image, np.ndarray):
        advice = _FROM_FILE
        if type(image).__module__.startswith("PIL."):
            advice = 'A PIL image becomes one with numpy.asarray(image.convert("RGB")).'
        raise ImageArrayError(f"{_EXPECTED} Received: {_kind(image)}. {advice}")
    if image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and image.size:
        return cast("NDArray[np.uint8]", image)
    raise ImageArrayError(
        f"{_EXPECTED} Received: shape={image.shape}, dtype={image.dtype}. {_advice(image)}"
    )


def _kind(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _advice(image: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    if not image.size:
        return _FROM_FILE
    if image.dtype != np.uint8:
        return (
            "Values from 0 to 1 become whole numbers with (255 * image).round().astype('uint8'). "
            f"{_FROM_FILE}"
        )
    if image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 1):
        return "A gray image becomes RGB with numpy.dstack([image] * 3)."
    if image.ndim == 3 and image.shape[2] == 4:
        return f"Leave the fourth channel out: image[..., :3]. {_FROM_FILE}"
    if image.ndim == 4:
        return "Pass one image at a time."
    return _FROM_FILE


def check_bytes(data: object) -> None:
    """Checks that what is to be decoded is the content of a file.

    Raises:
        ImageArrayError: it is something else, such as the name of a file.
    """
    if isinstance(data, (bytes, bytearray, memoryview)):
        return
    advice = "For the path of a file use read_image(path)."
    if isinstance(data, np.ndarray):
        advice = "An array is decoded already: pass it to analyze_image."
    elif hasattr(data, "read"):
        advice = "Of an open file pass what its read() returns."
    raise ImageArrayError(
        f"decode_image takes the bytes of a picture file. Received: {_kind(data)}. {advice}"
    )


def check_path(path: object) -> None:
    """Checks that what is to be read is the path of a file.

    Raises:
        ImageArrayError: it is something else, such as the content of a file.
    """
    if isinstance(path, (str, PathLike)):
        return
    advice = ""
    if isinstance(path, (bytes, bytearray, memoryview)):
        advice = " For the bytes of a file use decode_image(data)."
    elif isinstance(path, np.ndarray):
        advice = " An array needs no reading: pass it to analyze_image."
    raise ImageArrayError(
        f"read_image takes the path of a picture file. Received: {_kind(path)}.{advice}"
    )
