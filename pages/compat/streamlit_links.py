"""The values in a link, and the values that the page's widgets show.

Streamlit removes a value that a widget does not accept from the address and shows the default,
without reporting it. So both are read from Streamlit's internal state.
"""

from __future__ import annotations

from dataclasses import dataclass

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.query_params import parse_url_param


@dataclass(frozen=True)
class LinkedWidget:
    """A widget with a value in the link.

    Attributes:
        shown: its values, as in a link; several for a multiselect.
        numbers: the same values, if they are numbers.
        refused: values in the link that it does not show.
    """

    shown: tuple[str, ...]
    numbers: tuple[float, ...]
    refused: tuple[str, ...]


def opens_a_link() -> bool:
    """Returns whether the browser navigated back or forward, so that this run uses the link."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def values_of_link() -> dict[str, list[str]]:
    """Returns the values in the link that opened the page, by key."""
    context = get_script_run_ctx()
    if context is None:
        return {}
    with context.session_state.query_params() as query:
        return {name: list(values) for name, values in query._initial_query_params.items()}


def replace_in_link(key: str, values: list[str]) -> None:
    """Replaces the values in the link of a widget that is about to be drawn.

    Args:
        key: of the widget.
        values: as in a link.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    with context.session_state.query_params() as query:
        query._initial_query_params[key] = values
        query.set_corrected_value(key, values, "string_array_value")


def linked_widgets(asked: dict[str, list[str]]) -> dict[str, LinkedWidget]:
    """Returns the page's widgets with a value in the link, by key.

    Args:
        asked: see `values_of_link`.
    """
    context = get_script_run_ctx()
    if context is None:
        return {}
    state = context.session_state._state
    found = {}
    for key, values in asked.items():
        binding = state.query_params.get_binding_for_param(key)
        if binding is None or binding.widget_id not in state:
            continue
        metadata = state.get_widget_metadata(binding.widget_id)
        if metadata is None:
            continue
        serialized = metadata.serializer(state[binding.widget_id])
        several = serialized if isinstance(serialized, list) else [serialized]
        refused = [value for value in values if _parsed(value, binding.value_type) not in several]
        shown = tuple(_text(value) for value in several if value is not None)
        numbers = tuple(value for value in several if isinstance(value, float))
        found[key] = LinkedWidget(shown, numbers, tuple(refused))
    return found


def _parsed(value: str, value_type: str) -> object:
    try:
        parsed = parse_url_param(value, value_type)
    except ValueError:
        return None
    return parsed[0] if isinstance(parsed, list) and parsed else parsed


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
