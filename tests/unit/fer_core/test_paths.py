from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from fer_core.paths import cache_folder


def test_variable_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_CACHE_DIR", str(tmp_path / "here"))
    assert cache_folder("onnx") == tmp_path / "here" / "onnx"
    assert cache_folder("onnx").is_dir()


def test_default_is_the_system_s_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_CACHE_DIR")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    assert cache_folder("onnx") == tmp_path / "fer-explorer" / "onnx"
