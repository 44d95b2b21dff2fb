"""The errors of a file with a strict schema, such as a model card, in words."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def list_defects(error: ValidationError, whole: str) -> str:
    """Returns one indented line per defect: field, what was expected, what was received.

    Args:
        error: of `model_validate_json`.
        whole: what the file is, e.g. `"the whole card"`.
    """
    return "\n".join(f"  {_describe(detail, whole)}" for detail in error.errors())


def _describe(detail: ErrorDetails, whole: str) -> str:
    field = ".".join(str(part) for part in detail["loc"]) or whole
    if detail["type"] == "missing":
        return f"{field}: this field is missing"
    if detail["type"] == "extra_forbidden":
        return f"{field}: unknown field; remove it or correct its name"
    if detail["type"] == "json_invalid":
        return f"not JSON: {detail['ctx']['error']}"
    message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    if isinstance(detail["input"], dict):
        return f"{field}: {message}"
    received = repr(detail["input"])
    shortened = received if len(received) <= 80 else f"{received[:77]}..."
    return f"{field}: {message}. Received: {shortened}"
