"""Checks of image arguments, with advice in the error messages."""

from __future__ import annotations

from os import PathLike
from typing import cast

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ImageArrayError

_EXPECTED = "Expected a uint8 RGB image of shape (height, width, 3) with at least one pixel."
_FROM_FILE = "Read a file with read_image(path), or decode its bytes with decode_image(data)."


def check_image(image: object) -> NDArray[np.uint8]:
    """Returns an image unchanged after checking it.

    Args:
        image: should be `(height, width, 3)` RGB uint8.

    Raises:
        ImageArrayError: it is something else; the message names the function to use.
    """
    if not isinstance(image, np.ndarray):
        advice = _FROM_FILE
        if type(image).__module__.startswith("PIL."):
            advice = 'Convert a PIL image with numpy.asarray(image.convert("RGB")).'
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
    if image.dtype.kind == "f":
        return (
            f"Convert values from 0 to 1 with (255 * image).round().astype('uint8'). {_FROM_FILE}"
        )
    if image.dtype != np.uint8:
        return f"Scale the values to 0 to 255 and convert them with astype('uint8'). {_FROM_FILE}"
    if image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 1):
        return "Convert a gray image with numpy.dstack([image] * 3)."
    if image.ndim == 3 and image.shape[2] == 4:
        return f"Drop the alpha channel: image[..., :3]. {_FROM_FILE}"
    if image.ndim == 3 and image.shape[0] == 3:
        return "Move the channels last: image.transpose(1, 2, 0)."
    if image.ndim == 4:
        return "Pass one image at a time."
    return _FROM_FILE


def check_bytes(data: object) -> None:
    """Checks that the argument of `decode_image` is the content of a file.

    Raises:
        ImageArrayError: it is something else, such as a file name.
    """
    if isinstance(data, (bytes, bytearray, memoryview)):
        return
    advice = "For a file path use read_image(path)."
    if isinstance(data, np.ndarray):
        advice = "An array is already decoded: pass it to analyze_image."
    elif hasattr(data, "read"):
        advice = "For an open file, pass the result of its read()."
    raise ImageArrayError(
        f"decode_image takes the bytes of a picture file. Received: {_kind(data)}. {advice}"
    )


def check_path(path: object) -> None:
    """Checks that the argument of `read_image` is a file path.

    Raises:
        ImageArrayError: it is something else, such as the content of a file.
    """
    if isinstance(path, (str, PathLike)):
        return
    advice = ""
    if isinstance(path, (bytes, bytearray, memoryview)):
        advice = " For the content of a file use decode_image(data)."
    elif isinstance(path, np.ndarray):
        advice = " An array is already decoded: pass it to analyze_image."
    raise ImageArrayError(
        f"read_image takes the path of a picture file. Received: {_kind(path)}.{advice}"
    )
