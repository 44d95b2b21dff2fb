"""The environment of a run: versions, backend, processor, code."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import keras

from fer_core.machine import available_processors
from fer_core.paths import PROJECT
from training.run_directory.layout import ENVIRONMENT_FILE

_PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "opencv-python-headless")


def write_environment(run_dir: Path) -> None:
    """Writes `environment.json`: library versions, backend, hardware and code commit."""
    (run_dir / ENVIRONMENT_FILE).write_text(json.dumps(describe_environment(), indent=2) + "\n")


def describe_environment() -> dict[str, Any]:
    """The same as a dictionary, without packages that are not installed."""
    return {
        "python": platform.python_version(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "backend": keras.backend.backend(),
        "hardware": ", ".join([*_accelerators(), _processor(), f"{available_processors()} cores"]),
        "code_commit": _commit(),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _accelerators() -> list[str]:
    if keras.backend.backend() == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform != "cpu"]
    if keras.backend.backend() == "torch":
        import torch

        return [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    details = tf.config.experimental.get_device_details
    return [details(one).get("device_name", one.name) for one in devices]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    """The commit of this code, with `-dirty` appended for uncommitted changes, or `unknown`.

    For a copy of the code without its Git history, set FER_CODE_COMMIT.
    """
    if told := os.environ.get("FER_CODE_COMMIT"):
        return told
    result = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or "unknown"
