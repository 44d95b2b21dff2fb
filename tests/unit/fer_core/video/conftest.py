import pytest

from fer_core.recognition.analyzer import Analyzer
from tests.squares import square_analyzer


@pytest.fixture
def analyzer() -> Analyzer:
    return square_analyzer()
