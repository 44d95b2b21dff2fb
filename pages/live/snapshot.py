"""One picture and what was found on it; kept in memory, and only for this session."""

from __future__ import annotations

import streamlit as st

from fer_core.imaging import decode_image
from fer_core.recognition import Analyzer, ImageAnalysis
from fer_core.zoo import ModelCard
from pages.pickers import BY_FINGERPRINT, classifier_of, photo_detector


@st.cache_data(scope="session", max_entries=4, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def analysis_of(
    _data: bytes, checksum: str | None, card: ModelCard, detector: str
) -> ImageAnalysis:
    """Analyzes a photo file; the same file is not analyzed twice in a session.

    Args:
        _data: the whole file.
        checksum: of it, as `photo_checksum` gives it: a file without one is refused.
        card: of the model.
        detector: name of the face detector.

    Raises:
        InputRejected: the bytes are no picture that can be used.
    """
    analyzer = Analyzer(classifier_of(card), photo_detector(detector))
    return analyzer.analyze(decode_image(_data))
