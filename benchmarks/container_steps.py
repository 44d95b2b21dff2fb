"""Runs the steps of the Containerfile without a container engine, and checks the app's health.

    sudo python benchmarks/container_steps.py
    sudo python benchmarks/container_steps.py --base /usr/bin/python3.11

Linux, as root: all steps run in a mount namespace of this process, where /srv and /etc are empty or
copies, so that the machine is not changed. The app then runs as in the Containerfile: with its
user, command and health check; every file system is read-only, except a /tmp in memory.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

PROJECT = Path(__file__).resolve().parent.parent
HEALTHY_WITHIN_S = 120.0
_INSIDE = "CONTAINER_STEPS_SCRATCH"
_PASSED_ON = ("PIP_", "SSL_", "http", "HTTP")
_AS_THE_USER = "{folder}/fer_core/assets/average_faces/happy.png"


@dataclass
class Image:
    """The state after the steps.

    Attributes:
        environment: environment of the next step.
        workdir: working directory of the next step.
        user: user of the app.
        health: command of the health check.
        command: command of the container.
    """

    environment: dict[str, str]
    workdir: Path = Path("/")
    user: str = "0"
    health: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


def instructions(text: str) -> list[tuple[str, str]]:
    """Returns a Containerfile's instructions with their arguments, lines joined."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    pairs = [line.strip().partition(" ") for line in joined.splitlines() if line.strip()]
    return [(name, rest.strip()) for name, _, rest in pairs]


def main(
    base: Annotated[Path, typer.Option(help="Python to use as that of the base image.")] = Path(
        "/usr/bin/python3"
    ),
) -> None:
    """Runs the check; see the module's docstring."""
    if os.geteuid() != 0:
        raise SystemExit("This needs root, for mounts that only this process sees.")
    if _INSIDE not in os.environ:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # /tmp is hidden later
            command = ["unshare", "--mount", sys.executable, *sys.argv]
            environment = os.environ | {_INSIDE: folder}
            raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)
    scratch = Path(os.environ[_INSIDE])
    scratch.chmod(0o755)
    image = build(scratch, base)
    serve(image)


def build(scratch: Path, base: Path) -> Image:
    """Runs every step and returns the resulting state."""
    for folder in ("srv", "bin"):
        (scratch / folder).mkdir()
    shutil.copytree("/etc", scratch / "etc", symlinks=True)
    (scratch / "bin" / "python").symlink_to(base)
    mount("--bind", scratch / "srv", "/srv")
    mount("--bind", scratch / "etc", "/etc")
    outside = {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
    path = f"{scratch / 'bin'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    image = Image({})
    for name, rest in instructions((PROJECT / "Containerfile").read_text(encoding="utf-8")):
        started = time.monotonic()
        if name == "FROM":
            image = Image({"PATH": path})
        elif name == "ENV":
            for setting in shlex.split(rest):
                key, _, value = setting.partition("=")
                image.environment[key] = value.replace("$PATH", image.environment["PATH"])
        elif name == "WORKDIR":
            image.workdir = Path(rest)
            image.workdir.mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            copy(rest.split(), image.workdir)
        elif name == "RUN":
            environment = {"HOME": "/root", **outside, **image.environment}
            subprocess.run(
                ["sh", "-c", rest], cwd=image.workdir, env=environment, check=True, umask=0o022
            )
        elif name == "USER":
            image.user = rest
        elif name == "HEALTHCHECK":
            image.health = json.loads(rest[rest.index("[") :])
        elif name == "CMD":
            image.command = json.loads(rest)
        print(f"{time.monotonic() - started:6.1f} s  {name} {rest[:80]}", flush=True)
    return image


def copy(arguments: list[str], workdir: Path) -> None:
    """Copies into the image; both stages share one /srv, so between them there is nothing to do."""
    if arguments[0].startswith("--from="):
        assert arguments[1:] == ["/srv", "/srv"], arguments
        return
    *sources, target = arguments
    for source in (PROJECT / name for name in sources):
        destination = workdir / target
        if source.is_dir():
            shutil.copytree(source, destination, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            destination.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, destination)


def serve(image: Image) -> None:
    """Runs the app as in the image, on a read-only system, until its health check passes."""
    size = subprocess.run(["du", "-sm", "/srv"], capture_output=True, check=True, text=True)
    mount("-t", "tmpfs", "none", "/tmp")
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        place, kind = line.split()[1:3]
        if place != "/tmp" and kind not in ("proc", "sysfs", "devtmpfs", "devpts", "cgroup2"):
            subprocess.run(
                ["mount", "-o", "remount,bind,ro", place], capture_output=True, check=False
            )
    as_user = ["setpriv", "--reuid", image.user, "--regid", image.user, "--clear-groups"]
    options: dict[str, Any] = {"cwd": image.workdir, "env": image.environment}
    probe = "touch /srv/fer/x || touch /etc/x || touch /var/tmp/x || id -u"
    refused = subprocess.run(
        [*as_user, "sh", "-c", probe], **options, capture_output=True, text=True
    )
    assert refused.stdout.split() == [image.user], refused
    face = _AS_THE_USER.format(folder=image.workdir)
    subprocess.run([*as_user, "python", "-m", "fer_core", "analyze", face], **options, check=True)
    started = time.monotonic()
    app = subprocess.Popen([*as_user, *image.command], **options)
    try:
        while subprocess.run([*as_user, *image.health], **options, capture_output=True).returncode:
            assert app.poll() is None, "The app exited."
            assert time.monotonic() - started < HEALTHY_WITHIN_S, "It is not healthy."
            time.sleep(0.5)
    finally:
        app.terminate()
        app.wait(timeout=30)
    print(f"Healthy after {time.monotonic() - started:.1f} s as user {image.user}, read-only.")
    print(f"/srv holds {size.stdout.split()[0]} MB.")


def mount(*arguments: object) -> None:
    """Mounts a file system for this process only."""
    subprocess.run(["mount", *map(str, arguments)], check=True)


if __name__ == "__main__":
    typer.run(main)
