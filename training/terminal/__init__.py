"""Output of the commands, and the option `--final`, which permits scoring the test split."""

from training.terminal.console import console, print_error, print_notes, run
from training.terminal.final_flag import TEST_SET_LOG, FinalOption, print_log_entry, require_final

__all__ = [
    "TEST_SET_LOG",
    "FinalOption",
    "console",
    "print_error",
    "print_log_entry",
    "print_notes",
    "require_final",
    "run",
]
