"""Checks whether a third-party model is safe to open, and describes it.

>>> report = check_model("downloaded.keras")
>>> report.input_shape, report.parameters
((None, 48, 48, 1), 1328167)

A model file can contain code, refer to local files, or unpack into more memory than there is, and
Keras's safe mode has been bypassed more than once. So a file is checked before Keras loads it: the
archive, then every object in its configuration, then its weights. All of this runs in a separate
process with limits on time, memory, network and files.
"""

from fer_core.zoo.importing.check import check_model
from fer_core.zoo.importing.report import NEEDED_FOR_A_CARD, ImportReport

__all__ = [
    "NEEDED_FOR_A_CARD",
    "ImportReport",
    "check_model",
]
