"""Why the live video does not run, in plain words, and what to do."""

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
    """What a person is told.

    Attributes:
        title: what happened.
        text: why, and what to do.
        icon: of the message.
    """

    title: str
    text: str
    icon: str


_OPERATOR: Final = "Whoever runs this app finds the settings in `docs/deployment.md`."

ADVICE: Final[dict[Failure, Advice]] = {
    "insecure": Advice(
        "The browser gives this page no camera",
        "Browsers allow a camera only over HTTPS, or on `localhost`. Open the page by an address "
        f"that begins with `https://`. {_OPERATOR}",
        ":material/lock_open:",
    ),
    "denied": Advice(
        "The camera is not allowed",
        "The browser or the system keeps the camera from this page. Click the camera or the lock "
        "beside the address, allow the camera, and press Start again. On a managed computer the "
        "camera may be switched off for all pages.",
        ":material/block:",
    ),
    "no_camera": Advice(
        "No camera was found",
        "This computer has none that the browser knows of. Connect one and press Start again.",
        ":material/videocam_off:",
    ),
    "busy": Advice(
        "The camera cannot be opened",
        "Usually another program or tab uses it. Close that one and press Start again.",
        ":material/cameraswitch:",
    ),
    "camera_error": Advice(
        "The camera does not start",
        "Disconnect the camera and connect it again, or try another browser.",
        ":material/videocam_off:",
    ),
    "relay_dead": Advice(
        "The relay server does not answer",
        "Between this network and the app the video needs a relay, and the one that is set up "
        f"cannot be reached. Try another network. {_OPERATOR}",
        ":material/cloud_off:",
    ),
    "relay_refused": Advice(
        "The relay server refuses this app",
        "The video needs a relay, and the one that is set up does not take the name and password "
        f"it was given. {_OPERATOR}",
        ":material/key_off:",
    ),
    "no_way": Advice(
        "The video does not connect",
        "The browser and this app cannot send each other video. Usually they are in different "
        "networks, or a firewall stops it. Try another network; a relay server helps where "
        f"none is set up. {_OPERATOR}",
        ":material/wifi_off:",
    ),
    "lost": Advice(
        "The video broke off",
        "The connection came and was gone several times in a row: the network is unsteady, or "
        "the machine that runs this app has too much to do. Press Start to try again.",
        ":material/link_off:",
    ),
    "full": Advice(
        "All places are taken",
        "As many people use the live video as this machine can serve without delay. Try again in "
        "a minute.",
        ":material/group:",
    ),
}


def camera_failure(outcome: str) -> Failure | None:
    """Returns what an outcome of the camera check means; None when the camera is ready."""
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
    """Returns why no video came although the camera is there.

    Args:
        relay: outcome of the check of relay servers; None while there is no answer.
    """
    failures: dict[str | None, Failure] = {"dead": "relay_dead", "refused": "relay_refused"}
    return failures.get(relay, "no_way")
