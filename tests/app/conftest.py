"""The whole app in this process, without a browser."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.elements.lib import policies
from streamlit.testing.v1 import AppTest

from fer_core.paths import cache_folder
from fer_core.zoo.artifacts import write_predictions
from fer_core.zoo.store import ModelStore
from pages.session import jobs
from tests.tiny_dataset import publish, tiny_dataset, write_fer2013_csv

APP = Path(__file__).resolve().parents[2] / "pages" / "navigation.py"
TIMEOUT_S = 120


@pytest.fixture(scope="session", autouse=True)
def packages_scanned_once() -> Iterator[None]:
    """Else each `AppTest` reads the metadata of every package here, most of the time it takes."""
    manifests = manifest_scanner.scan_component_manifests()
    with mock.patch.object(manifest_scanner, "scan_component_manifests", return_value=manifests):
        yield


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppTest]:
    """The app before its first run, without dataset, local runs and YuNet: Haar finds faces."""
    monkeypatch.setenv("FER_YUNET_MODEL", str(tmp_path / "no_such_file.onnx"))
    monkeypatch.setenv("FER_DATA_DIR", str(tmp_path / "no_such_folder"))
    monkeypatch.setenv("FER_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setattr(jobs, "QUICK_S", TIMEOUT_S / 2)  # a few photos are quick on any machine
    shutil.rmtree(cache_folder("latency"))  # nothing was measured here yet
    st.cache_data.clear()
    st.cache_resource.clear()
    # streamlit-webrtc asks the running server for its session, which a test has none of.
    with mock.patch("streamlit_webrtc.component.get_this_session_info", return_value=None):
        yield AppTest.from_file(str(APP), default_timeout=TIMEOUT_S)


@pytest.fixture
def models_with_faces(own_models_dir: Path, app: AppTest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny models with predictions for a tiny dataset, which is there too."""
    faces_per_class = {"train": 3, "valid": 6, "test": 6}
    for name in ("tiny_a", "tiny_b"):
        splits = ModelStore.default().load_predictions(name)
        first_rows = {"fer2013_public_test": 21, "fer2013_private_test": 63}
        renumbered = [
            replace(split, row_id=np.arange(first_rows[split.split], first_rows[split.split] + 42))
            for split in splits.values()
        ]
        write_predictions(own_models_dir / name / "predictions.npz", renumbered)
    publish(monkeypatch, own_models_dir, tiny_dataset(faces_per_class))
    write_fer2013_csv(own_models_dir, tiny_dataset(faces_per_class))
    monkeypatch.setenv("FER_DATA_DIR", str(own_models_dir))
    return own_models_dir


@pytest.fixture(autouse=True)
def no_widget_has_two_values(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test in which a widget has both a default and a value from the session's state."""
    warnings: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: warnings.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(policies.__name__)
    logger.addHandler(handler)
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)  # else once a process
    yield
    logger.removeHandler(handler)
    assert warnings == []
