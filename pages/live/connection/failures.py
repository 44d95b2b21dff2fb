"""Messages about failures of the live video: the reason, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Failure = Literal[
    "insecure",
    "denied",
    "no_camera",
    "busy",
    "camera_error",
    "relay_dead",
    "relay_refused",
    "no_way",
    "lost",
    "full",
]


@dataclass(frozen=True)
class Advice:
    """A message to the visitor.

    Attributes:
        title: what happened.
        text: why, and what to do.
        icon: of the message.
    """

    title: str
    text: str
    icon: str


_OPERATOR: Final = "For the operator of this app: see `docs/deployment.md`."

ADVICE: Final[dict[Failure, Advice]] = {
    "insecure": Advice(
        "Camera not available over HTTP",
        "Browsers allow the camera only over HTTPS or on `localhost`. Open the page with an "
        f"address that starts with `https://`. {_OPERATOR}",
        ":material/lock_open:",
    ),
    "denied": Advice(
        "Camera access denied",
        "The browser or the system blocks the camera. Click the camera or lock icon in the address "
        "bar, allow the camera, and press Start again. On a managed computer, the camera may be "
        "disabled for all pages.",
        ":material/block:",
    ),
    "no_camera": Advice(
        "No camera found",
        "The browser found no camera on this device. Connect one and press Start again.",
        ":material/videocam_off:",
    ),
    "busy": Advice(
        "Cannot open the camera",
        "Another program or tab is probably using it. Close that one and press Start again.",
        ":material/cameraswitch:",
    ),
    "camera_error": Advice(
        "The camera does not start",
        "Disconnect and reconnect the camera, or try another browser.",
        ":material/videocam_off:",
    ),
    "relay_dead": Advice(
        "Relay server not reachable",
        "On this network, the video needs a relay (TURN) server, and the configured one does not "
        f"respond. Try another network. {_OPERATOR}",
        ":material/cloud_off:",
    ),
    "relay_refused": Advice(
        "Relay server login failed",
        "The video needs a relay (TURN) server, and the configured one rejects the user name or "
        f"password. {_OPERATOR}",
        ":material/key_off:",
    ),
    "no_way": Advice(
        "Cannot connect the video",
        "The browser and this app cannot exchange video. Usually they are on different networks, "
        "or a firewall blocks it. Try another network, or configure a relay (TURN) server. "
        f"{_OPERATOR}",
        ":material/wifi_off:",
    ),
    "lost": Advice(
        "Connection lost",
        "The connection was lost several times in a row: the network is unstable, or the machine "
        "that runs this app is overloaded. Press Start to try again.",
        ":material/link_off:",
    ),
    "full": Advice(
        "Live video is at capacity",
        "The maximum number of live videos is running on this machine. Try again in a minute.",
        ":material/group:",
    ),
}


def camera_failure(outcome: str) -> Failure | None:
    """Returns the failure for an outcome of the camera check; None if the camera is ready."""
    failures: dict[str, Failure | None] = {
        "ready": None,
        "insecure": "insecure",
        "NotAllowedError": "denied",
        "SecurityError": "denied",
        "NotFoundError": "no_camera",
        "OverconstrainedError": "no_camera",
        "NotReadableError": "busy",
        "AbortError": "busy",
    }
    return failures.get(outcome, "camera_error")


def connection_failure(relay: str | None) -> Failure:
    """Returns why there is no video although the camera is ready.

    Args:
        relay: outcome of the check of the relay servers; None while it runs.
    """
    failures: dict[str | None, Failure] = {"dead": "relay_dead", "refused": "relay_refused"}
    return failures.get(relay, "no_way")
