"""Is a model from elsewhere safe to open, and what is it?

>>> report = check_model("downloaded.keras")
>>> report.input_shape, report.parameters
((None, 48, 48, 1), 1328167)

A model file can carry code, name files of this machine, or unpack into more memory than there is,
and Keras's own safe mode has been passed by more than once. So a file is judged here before Keras
sees it: the archive, then every object that its configuration names, then its weights. All of it
happens in a process of its own with limits on time, memory, network and files.
"""

from fer_core.zoo.importing.check import check_model
from fer_core.zoo.importing.report import NEEDED_FOR_A_CARD, ImportReport

__all__ = [
    "NEEDED_FOR_A_CARD",
    "ImportReport",
    "check_model",
]
