from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, helper
from scipy.special import softmax

from fer_core.errors import ModelError, OutputError
from fer_core.explain import load_explainer, occlusion_map
from fer_core.preprocessing import preprocess_batch
from fer_core.zoo import ImportedCard, ModelStore, load_classifier, onnx_file
from fer_core.zoo.onnx_importing import StatedSettings, add_model, check_onnx, read_settings
from tests.onnx_models import onnx_model, sound_models

STATED = StatedSettings(labels=["ferplus"], name="mine", scaling="unit")


def imported(folder: Path, model: ModelProto, stated: StatedSettings = STATED) -> ImportedCard:
    path = folder / "mine.onnx"
    onnx.save(model, path)
    settings = read_settings(check_onnx(path), stated, path.name)
    return add_model(path, path, settings, store=ModelStore(folder / "models"))


def crops(count: int = 3, side: int = 90) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3)).astype(np.uint8)


def direct(model: ModelProto, faces: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the file from elsewhere gives, face by face, as its author would run it."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    taken = session.get_inputs()[0]
    kind = np.float16 if "float16" in taken.type else np.float32
    is_last = taken.shape[3] in (1, 3)
    moved = (faces if is_last else faces.transpose(0, 3, 1, 2)).astype(kind)
    rows = [session.run(None, {taken.name: face[np.newaxis]})[0] for face in moved]
    return np.concatenate(rows).astype(np.float32)


@pytest.mark.parametrize("name", sound_models())
def test_an_imported_model_gives_what_the_file_gives(name: str, tmp_path: Path) -> None:
    model = sound_models()[name]
    card = imported(tmp_path, model)
    classifier = load_classifier("mine", store=ModelStore(tmp_path / "models"))
    faces = preprocess_batch(crops(), card.preprocessing)
    expected = direct(model, faces)
    if card.source.output == "logits":
        expected = softmax(expected, axis=1)
    atol = 1e-3 if name == "half precision" else 1e-6
    np.testing.assert_allclose(classifier.predict(faces), expected, atol=atol)
    np.testing.assert_allclose(classifier.predict_crops(crops()), expected, atol=atol)
    assert classifier.predict(faces[:0]).shape == (0, 8)


def fixed_inside() -> ModelProto:
    """A model that declares any number of faces, but flattens exactly two."""
    model = onnx_model((2, 1, 64, 64))
    flatten = next(node for node in model.graph.node if node.op_type == "Flatten")
    flatten.op_type = "Reshape"
    flatten.input.append("rows")
    model.graph.initializer.append(helper.make_tensor("rows", onnx.TensorProto.INT64, [2], [2, 4]))
    return model


def test_a_fixed_batch_runs_any_number_of_faces(tmp_path: Path) -> None:
    model = fixed_inside()
    card = imported(tmp_path, model)
    classifier = load_classifier("mine", store=ModelStore(tmp_path / "models"))
    faces = preprocess_batch(crops(3), card.preprocessing)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    in_pairs = faces[[0, 1, 2, 2]].transpose(0, 3, 1, 2).reshape(2, 2, 1, 64, 64)
    logits = np.concatenate([session.run(None, {"face": pair})[0] for pair in in_pairs])[:3]
    np.testing.assert_allclose(classifier.predict(faces), softmax(logits, axis=1), atol=1e-6)
    with pytest.raises(ModelError, match="use occlusion instead"):
        load_explainer("mine", store=ModelStore(tmp_path / "models")).explain(faces[0], "sad")
    assert occlusion_map(classifier, faces[0], "sad").map.shape == (64, 64)


def test_it_is_listed_last_and_never_the_default(own_models_dir: Path, tmp_path: Path) -> None:
    store = ModelStore(own_models_dir)
    before = store.list_models()
    path = tmp_path / "mine.onnx"
    onnx.save(onnx_model(), path)
    settings = read_settings(check_onnx(path), STATED, path.name)
    card = add_model(path, path, settings, store=store)
    listing = store.list_models()
    assert listing.cards == before.cards
    assert listing.imported == (card,)
    assert listing.runnable == (*before.cards, card)
    assert listing.default == before.default
    with pytest.raises(ModelError, match="has no scores"):
        store.load_scored_card("mine")
    with pytest.raises(ModelError, match="runs on ONNX Runtime only"):
        load_classifier("mine", store=store, runtime="keras")


def test_a_changed_file_is_not_opened(tmp_path: Path) -> None:
    imported(tmp_path, onnx_model())
    store = ModelStore(tmp_path / "models")
    stored = tmp_path / "models" / "mine" / "model.onnx"
    stored.write_bytes(stored.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="does not match its card"):
        load_classifier("mine", store=store)


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    imported(tmp_path, onnx_model())
    with pytest.raises(OutputError, match="already exists"):
        imported(tmp_path, onnx_model())


@pytest.mark.parametrize("name", ["half precision", "color, channels last"])
def test_grad_cam_finds_the_last_map(name: str, tmp_path: Path) -> None:
    card = imported(tmp_path, sound_models()[name])
    face = preprocess_batch(crops(1), card.preprocessing)[0]
    explanation = load_explainer("mine", store=ModelStore(tmp_path / "models")).explain(face, "sad")
    assert explanation.map.shape == face.shape[:2]


def test_explanations_work_on_it(tmp_path: Path) -> None:
    card = imported(
        tmp_path,
        onnx_model(("n", 3, 64, 64)),
        StatedSettings(labels=["ferplus"], name="mine", scaling="imagenet", color="rgb"),
    )
    store = ModelStore(tmp_path / "models")
    face = preprocess_batch(crops(1), card.preprocessing)[0]
    assert load_explainer("mine", store=store).explain(face, "happy").map.shape == (64, 64)
    classifier = load_classifier("mine", store=store)
    assert occlusion_map(classifier, face, "happy").map.shape == (64, 64)


def test_a_model_of_this_project_imports_as_itself(models_dir: Path, tmp_path: Path) -> None:
    """Its ONNX file is a foreign one like any other, with known right answers."""
    own = load_classifier("tiny_a")
    path = onnx_file("tiny_a")
    stated = StatedSettings(labels=list(own.labels), name="again", scaling="standardize")
    settings = read_settings(check_onnx(path), stated, path.name)
    assert not settings.needs_confirmation
    store = ModelStore(tmp_path / "models")
    add_model(path, path, settings, store=store)
    faces = preprocess_batch(crops(5), own.card.preprocessing)
    np.testing.assert_allclose(
        load_classifier("again", store=store).predict(faces),
        own.predict(faces, calibrated=False),
        atol=1e-6,
    )
