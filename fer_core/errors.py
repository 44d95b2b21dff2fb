"""Every error this project raises on purpose.

    FerError                  catch this to catch them all
    ├── InputRejected         a picture or clip that cannot be used; `.reason` says why in one word
    │   └── ImageArrayError   what was passed as a picture is no RGB array; also a ValueError
    ├── OutputError           a file that cannot be written, or that something else would be lost by
    ├── ModelError            a saved model that is missing, broken or not what its card says
    │   ├── ModelRejected     a model from elsewhere that is not opened; `.reason` says why
    │   └── CacheError        there is no place for what is made once of every model
    ├── ThresholdError        no threshold of a model gives the accuracy that was asked for
    ├── DatasetError          a dataset that is missing, incomplete or torn
    └── WorkStopped           long work that was asked to end and has nothing to give yet

The message is written for the person who will read it: what was expected, what was received, and
what to do about it. Pages and the command line show it as it is.
"""

from __future__ import annotations

from typing import Literal

RejectionReason = Literal[
    "empty",
    "too_large",
    "too_many_pixels",
    "unsupported_type",
    "corrupt",
    "unreadable",
    "no_video",
    "no_frames",
    "too_long",
]

ModelRejectionReason = Literal[
    "unsupported_type",
    "archive",
    "config",
    "layer",
    "object",
    "weights",
    "too_large",
    "limits",
    "failed",
]


class FerError(Exception):
    """Base class of all errors raised on purpose by `fer_core` and `training`."""


class InputRejected(FerError):
    """The given bytes or file cannot be used as a picture or clip.

    Attributes:
        reason: a stable keyword for programs; the message is for people.
    """

    def __init__(self, message: str, *, reason: RejectionReason) -> None:
        super().__init__(message)
        self.reason: RejectionReason = reason


class ImageArrayError(InputRejected, ValueError):
    """What was passed as a picture is not `(height, width, 3)` RGB uint8.

    Args:
        message: what was expected, what was received, and which function helps.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="unsupported_type")


class OutputError(FerError):
    """A file cannot be written, another process is writing it, or something would be lost by it."""


class ModelError(FerError):
    """A saved model is missing, damaged, or does not match its card."""


class ModelRejected(ModelError):
    """A model from elsewhere is not opened.

    Attributes:
        reason: a stable keyword for programs; the message is for people.
    """

    def __init__(self, message: str, *, reason: ModelRejectionReason) -> None:
        super().__init__(message)
        self.reason: ModelRejectionReason = reason


class CacheError(ModelError):
    """The cache folder cannot be written, so no model can be made ready."""


class ThresholdError(FerError):
    """No threshold of a model gives an accuracy, or there are no predictions to choose it on."""


class DatasetError(FerError):
    """A dataset is missing, incomplete, or has a torn or unknown entry."""


class WorkStopped(FerError):
    """Long work ended because it was asked to, and what it has got so far is of no use."""
