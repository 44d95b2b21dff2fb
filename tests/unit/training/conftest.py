"""Fixtures for the real datasets, if a developer has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder in FER_DATA_DIR, or data/, with fer2013/, ferplus/ and ckplus/ in it."""
    return Path(os.environ.get("FER_DATA_DIR") or PROJECT / "data")


@pytest.fixture(scope="session")
def real_fer2013(real_data: Path) -> Path:
    if not any((real_data / "fer2013").glob("fer2013.csv*")):
        pytest.skip("needs FER2013 as fer2013/fer2013.csv* in FER_DATA_DIR or data/")
    return real_data / "fer2013"


@pytest.fixture(scope="session")
def real_ferplus(real_data: Path) -> Path:
    if not (real_data / "ferplus" / "fer2013new.csv").is_file():
        pytest.skip("needs FER+ as ferplus/fer2013new.csv and so on in FER_DATA_DIR or data/")
    return real_data / "ferplus"


@pytest.fixture(scope="session")
def real_ckplus(real_data: Path) -> Path:
    if not (real_data / "ckplus" / "CK+48").is_dir():
        pytest.skip("needs CK+ as ckplus/CK+48/<emotion>/ in FER_DATA_DIR or data/")
    return real_data / "ckplus" / "CK+48"
