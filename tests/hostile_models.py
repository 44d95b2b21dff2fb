"""Model files that try to run code, read or write files, or exhaust the machine.

Each is a valid `.keras` file with one change, based on a published advisory about Keras if one is
named. The canary is a path that a successful attack would create or read.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import pickle
import stat
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Config = dict[str, Any]
SECRET = b"what nobody but this machine may know"


Hostile = dict[str, tuple[str, Callable[[], bytes]]]


def hostile_models(sound: bytes, canary: Path) -> Hostile:
    """Returns, for each attack, the expected rejection reason and a function that makes the file.

    Args:
        sound: a valid `.keras` file.
        canary: a path that must not be created; next to it is `secret`, which must not be read.
    """
    return {
        **{
            name: (reason, partial(_with_config, sound, change))
            for name, (reason, change) in _configs(canary).items()
        },
        **{
            name: (reason, partial(_with_weights, sound, make))
            for name, (reason, make) in _weights(canary).items()
        },
        **_archives(sound, canary),
    }


def _configs(canary: Path) -> dict[str, tuple[str, Callable[[Config], None]]]:
    command = f"__import__('os').system('touch {canary}')"
    code = base64.b64encode(marshal.dumps(compile(command, "layer", "eval"))).decode()
    lambda_value = {"class_name": "__lambda__", "config": {"value": [code, None, None]}}

    def layer(name: str, settings: Config, *, module: str = "keras.layers") -> Config:
        return {
            "module": module,
            "class_name": name,
            "config": {"name": "hostile", **settings},
            "registered_name": None,
            "name": "hostile",
            "inbound_nodes": [],
        }

    def function(module: str, name: str, registered: str | None = None) -> Config:
        return {
            "module": module,
            "class_name": "function",
            "config": name,
            "registered_name": registered or name,
        }

    def adding(*layers: Config) -> Callable[[Config], None]:
        return lambda config: config["config"]["layers"].extend(layers)

    def setting(path: str, value: object) -> Callable[[Config], None]:
        def change(config: Config) -> None:
            *parents, last = path.split(".")
            found = next(
                layer for layer in config["config"]["layers"] if layer["class_name"] == parents[0]
            )
            for key in parents[1:]:
                found = found[key]
            found[last] = value

        return change

    def nested(config: Config) -> None:
        inner = json.loads(json.dumps(config))
        inner["compile_config"] = {"loss": function("os", "system")}
        config["config"]["layers"].append(inner)

    def deep(config: Config) -> None:
        config["config"]["more"] = json.loads("[" * 500 + "]" * 500)

    code_layer = layer("Lambda", {"function": lambda_value})
    wrapped = layer("Sequential", {"layers": [code_layer]}, module="keras")
    get_file = function("keras.utils", "get_file")
    fetch = {"fname": canary.name, "origin": f"file://{canary.parent}/a.tar", "extract": True}
    call = {"args": ["/etc/hostname"], "kwargs": fetch}
    return {
        "Lambda with code (CVE-2024-3660)": ("layer", adding(code_layer)),
        "Lambda inside a model, safe mode unset (CVE-2026-12481)": ("layer", adding(wrapped)),
        "code as an activation": ("layer", setting("Dense.config.activation", lambda_value)),
        "any function of any module (CVE-2025-1550)": (
            "layer",
            adding(layer("Lambda", {"function": function("subprocess", "run")})),
        ),
        "a function of os as activation": (
            "object",
            setting("Dense.config.activation", function("os", "system")),
        ),
        "a download by Keras's own function (CVE-2025-8747)": (
            "object",
            setting("Dense.config.activation", get_file),
        ),
        "unpacking a tar outside its folder (CVE-2025-12060)": (
            "object",
            adding({**get_file, "inbound_nodes": [call]}),
        ),
        "switching the safe mode off (CVE-2025-9906)": (
            "object",
            adding(function("keras.config", "enable_unsafe_deserialization")),
        ),
        "a vocabulary that is a file (CVE-2025-12058)": (
            "layer",
            adding(layer("StringLookup", {"vocabulary": str(canary.parent / "secret")})),
        ),
        "a SavedModel from outside (CVE-2026-1462)": (
            "layer",
            adding(layer("TFSMLayer", {"filepath": str(canary.parent)})),
        ),
        "a PyTorch module, pickled": (
            "layer",
            adding(layer("TorchModuleWrapper", {"module": base64.b64encode(b"x").decode()})),
        ),
        "a layer named as a path (CVE-2026-12479)": (
            "config",
            setting("Dense.config.name", f"../../{canary.name}"),
        ),
        "a registered custom object": (
            "object",
            setting("Dense.registered_name", "theirs>Dense"),
        ),
        "a custom object without module": (
            "object",
            adding({**layer("Attention", {}), "module": None}),
        ),
        "a module outside Keras": ("object", adding(layer("Dense", {}, module="canary_module"))),
        "an internal module of Keras": (
            "object",
            adding(layer("load_model", {}, module="keras.src.saving.saving_lib")),
        ),
        "an operation that makes arrays of any size": (
            "object",
            adding(layer("Tile", {"repeats": 999_999}, module="keras.src.ops.numpy")),
        ),
        "arithmetic from elsewhere": ("object", adding(layer("Add", {}, module="theirs.ops"))),
        "a class that is a list": ("layer", setting("Dense.class_name", ["Dense"])),
        "an object without class": ("object", adding({"module": "os", "config": {}})),
        "a type specification": (
            "object",
            adding({"class_name": "__typespec__", "module": "os", "config": [], "spec_name": "x"}),
        ),
        "an unknown activation": ("object", setting("Dense.config.activation", "exec")),
        "a loss of a nested model": ("object", nested),
        "more weights than fit": ("too_large", setting("Dense.config.units", 999_999)),
        "a number of 10^12": ("too_large", setting("Dense.config.units", 10**12)),
        "a number of 10^4000": ("too_large", setting("Dense.config.units", 10**4000)),
        "an input of 10^10 values": (
            "too_large",
            setting("InputLayer.config.batch_shape", [None, 10**5, 10**5, 1]),
        ),
        "a batch shape that is text": ("config", setting("InputLayer.config.batch_shape", "48")),
        "lists in lists in lists": ("too_large", deep),
    }


def _weights(canary: Path) -> dict[str, tuple[str, Callable[[h5py.File], None]]]:
    secret = str(canary.parent / "secret")

    def shape_bomb(file: h5py.File) -> None:
        file.create_dataset("bomb", shape=(10**6, 10**6, 10**6), dtype="f4", chunks=(1, 1, 1024))

    def fill_bomb(file: h5py.File) -> None:
        file.create_dataset(
            "bomb", shape=(5_000_000,), dtype="f4", chunks=(2**16,), compression="gzip"
        )

    def external(file: h5py.File) -> None:
        file.create_dataset("vars", (len(SECRET),), "u1", external=[(secret, 0, len(SECRET))])

    def virtual(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource(secret, "vars", (4,))
        file.create_virtual_dataset("vars", layout)

    def cycle(file: h5py.File) -> None:
        outer = file.create_group("a")
        outer.create_group("b")["up"] = outer

    def linking(link: h5py.ExternalLink | h5py.SoftLink) -> Callable[[h5py.File], None]:
        return lambda file: file.__setitem__("vars", link)

    def text(file: h5py.File) -> None:
        file["vars"] = np.array([b"text"] * 3, dtype=h5py.string_dtype())

    def references(file: h5py.File) -> None:
        file["vars"] = np.array([file.ref], dtype=h5py.ref_dtype)

    def foreign_filter(file: h5py.File) -> None:
        file.create_dataset("vars", data=np.arange(9.0), compression="lzf")

    def named_type(file: h5py.File) -> None:
        file["vars"] = np.dtype("f8")

    return {
        "a shape of 10^18 numbers (CVE-2026-0897)": ("weights", shape_bomb),
        "20 MB that are not there (CVE-2026-12570)": ("weights", fill_bomb),
        "weights in another file (CVE-2026-1669)": ("weights", external),
        "weights mapped from another file (CVE-2026-12480)": ("weights", virtual),
        "a link to another file": ("weights", linking(h5py.ExternalLink(secret, "/vars"))),
        "a link within the file": ("weights", linking(h5py.SoftLink("/elsewhere"))),
        "a group that contains itself": ("weights", cycle),
        "weights that are text": ("weights", text),
        "weights that are references": ("weights", references),
        "a filter from a plugin": ("weights", foreign_filter),
        "a stored type": ("weights", named_type),
    }


def _archives(sound: bytes, canary: Path) -> Hostile:
    class Runs:
        def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
            return eval, (f"__import__('os').system('touch {canary}')",)

    members = _members(sound)
    without = {name: data for name, data in members.items() if name != "model.weights.h5"}
    pickled = pickle.dumps(Runs())
    bomb = bytes(300 * 2**20)
    old = {"model_config": '{"class_name": "Lambda"}'}
    return {
        "a member outside its folder": (
            "archive",
            lambda: _zip({**members, f"../{canary.name}": b"x"}),
        ),
        "an absolute member": ("archive", lambda: _zip({**members, str(canary): b"x"})),
        "assets beside the weights": ("archive", lambda: _zip({**members, "assets/a": b"x"})),
        "a link for weights": ("archive", lambda: _linked(members, canary.parent / "secret")),
        "300 MB of zeros": ("archive", lambda: _zip({**members, "model.weights.h5": bomb})),
        "pickled NumPy weights": (
            "archive",
            lambda: _zip({**without, "model.weights.npz": pickled}),
        ),
        "no weights": ("archive", lambda: _zip(without)),
        "two configurations": ("archive", lambda: _with_two_configs(members)),
        "an encrypted member": ("archive", lambda: _encrypted(sound)),
        "an archive that is cut off": ("archive", lambda: sound[: len(sound) // 2]),
        "a changed byte in the weights": ("archive", lambda: _with_changed_byte(sound)),
        "a configuration that is a list": ("config", lambda: _archive(sound, config=b"[]")),
        "a configuration without end": (
            "config",
            lambda: _archive(sound, config=b"[" * 100_000),
        ),
        "weights that are no HDF5": ("weights", lambda: _archive(sound, weights=bytes(1000))),
        "an old HDF5 model in disguise (CVE-2025-9905)": (
            "unsupported_type",
            lambda: _h5(lambda file: file.attrs.update(old)),
        ),
        "a pickle in disguise": ("unsupported_type", lambda: pickled),
        "a program before the archive": ("unsupported_type", lambda: b"#!/bin/sh\n" + sound),
        "an empty file": ("unsupported_type", lambda: b""),
    }


def _with_config(sound: bytes, change: Callable[[Config], None]) -> bytes:
    config: Config = json.loads(_members(sound)["config.json"])
    change(config)
    return _archive(sound, config=json.dumps(config).encode())


def _with_weights(sound: bytes, make: Callable[[h5py.File], None]) -> bytes:
    return _archive(sound, weights=_h5(make))


def _linked(members: dict[str, bytes], target: Path) -> bytes:
    link = zipfile.ZipInfo("model.weights.h5")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("config.json", members["config.json"])
        archive.writestr("metadata.json", members["metadata.json"])
        archive.writestr(link, str(target))
    return stream.getvalue()


def _encrypted(sound: bytes) -> bytes:
    data = bytearray(sound)
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def _members(sound: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(sound: bytes, *, config: bytes = b"", weights: bytes = b"") -> bytes:
    members = _members(sound)
    members["config.json"] = config or members["config.json"]
    members["model.weights.h5"] = weights or members["model.weights.h5"]
    return _zip(members, compression=zipfile.ZIP_STORED)


def _zip(members: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _with_two_configs(members: dict[str, bytes]) -> bytes:
    data = _zip({**members, "config.jso_": b"{}"}, compression=zipfile.ZIP_STORED)
    return data.replace(b"config.jso_", b"config.json")


def _with_changed_byte(sound: bytes) -> bytes:
    stored = bytearray(_archive(sound))
    stored[len(stored) // 2] ^= 1
    return bytes(stored)


def _h5(make: Callable[[h5py.File], None]) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        make(file)
    return stream.getvalue()
