"""Exports to ONNX, each of which starts TensorFlow in a process of its own."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.paths import cache_folder
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.onnx_export import onnx_file, prepare_models

COVERS = (
    "fer_core/zoo/classifier.py",
    "fer_core/zoo/exporter_process.py",
    "fer_core/zoo/onnx_export.py",
)


def random_faces(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(3).standard_normal((count, 48, 48, 1), np.float32)


def replace_weights(models_dir: Path, name: str, content: bytes) -> None:
    """Puts another file in place of model.keras and its checksum into the card."""
    (models_dir / name / "model.keras").write_bytes(content)
    card = json.loads((models_dir / name / "card.json").read_text())
    card["weights"] |= {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    (models_dir / name / "card.json").write_text(json.dumps(card))


@pytest.mark.timeout(900)  # starts TensorFlow, which a busy machine makes long
def test_onnx_runtime_needs_no_tensorflow_and_agrees_with_keras(
    models_dir: Path, tmp_path: Path
) -> None:
    """In processes of their own: TensorFlow stays out of this one."""
    program = """
import sys
import numpy as np
from fer_core.zoo.classifier import load_classifier
classifier = load_classifier("tiny_a", runtime=sys.argv[1])
faces = np.random.default_rng(3).standard_normal((9, 48, 48, 1), np.float32)
light = "tensorflow" not in sys.modules
np.savez(sys.argv[2], probabilities=classifier.predict(faces), light=light)
"""
    results = {}
    for runtime in ("onnx", "keras"):
        path = tmp_path / f"{runtime}.npz"
        subprocess.run([sys.executable, "-c", program, runtime, str(path)], check=True)
        results[runtime] = dict(np.load(path))
    assert results["onnx"]["light"]
    assert not results["keras"]["light"]
    np.testing.assert_allclose(
        results["onnx"]["probabilities"], results["keras"]["probabilities"], atol=1e-5
    )


@pytest.mark.timeout(900)  # starts TensorFlow, which a busy machine makes long
def test_two_exports_at_once_make_one_whole_file(
    models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = load_classifier("tiny_a").predict(random_faces(3))
    monkeypatch.setenv("FER_CACHE_DIR", str(tmp_path))
    reports: list[list[float]] = [[], []]
    with ThreadPoolExecutor(2) as pool:
        paths = list(
            pool.map(
                lambda seen: onnx_file("tiny_a", progress=lambda part, text: seen.append(part)),
                reports,
            )
        )
    assert paths[0] == paths[1]
    assert list(cache_folder("onnx").iterdir()) == [paths[0]]
    np.testing.assert_array_equal(load_classifier("tiny_a").predict(random_faces(3)), expected)
    for parts in reports:
        assert parts == sorted(parts)
        assert len(parts) >= 4
        assert all(0 <= part <= 1 for part in parts)


@pytest.mark.timeout(900)  # starts TensorFlow, which a busy machine makes long
def test_preparing_continues_after_a_model_that_cannot_be_exported(own_models_dir: Path) -> None:
    replace_weights(own_models_dir, "tiny_a", b"no model at all")
    reports: list[float] = []
    (broken,) = prepare_models(progress=lambda part, text: reports.append(part))
    assert broken.name == "tiny_a"
    assert "cannot be exported to ONNX" in broken.message
    assert "Traceback" not in broken.message
    assert reports == sorted(reports)
    assert reports[-1] == 1.0
    assert onnx_file("tiny_b").is_file()
