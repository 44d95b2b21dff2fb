"""Another package in a process of its own: asked for the faces of one photo at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field, FiniteFloat, ValidationError

from fer_core.benchmark.packages.line_process import LineProcess
from fer_core.benchmark.packages.package_command import PackageCommand
from fer_core.errors import PackageError
from fer_core.files import shown

TIMEOUT_S: Final = 60.0
"""Default time limit for one photo in seconds."""

START_TIMEOUT_S: Final = 300.0
"""Default time limit for the start in seconds: a package may load or compile a lot."""

FAILURES_IN_A_ROW: Final = 5
"""After this many crashes or timeouts in a row, a package is not started again."""

SUM_TOLERANCE: Final = 0.05
"""How far from 1 probabilities may sum: `fer` rounds each of seven to two decimals."""

_LONGEST_TEXT: Final = 300

_Text = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(shown)]
_Note = Annotated[str, Field(max_length=_LONGEST_TEXT), AfterValidator(shown)]
_Probability = Annotated[FiniteFloat, Field(ge=0)]


class PackageDescription(BaseModel, frozen=True):
    """What a package says about itself when it starts.

    Attributes:
        protocol: version of the protocol.
        name: of the package.
        version: of the package.
        classes: its k classes, in the order of the probabilities.
        notes: sentences for the reader, such as which detector it uses.
    """

    protocol: Literal[1]
    name: _Text
    version: _Text
    classes: Annotated[tuple[_Text, ...], Field(min_length=2, max_length=100)]
    notes: Annotated[tuple[_Note, ...], Field(max_length=10)] = ()

    @property
    def title(self) -> str:
        """Name and version, `"fer 25.10.3"`."""
        return f"{self.name} {self.version}"


class PackageFace(BaseModel, frozen=True):
    """A face that a package found.

    Attributes:
        probabilities: of its k classes.
        box: left, top, right and bottom in pixels of the upright photo; None if unknown.
    """

    probabilities: tuple[_Probability, ...]
    box: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat] | None = None


class _Reply(BaseModel):
    faces: tuple[PackageFace, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class PackageResult:
    """What a package found in one photo.

    Attributes:
        faces: zero or more; their probabilities sum to 1.
        failure: one sentence on why there is no result; `""` if there is one.
        latency_ms: how long the reply took, in milliseconds.
    """

    faces: tuple[PackageFace, ...] = ()
    failure: str = ""
    latency_ms: float = 0.0


class PackageProcess:
    """A running package. After a crash or a timeout it is started again for the next photo.

    Use it in a `with` block, at whose end the process and all that it started are gone.

    Args:
        command: what to run.
        timeout_s: time limit for one photo in seconds.
        start_timeout_s: time limit for the start in seconds.

    Attributes:
        description: what the package says about itself.
        start_s: how long the first start took in seconds.
        restarts: number of starts after the first.

    Raises:
        PackageError: the package cannot be started, or its adapter does not speak the protocol.
    """

    def __init__(
        self,
        command: PackageCommand,
        *,
        timeout_s: float = TIMEOUT_S,
        start_timeout_s: float = START_TIMEOUT_S,
    ) -> None:
        self._command = command
        self._timeout_s, self._start_timeout_s = timeout_s, start_timeout_s
        self._asked = self._failures_in_a_row = self.restarts = 0
        self._last_failure = ""
        self._process: LineProcess | None = None
        started = time.monotonic()
        self.description = self._start()
        self.start_s = time.monotonic() - started

    def __enter__(self) -> PackageProcess:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def faces(self, photo: Path, *, pre_cropped: bool = False) -> PackageResult:
        """Returns the faces of a photo. No failure of the package raises an exception.

        Args:
            photo: an image file.
            pre_cropped: whether the whole photo is one face, so that none has to be found.
        """
        if self._failures_in_a_row >= FAILURES_IN_A_ROW:
            return PackageResult(
                failure=f"Not started again after {FAILURES_IN_A_ROW} failures in a row. "
                f"The last: {self._last_failure}"
            )
        started = time.monotonic()
        try:
            if self._process is None:
                if self._start() != self.description:
                    raise self._failed(f"{self._command.name} describes itself differently now.")
                self.restarts += 1
                started = time.monotonic()
            faces = self._ask(photo, pre_cropped)
        except PackageError as error:
            return PackageResult(failure=str(error))
        return PackageResult(faces, latency_ms=(time.monotonic() - started) * 1000)

    def _start(self) -> PackageDescription:
        command = [str(self._command.interpreter), str(self._command.adapter)]
        name = self._command.name
        try:
            self._process = process = LineProcess(command)
        except OSError as error:
            raise self._failed(f"{name} cannot be started: {error.strerror}.") from error
        try:
            return _checked(PackageDescription, process.receive(self._start_timeout_s))
        except TimeoutError:
            problem = f"it said nothing within {self._start_timeout_s:g} s"
        except EOFError:
            problem = process.last_words()
        except ValueError as error:
            problem = f"its adapter describes it wrongly ({error})"
        raise self._failed(f"{name} cannot be started: {_sentence(problem)}")

    def _ask(self, photo: Path, pre_cropped: bool) -> tuple[PackageFace, ...]:
        assert self._process is not None
        process, name = self._process, self.description.title
        self._asked += 1
        process.send(
            {"id": self._asked, "photo": str(photo.absolute()), "pre_cropped": pre_cropped}
        )
        try:
            reply = _checked(_Reply, self._reply(process))
        except TimeoutError:
            raise self._failed(f"{name} did not reply within {self._timeout_s:g} s.") from None
        except EOFError:
            raise self._failed(f"{name} ended: {_sentence(process.last_words())}") from None
        except ValueError as error:
            raise PackageError(f"{name} gave an invalid reply: {_sentence(str(error))}") from error
        self._failures_in_a_row = 0
        if reply.error:
            raise PackageError(f"{name}: {_sentence(reply.error)}")
        return tuple(self._normalized(face) for face in reply.faces)

    def _reply(self, process: LineProcess) -> dict[str, Any]:
        deadline = time.monotonic() + self._timeout_s
        while True:
            reply = process.receive(deadline - time.monotonic())
            if "id" not in reply:
                raise ValueError("it has no id")
            if reply["id"] == self._asked:  # others belong to an earlier photo
                return reply

    def _normalized(self, face: PackageFace) -> PackageFace:
        name, wanted = self.description.title, len(self.description.classes)
        if len(face.probabilities) != wanted:
            raise PackageError(
                f"{name} gave an invalid reply: expected {wanted} probabilities, received "
                f"{len(face.probabilities)}."
            )
        total = sum(face.probabilities)
        if abs(total - 1) > SUM_TOLERANCE:
            raise PackageError(
                f"{name} gave an invalid reply: the probabilities sum to {total:.3g} instead of 1."
            )
        return face.model_copy(
            update={"probabilities": tuple(value / total for value in face.probabilities)}
        )

    def _failed(self, sentence: str) -> PackageError:
        """Ends the process, counts, and returns what to raise."""
        if self._process is not None:
            self._process.kill()
            self._process = None
        self._failures_in_a_row += 1
        self._last_failure = sentence
        return PackageError(sentence)


_Model = TypeVar("_Model", bound=BaseModel)


def _checked(kind: type[_Model], reply: dict[str, Any]) -> _Model:
    """Returns a reply as an object.

    Raises:
        ValueError: a field is missing or wrong; the message names the first.
    """
    try:
        return kind.model_validate(reply)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}") from error


def _sentence(text: str) -> str:
    """Makes a message of a package fit to be the end of a sentence of ours."""
    line = shown(" ".join(text.split())[:_LONGEST_TEXT])
    return line if line.endswith((".", "!", "?")) else f"{line}."
