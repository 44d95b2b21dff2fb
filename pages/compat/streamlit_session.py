"""Data that Streamlit keeps for a session besides its state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from streamlit.runtime.caching import clear_session_data_cache, clear_session_resource_cache
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx


def forget_uploads(file_ids: Iterable[str]) -> None:
    """Deletes uploaded files, which Streamlit keeps until the session ends."""
    context = get_script_run_ctx()
    if context is None:
        return
    files = cast(MemoryUploadedFileManager, context.uploaded_file_mgr)
    for file_id in file_ids:
        files.remove_file(context.session_id, file_id)


def forget_session_data() -> None:
    """Deletes this session's uploaded files and its session-scoped caches.

    Streamlit keeps an uploaded file until the session ends, even after its page was left.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    files = cast(MemoryUploadedFileManager, context.uploaded_file_mgr)
    files.remove_session_files(context.session_id)
    clear_session_data_cache(context.session_id)
    clear_session_resource_cache(context.session_id)
