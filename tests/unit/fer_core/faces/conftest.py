import os
from pathlib import Path

import pytest

from fer_core.faces import YuNetDetector


@pytest.fixture
def yunet() -> YuNetDetector:
    """YuNet, if its file is available; tests download nothing."""
    if not os.environ.get("FER_YUNET_MODEL"):
        pytest.skip("YuNet's file is not at hand: name it in FER_YUNET_MODEL")
    return YuNetDetector()


@pytest.fixture
def no_yunet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_YUNET_MODEL", str(tmp_path / "missing.onnx"))
