from __future__ import annotations

import onnx
import pytest

from fer_core.errors import ModelRejected
from fer_core.zoo.onnx_importing.graph import judge
from fer_core.zoo.onnx_importing.operators import OPERATORS
from tests.onnx_models import hostile_models, onnx_model, sound_models

HOSTILE = hostile_models()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_rejected_with_one_sentence(name: str) -> None:
    data, expected = HOSTILE[name]
    with pytest.raises(ModelRejected) as caught:
        judge(data)
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize("name", sound_models())
def test_sound_models_pass(name: str) -> None:
    model = sound_models()[name]
    assert judge(model.SerializeToString()).graph == model.graph


def test_what_was_not_checked_is_not_opened() -> None:
    model = onnx_model()
    entry = model.metadata_props.add()
    entry.key, entry.value = "ort_config", "{}"
    unknown_field = b"\xfa\x3f\x03abc"
    opened = judge(model.SerializeToString() + unknown_field).SerializeToString()
    assert opened == onnx_model().SerializeToString()


def test_the_list_has_only_operators_of_the_standard_that_hold_no_graphs() -> None:
    for name in OPERATORS:
        schema = onnx.defs.get_schema(name)
        types = {attribute.type for attribute in schema.attributes.values()}
        assert onnx.defs.OpSchema.AttrType.GRAPH not in types
