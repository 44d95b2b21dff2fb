"""Checks whether a third-party model is safe to open, and describes it.

>>> report = check_model("downloaded.keras")
>>> report.input_shape, report.parameters
((None, 48, 48, 1), 1328167)

A model file can contain code, refer to local files, or unpack into more memory than there is, and
Keras's safe mode has been bypassed more than once. So a file is checked before Keras loads it: the
archive, then every object in its configuration, then its weights. All of this runs in a separate
process with limits on time, memory, network and files.
"""

from fer_core.zoo.importing.archive import MAX_FILE_BYTES
from fer_core.zoo.importing.check import (
    TIMEOUT_S,
    ask_checker,
    bare_environment,
    check_model,
    checked_copy,
)
from fer_core.zoo.importing.config import MAX_PARAMETERS
from fer_core.zoo.importing.description import first_line
from fer_core.zoo.importing.limits import forbid_contact, forbid_writing, limit_growth
from fer_core.zoo.importing.report import ImportReport, OutputKind

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_PARAMETERS",
    "TIMEOUT_S",
    "ImportReport",
    "OutputKind",
    "ask_checker",
    "bare_environment",
    "check_model",
    "checked_copy",
    "first_line",
    "forbid_contact",
    "forbid_writing",
    "limit_growth",
]
