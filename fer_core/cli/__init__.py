"""The command line, one file per command."""

from fer_core.cli.error_lines import errors_as_lines
from fer_core.cli.options import OverwriteOption, within

__all__ = [
    "OverwriteOption",
    "errors_as_lines",
    "within",
]
