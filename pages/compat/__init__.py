"""All uses of private APIs of other libraries; the only place for them.

All but one are Streamlit's, so its version is pinned to one minor release; streamlit-webrtc's too.
For each: what it uses, why, the upstream discussion, and when it can be removed.

`streamlit_runs` uses `AppSession._create_scriptrunner`, `AppSession._scriptrunner`,
`AppSession._handle_scriptrunner_event_on_event_loop` and `ScriptRunner._execing`, because
Streamlit drops unsent messages of a run when the next one starts immediately. A similar issue is
https://github.com/streamlit/streamlit/issues/9188, which is closed. It can be removed when
`tests/app/test_streamlit_runs.py` says so.

`streamlit_expiry` uses `MemorySessionStorage.save` and `_cache`, `AppSession.shutdown` and
`session_state`, because the session of a closed tab stays in memory until the next tab is closed:
https://github.com/streamlit/streamlit/issues/12506, which is closed. It can be removed when
`tests/app/test_streamlit_expiry.py` says so.

`streamlit_session` uses `get_script_run_ctx` for the session's id and

- the context's `uploaded_file_mgr`, because no public API deletes an uploaded file:
  https://github.com/streamlit/streamlit/issues/3553;
- `clear_session_data_cache` and `clear_session_resource_cache`, because the public `clear` clears
  a cache for all visitors: https://github.com/streamlit/streamlit/pull/13482 added them.

`streamlit_links` uses `QueryParams._initial_query_params`, `get_binding_for_param`,
`parse_url_param`, the session state's metadata of widgets and the context's
`is_history_navigation`, because a page cannot find out that a value of its link was not accepted:
since https://github.com/streamlit/streamlit/pull/13922 such values are dropped. It can be removed
when Streamlit reports them.

`browser_history` relies on Streamlit adding entries to the browser's history with
`history.pushState`, several for one click. A similar issue is
https://github.com/streamlit/streamlit/issues/9878, which is closed. It can be removed when
`tests/browser/test_history.py` passes without it.

`webrtc_modules` uses a file name in streamlit-webrtc's frontend, and `camera_check.js` the title
of its frame, because it connects more than once if that file loads slowly. No issue is known.
They can be removed when the test
`test_start_before_the_frame_has_loaded_makes_one_connection` passes without them.
"""

from pages.compat.browser_history import keep_history_by_view
from pages.compat.streamlit_links import (
    LinkedWidget,
    linked_widgets,
    opens_a_link,
    replace_in_link,
    values_of_link,
)
from pages.compat.streamlit_session import forget_session_data, forget_uploads
from pages.compat.webrtc_modules import modules_to_load_first

__all__ = [
    "LinkedWidget",
    "forget_session_data",
    "forget_uploads",
    "keep_history_by_view",
    "linked_widgets",
    "modules_to_load_first",
    "opens_a_link",
    "replace_in_link",
    "values_of_link",
]
