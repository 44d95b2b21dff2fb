"""Analysis of one picture; cached in memory, for this session only."""

from __future__ import annotations

import streamlit as st

from fer_core.imaging import decode_image
from fer_core.recognition import Analyzer, ImageAnalysis
from fer_core.zoo import RunnableCard
from pages.pickers import BY_FINGERPRINT, classifier_of, photo_detector


@st.cache_data(scope="session", max_entries=4, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def analysis_of(
    _data: bytes, checksum: str | None, card: RunnableCard, detector: str
) -> ImageAnalysis:
    """Analyzes a photo file; cached for the session.

    Args:
        _data: the whole file.
        checksum: of the file, from `photo_checksum`; a file without one is rejected.
        card: of the model.
        detector: name of the face detector.

    Raises:
        InputRejected: the file is not a valid picture.
    """
    analyzer = Analyzer(classifier_of(card), photo_detector(detector))
    return analyzer.analyze(decode_image(_data))
