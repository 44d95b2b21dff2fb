"""Which package to run: its name, the Python that has it, and the adapter that calls it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fer_core.errors import PackageError
from fer_core.files import shown

ADAPTERS: Final = {
    name: Path(__file__).with_name(f"{name}_adapter.py") for name in ("fer", "deepface")
}
"""The adapters that ship with the project, by name."""

_FORM: Final = "NAME=INTERPRETER or NAME=INTERPRETER:ADAPTER"
# A drive such as C: before a path holds a colon, too.
_OPTION: Final = re.compile(
    r"(?P<name>[\w.-]+)=(?P<interpreter>.+?)(:(?P<adapter>([A-Za-z]:[\\/])?[^:]+\.py|[a-z]+))?"
)


@dataclass(frozen=True)
class PackageCommand:
    """How to run a package.

    Attributes:
        name: of its entry in an evaluation.
        interpreter: the Python that has the package, absolute; links are not resolved, because
            Python finds its virtual environment by them.
        adapter: the script that calls the package and speaks the protocol.
    """

    name: str
    interpreter: Path
    adapter: Path

    @classmethod
    def parse(cls, text: str) -> PackageCommand:
        """Reads `fer=../others/bin/python` or `mine=../others/bin/python:my_adapter.py`.

        Args:
            text: name, interpreter, and optionally an adapter: the path of a script, or the name of
                one in `ADAPTERS`. Without it, the name must be one of these.

        Raises:
            PackageError: the text has another form, or a file is missing.
        """
        if not (parts := _OPTION.fullmatch(text.strip())):
            raise PackageError(
                f"Expected a package as {_FORM}, such as fer=../others/bin/python. "
                f"Received: {shown(text)}"
            )
        name, interpreter = parts["name"], str(Path(parts["interpreter"]).expanduser())
        if not (found := shutil.which(interpreter)):
            raise PackageError(
                f"The interpreter of the package {name} cannot be run. Expected the Python that "
                f"has the package. Received: {shown(interpreter)}"
            )
        wanted = parts["adapter"] or name
        adapter = ADAPTERS.get(wanted, Path(wanted).expanduser())
        if not adapter.is_file():
            raise PackageError(
                f"There is no adapter {shown(wanted)} for the package {name}. Expected the path of "
                f"a script after the interpreter, or one of {', '.join(ADAPTERS)}."
            )
        return cls(name, Path(found).absolute(), adapter.absolute())
