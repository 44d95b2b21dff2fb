"""A package in its own process: whatever it does, each photo gets faces or one sentence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_core.benchmark.packages import KEPT_VARIABLES, PackageCommand, PackageProcess
from fer_core.benchmark.packages.line_process import READER
from fer_core.benchmark.packages.package_process import FAILURES_IN_A_ROW
from fer_core.errors import PackageError
from tests.unit.fer_core.benchmark.packages.fake_package import CLASSES, fake_package


@pytest.fixture
def package(tmp_path: Path) -> Iterator[PackageProcess]:
    with PackageProcess(fake_package(tmp_path)) as process:
        yield process
    assert not any(thread.name == READER for thread in threading.enumerate())


def photo(kind: str) -> Path:
    return Path("/photos") / f"{kind}.jpg"


def test_a_package_says_what_it_is(package: PackageProcess) -> None:
    assert package.description.title == "fake 1.2"
    assert package.description.classes == CLASSES
    assert package.start_s > 0


def test_faces_have_boxes_and_probabilities(package: PackageProcess) -> None:
    (face,) = package.faces(photo("happy")).faces
    assert face.box == pytest.approx((10, 10, 50, 50))
    assert face.probabilities == (0.6, 0.2, 0.2)


def test_a_photo_without_a_face_is_no_failure(package: PackageProcess) -> None:
    result = package.faces(photo("nobody"))
    assert result.faces == ()
    assert result.failure == ""


def test_an_adapter_gets_a_path_and_whether_it_is_one_face(package: PackageProcess) -> None:
    failure = package.faces(Path("request.jpg"), pre_cropped=True).failure
    request = json.loads(failure.removeprefix("fake 1.2: ").removesuffix("."))
    assert request == {"id": 1, "photo": str(Path.cwd() / "request.jpg"), "pre_cropped": True}


def test_a_name_that_is_not_utf_8_reaches_the_package(package: PackageProcess) -> None:
    assert package.faces(Path("/photos/\udcff/happy.jpg")).faces


def test_noise_breaks_nothing(package: PackageProcess) -> None:
    for kind in ("noise", "happy", "noise"):
        assert package.faces(photo(kind)).faces[0].probabilities == (0.6, 0.2, 0.2)
    assert package.restarts == 0


def test_late_and_repeated_replies_are_not_taken_for_the_next_photo(
    package: PackageProcess,
) -> None:
    assert package.faces(photo("twice")).faces[0].probabilities == (0.6, 0.2, 0.2)
    assert package.faces(photo("sad")).faces[0].probabilities == (0.1, 0.9, 0.0)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("error", "fake 1.2: no such file."),
        ("json", "fake 1.2 gave an invalid reply: The reply is not JSON."),
        ("list", "fake 1.2 gave an invalid reply: The reply is not an object in JSON."),
        ("anonymous", "fake 1.2 gave an invalid reply: it has no id."),
        ("two", "fake 1.2 gave an invalid reply: expected 3 probabilities, received 2."),
        ("sum", "fake 1.2 gave an invalid reply: the probabilities sum to 0.8 instead of 1."),
        ("nan", "faces.0.probabilities.0: Input should be a finite number"),
        ("negative", "faces.0.probabilities.0: Input should be greater than or equal to 0"),
        ("box", "faces.0.box: Input should be a valid tuple"),
    ],
)
def test_a_bad_reply_is_one_sentence(package: PackageProcess, kind: str, sentence: str) -> None:
    result = package.faces(photo(kind))
    assert sentence in result.failure
    assert result.faces == ()
    assert package.faces(photo("happy")).faces
    assert package.restarts == 0


def test_rounded_probabilities_are_made_to_sum_to_1(package: PackageProcess) -> None:
    (face,) = package.faces(photo("rounded")).faces
    assert sum(face.probabilities) == pytest.approx(1)
    assert face.probabilities[0] == pytest.approx(0.66 / 1.03)


def test_a_crash_costs_one_photo(package: PackageProcess) -> None:
    assert package.faces(photo("crash")).failure == "fake 1.2 ended: the last words."
    assert package.faces(photo("happy")).faces
    assert package.restarts == 1


def test_a_killed_package_names_the_signal(package: PackageProcess) -> None:
    assert package.faces(photo("killed")).failure == "fake 1.2 ended: killed by signal 9."


def test_a_package_that_hangs_is_stopped_and_costs_one_photo(tmp_path: Path) -> None:
    with PackageProcess(fake_package(tmp_path), timeout_s=2) as package:
        assert package.faces(photo("hang")).failure == "fake 1.2 did not reply within 2 s."
        assert package.faces(photo("happy")).faces
        assert package.restarts == 1


def test_a_package_that_always_crashes_is_not_started_forever(package: PackageProcess) -> None:
    for _ in range(FAILURES_IN_A_ROW):
        assert "the last words" in package.faces(photo("crash")).failure
    failure = package.faces(photo("happy")).failure
    assert failure == (
        "Not started again after 5 failures in a row. The last: fake 1.2 ended: the last words."
    )
    assert package.restarts == FAILURES_IN_A_ROW - 1


def test_one_success_between_crashes_is_enough(package: PackageProcess) -> None:
    for _ in range(FAILURES_IN_A_ROW):
        package.faces(photo("crash"))
        assert package.faces(photo("happy")).faces
        package.faces(photo("crash"))


def test_a_package_that_changes_its_classes_is_not_used(tmp_path: Path) -> None:
    command = fake_package(tmp_path)
    with PackageProcess(command) as package:
        package.faces(photo("crash"))
        fake_package(tmp_path, classes=("Sadness", "happiness", "bored"))
        assert package.faces(photo("happy")).failure == "fake describes itself differently now."


def test_no_secret_of_the_environment_is_inherited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PYTHONPATH", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "secret")
    with PackageProcess(fake_package(tmp_path)) as package:
        failure = package.faces(photo("secret")).failure
    names = set(failure.removeprefix("fake 1.2: ").removesuffix(".").split(","))
    assert "PATH" in names
    assert names <= {*KEPT_VARIABLES, "PYTHONIOENCODING"}


def test_processes_that_a_package_started_end_with_it(tmp_path: Path) -> None:
    start = (
        'subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])\n'
        'reply(protocol=1, name="fake", version="1.2", classes=["happy", "sad", "fear"])'
    )
    with PackageProcess(fake_package(tmp_path, start)) as package:
        assert package.faces(photo("happy")).faces
    # The other process would keep the pipes open, from which these threads read.
    assert not any(thread.name == READER for thread in threading.enumerate())


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (
            "import no_such_package",
            "fake cannot be started: ModuleNotFoundError: No module named 'no_such_package'.",
        ),
        ("sys.exit(0)", "fake cannot be started: no message."),
        ("print('@reply hello', flush=True)", "describes it wrongly (The reply is not JSON.)"),
        ("reply(protocol=2)", "describes it wrongly (protocol: Input should be 1)"),
        ("reply(protocol=1, name='fake')", "describes it wrongly (version: Field required)"),
        (
            "reply(protocol=1, name='fake', version='1', classes='happy')",
            "describes it wrongly (classes: Input should be a valid tuple)",
        ),
        (
            "reply(protocol=1, name='fake', version='1', classes=['happy'])",
            "describes it wrongly (classes: Tuple should have at least 2 items",
        ),
    ],
)
def test_a_package_that_cannot_be_started_is_an_error(
    tmp_path: Path, start: str, sentence: str
) -> None:
    with pytest.raises(PackageError) as raised:
        PackageProcess(fake_package(tmp_path, start))
    assert sentence in str(raised.value)
    assert not any(thread.name == READER for thread in threading.enumerate())


def test_a_package_that_never_is_ready_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"cannot be started: it said nothing within 0\.1 s\."):
        PackageProcess(fake_package(tmp_path, "time.sleep(600)"), start_timeout_s=0.1)


def test_an_interpreter_that_is_no_program_is_an_error(tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text("no program")
    interpreter.chmod(0o700)
    with pytest.raises(PackageError, match="fake cannot be started"):
        PackageProcess(PackageCommand("fake", interpreter, tmp_path / "adapter.py"))
