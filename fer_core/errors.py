"""Every error this project raises on purpose.

    FerError                  catch this to catch them all
    ├── InputRejected         an image or video that cannot be used; `.reason` is a keyword
    │   └── ImageArrayError   an argument that is not an RGB array; also a ValueError
    ├── OutputError           a file that cannot be written, or not without losing data
    ├── ModelError            a saved model that is missing, damaged, or does not match its card
    │   ├── ModelRejected     an untrusted model that is not loaded; `.reason` is a keyword
    │   └── CacheError        the cache folder cannot be written
    ├── EvaluationError           a saved evaluation that is missing or damaged
    ├── PredictionsRejected       predictions or labels from elsewhere that cannot be used
    │   └── ClassesNotConfirmed   their classes need a confirmation; `.read_as` says which they are
    ├── ThresholdError        no threshold of a model reaches the requested accuracy
    ├── PriorError            class shares that are unknown, or cannot be estimated
    ├── DatasetError          a dataset that is missing, incomplete or damaged
    ├── PackageError          another package that cannot be run or gives invalid replies
    └── WorkStopped           a job that was canceled without a partial result

The message is written for the user: what was expected, what was received, and what to do. Pages and
the command line show it unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    "graph",
    "operator",
    "weights",
    "too_large",
    "limits",
    "failed",
]


class FerError(Exception):
    """Base class of all errors raised on purpose by `fer_core` and `training`."""


class InputRejected(FerError):
    """The given bytes or file cannot be used as an image or video.

    Attributes:
        reason: a stable keyword for programs; the message is for people.
    """

    def __init__(self, message: str, *, reason: RejectionReason) -> None:
        super().__init__(message)
        self.reason: RejectionReason = reason


class ImageArrayError(InputRejected, ValueError):
    """An argument that should be an image is not `(height, width, 3)` RGB uint8.

    Args:
        message: what was expected, what was received, and which function helps.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="unsupported_type")


class OutputError(FerError):
    """A file cannot be written, another process is writing it, or data would be lost."""


class ModelError(FerError):
    """A saved model is missing, damaged, or does not match its card."""


class ModelRejected(ModelError):
    """An untrusted model is not loaded.

    Attributes:
        reason: a stable keyword for programs; the message is for people.
    """

    def __init__(self, message: str, *, reason: ModelRejectionReason) -> None:
        super().__init__(message)
        self.reason: ModelRejectionReason = reason


class CacheError(ModelError):
    """The cache folder cannot be written, so no model can be prepared."""


class EvaluationError(FerError):
    """A saved evaluation is missing, damaged, or has no valid name."""


class PredictionsRejected(FerError):
    """A file of predictions or labels cannot be used; the message names the line and the reason."""


class ClassesNotConfirmed(PredictionsRejected):
    """The classes of a file are not named exactly as here, or seem to be in another order.

    Attributes:
        read_as: the class that each name in the file is read as.
        seems: the class that a column seems to hold instead, by its name.
    """

    def __init__(
        self, message: str, *, read_as: Mapping[str, str], seems: Mapping[str, str]
    ) -> None:
        super().__init__(message)
        self.read_as: Mapping[str, str] = read_as
        self.seems: Mapping[str, str] = seems


class ThresholdError(FerError):
    """No threshold of a model reaches an accuracy, or it has no predictions to choose one on."""


class PriorError(FerError):
    """The class shares in training are unknown, or those of other faces cannot be estimated."""


class DatasetError(FerError):
    """A dataset is missing, incomplete, or has a damaged or unknown entry."""


class PackageError(FerError):
    """Another package cannot be run, or does not keep to the protocol of its adapter."""


class JobCanceled(FerError):
    """A job was canceled, and there is no usable partial result."""
