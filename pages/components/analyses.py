"""Photos of this session and what was found on them; kept in memory, and only for this session."""

from __future__ import annotations

import streamlit as st

from fer_core.analysis import Analyzer, ImageAnalysis
from fer_core.cards import ModelCard
from fer_core.images import decode_image
from pages.components.detectors import photo_detector
from pages.components.models import classifier_of


def analysis_of(data: bytes, card: ModelCard, detector: str) -> ImageAnalysis:
    """Analyzes a photo file; the same file is not analyzed twice in a session.

    Raises:
        InputRejected: the bytes are no picture that can be used.
    """
    return _analysis(data, card.name, card.fingerprint, detector, card)


@st.cache_data(scope="session", max_entries=64, show_spinner=False)
def _analysis(
    data: bytes, model: str, fingerprint: str, detector: str, _card: ModelCard
) -> ImageAnalysis:
    analyzer = Analyzer(classifier_of(_card), photo_detector(detector))
    return analyzer.analyze(decode_image(data))
