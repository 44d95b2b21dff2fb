"""Every use of a private part of another library, and the only place for one.

All but one are Streamlit's, so its lock stays on one minor release; streamlit-webrtc's does too.

`streamlit_runs` uses `AppSession._create_scriptrunner`, `AppSession._scriptrunner`,
`AppSession._handle_scriptrunner_event_on_event_loop` and `ScriptRunner._execing`, because a run
that follows another at once loses what the first has not yet sent. It may go when
`tests/app/test_streamlit_runs.py` says so.

`streamlit_links` uses `QueryParams._initial_query_params`, `get_binding_for_param`,
`parse_url_param`, the session state's metadata of widgets and the context's
`is_history_navigation`, because nothing tells a page that a value of its link was not taken. It may
go when Streamlit does.

`browser_history` knows that Streamlit adds entries to the browser's history with
`history.pushState`, several for one click. It may go when `tests/browser/test_history.py` passes
without.

`streamlit_session` uses `runtime.get_instance`, `get_script_run_ctx`, the context's
`uploaded_file_mgr`, `clear_session_data_cache` and `clear_session_resource_cache`, because no
public way clears a session or says whether it is still open. It may go when Streamlit offers one.

`webrtc_modules` knows a file name in streamlit-webrtc's frontend, and `camera_check.js` the title
of its frame, because it connects more than once where that file loads slowly. They may go when the
test `test_start_before_the_frame_has_loaded_makes_one_connection` passes without.

`.streamlit/config.toml` sets `runner.postScriptGC`, an option without documentation, because
collecting garbage after each run delays its last messages: see `pages/components/garbage.py`.
"""
