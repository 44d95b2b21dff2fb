"""One picture and what was found on it; kept in memory, and only for this session."""

from __future__ import annotations

import streamlit as st

from fer_core.imaging.decoding import decode_image
from fer_core.recognition import Analyzer, ImageAnalysis
from fer_core.zoo import ModelCard
from pages.pickers import classifier_of, photo_detector


def analysis_of(data: bytes, checksum: str | None, card: ModelCard, detector: str) -> ImageAnalysis:
    """Analyzes a photo file; the same file is not analyzed twice in a session.

    Args:
        data: the whole file.
        checksum: of it, as `photo_checksum` gives it: a file without one is refused.
        card: of the model.
        detector: name of the face detector.

    Raises:
        InputRejected: the bytes are no picture that can be used.
    """
    return _analysis(checksum, card.name, card.fingerprint, detector, data, card)


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _analysis(
    photo: str | None, model: str, fingerprint: str, detector: str, _data: bytes, _card: ModelCard
) -> ImageAnalysis:
    analyzer = Analyzer(classifier_of(_card), photo_detector(detector))
    return analyzer.analyze(decode_image(_data))
