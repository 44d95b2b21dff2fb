from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.errors import ModelRejected
from fer_core.zoo.importing.checker_process import judge
from fer_core.zoo.store import ModelStore
from tests.conftest import PROJECT
from tests.hostile_models import SECRET, hostile_models

NAMES = tuple(hostile_models((PROJECT / "models/mobilenet/model.keras").read_bytes(), Path("c")))


@pytest.fixture(scope="module")
def sound() -> bytes:
    return ModelStore(PROJECT / "models").verified_weights("mobilenet").read_bytes()


@pytest.mark.parametrize("path", sorted((PROJECT / "models").glob("*/model.keras")))
def test_the_saved_models_pass(path: Path) -> None:
    judge(path.read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_model_is_refused_without_any_effect(
    name: str, sound: bytes, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    (tmp_path / "secret").write_bytes(SECRET)
    reason, build = hostile_models(sound, canary)[name]
    data = build()
    with pytest.raises(ModelRejected) as caught:
        judge(data)
    assert caught.value.reason == reason
    message = str(caught.value)
    assert message.endswith((".", ")"))
    assert SECRET.decode() not in message
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
