"""Checks a model's configuration before Keras turns it into objects.

Keras imports and calls what `config.json` names. So every name must be in the list of
`fer_core.zoo.importing.layers`, under its Keras module, and every number must be plausible for a
face network.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Final

from fer_core.errors import ModelRejected, ModelRejectionReason
from fer_core.zoo.importing.layers import (
    ACTIVATIONS,
    CLASSES_BY_MODULE,
    LAYERS,
    MODULES_OF_COMPILING,
)

MAX_PARAMETERS: Final = 100_000_000
"""Largest number of parameters of a model."""

_MAX_INPUT_VALUES: Final = 4 * 1024 * 1024
_MAX_NUMBER: Final = 1_000_000
_MAX_DEPTH: Final = 64
_MAX_VALUES: Final = 500_000
_UNBOUNDED_KEYS: Final = frozenset({"seed", "shared_object_id"})


def check_config(data: bytes) -> bytes:
    """Rejects a `config.json` that names anything not allowed or has implausible values.

    Returns:
        The same configuration without optimizers, losses and metrics of the model and of nested
        models: nothing here trains, so Keras need not create them.

    Raises:
        ModelRejected: it names an object that is not in the list, contains code, has a suspicious
            name or number, or declares more parameters than `MAX_PARAMETERS`.
    """
    try:
        config = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _refusal(f"config.json is not JSON as Keras writes it: {error}") from error
    if not isinstance(config, dict) or "class_name" not in config:
        raise _refusal("config.json describes no model")
    # The compile settings are not loaded, so they may name any optimizer or loss.
    config.pop("compile_config", None)
    parameters = 0
    for count, (key, value, depth) in enumerate(_walk(config), 1):
        if count > _MAX_VALUES or depth > _MAX_DEPTH:
            raise _refusal("config.json is longer or deeper than any model's", "too_large")
        if isinstance(value, dict):
            _check_object(value)
            parameters += _declared_parameters(value)
        else:
            _check_value(key, value)
    if parameters > MAX_PARAMETERS:
        raise _refusal(
            f"It declares {parameters} parameters. Expected at most {MAX_PARAMETERS}", "too_large"
        )
    return json.dumps(config).encode()


def _walk(config: dict[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """Yields every value with its key (list items: the list's key) and depth, parents first."""
    waiting: list[tuple[str, Any, int]] = [("", config, 0)]
    while waiting:
        key, value, depth = waiting.pop()
        yield key, value, depth
        if isinstance(value, dict):
            waiting.extend((name, child, depth + 1) for name, child in value.items())
        elif isinstance(value, list):
            waiting.extend((key, child, depth + 1) for child in value)


def _check_object(value: dict[str, Any]) -> None:
    # Keras would compile a nested model regardless of the `compile` argument for the outer one.
    _check_compiling(value.pop("compile_config", None))
    if "class_name" not in value:
        if "module" in value or "registered_name" in value:
            raise _refusal("It has an object without a class", "object")
        return
    class_name, module = value["class_name"], value.get("module")
    if class_name == "__keras_tensor__":
        return
    if class_name in ("Lambda", "__lambda__"):
        raise _refusal("It has a Lambda layer, which contains code of the file's author", "layer")
    allowed = CLASSES_BY_MODULE.get(module, frozenset()) if isinstance(module, str) else ()
    if not isinstance(class_name, str) or class_name not in allowed:
        name = f"{module}.{class_name}" if module else f"{class_name}"
        raise _refusal(
            f"It names {name[:120]!r}, which is not in the list of layers known to be safe. "
            f"Allowed: {', '.join(sorted(LAYERS))}",
            "layer" if module == "keras.layers" else "object",
        )
    if value.get("registered_name") not in (None, class_name):
        raise _refusal(
            f"{class_name} is registered as {str(value['registered_name'])[:120]!r}: a custom "
            "object needs its author's code",
            "object",
        )


def _check_compiling(compiling: object) -> None:
    """Rejects objects that are not a Keras optimizer, loss or metric, though never loaded."""
    for _, value, depth in _walk({"": compiling}):
        if depth > _MAX_DEPTH:
            raise _refusal("config.json is deeper than any model's", "too_large")
        if not isinstance(value, dict) or not {"class_name", "module"} & set(value):
            continue
        module = value.get("module")
        if not isinstance(module, str) or module not in MODULES_OF_COMPILING:
            name = f"{module}.{value.get('class_name')}"
            raise _refusal(
                f"A nested model was compiled with {name[:120]!r}, which is not "
                "a Keras optimizer, loss or metric",
                "object",
            )


def _check_value(key: str, value: object) -> None:
    if key == "name" and isinstance(value, str) and not _is_plain_name(value):
        raise _refusal(f"It has a layer named {value[:80]!r}, which looks like a path")
    if key.endswith("activation") and isinstance(value, str) and value not in ACTIVATIONS:
        raise _refusal(f"It has an unknown activation {value[:80]!r}", "object")
    if (
        isinstance(value, int)
        and key not in _UNBOUNDED_KEYS
        and not -_MAX_NUMBER <= value <= _MAX_NUMBER
    ):
        raise _refusal(f"Its value of {key!r} exceeds {_MAX_NUMBER}", "too_large")


def _is_plain_name(name: str) -> bool:
    return (
        len(name) <= 200 and name.isprintable() and not {"/", "\\"} & {*name} and ".." not in name
    )


def _declared_parameters(value: dict[str, Any]) -> int:
    """Returns the parameters a layer will allocate, or 0 for one without large weights.

    Keras allocates by these numbers: a layer's settings and `build_config`.

    Raises:
        ModelRejected: an input's or a layer's numbers are missing or not plausible.
    """
    name, settings = value.get("class_name"), value.get("config")
    if value.get("module") != "keras.layers" or not isinstance(settings, dict):
        return 0
    try:
        if name == "InputLayer":
            size = math.prod(side or 1 for side in settings["batch_shape"])
            if size > _MAX_INPUT_VALUES:
                raise _refusal(f"Its input has {size} values", "too_large")
            return 0
        if name == "Dense":
            return _channels(value) * int(settings["units"])
        if name in ("Conv1D", "Conv2D", "Conv2DTranspose"):
            groups = int(settings.get("groups", 1))
            area = math.prod(settings["kernel_size"])
            return area * _channels(value) * int(settings["filters"]) // max(groups, 1)
        if name in ("DepthwiseConv2D", "SeparableConv2D"):
            multiplied = _channels(value) * int(settings["depth_multiplier"])
            area = math.prod(settings["kernel_size"])
            return multiplied * (area + int(settings.get("filters", 0)))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _refusal(f"The numbers of a {name} layer are incomplete: {error!r}") from error
    return 0


def _channels(layer: dict[str, Any]) -> int:
    return int(layer["build_config"]["input_shape"][-1])


def _refusal(problem: str, reason: ModelRejectionReason = "config") -> ModelRejected:
    return ModelRejected(f"The model is not opened. {problem}.", reason=reason)
