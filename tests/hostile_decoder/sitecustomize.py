"""A picture decoder with a bug, for processes that have this folder on their PYTHONPATH.

A file that holds `KILL` ends the process that decodes it, one that holds `HANG` is never done.
"""

import io
import os
import signal
import time
from typing import Any
from unittest import mock

from PIL import Image

_open = Image.open


def _open_with_a_bug(stream: io.BytesIO, **options: Any) -> Image.Image:
    data = stream.getvalue()
    if b"KILL" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    while b"HANG" in data:
        time.sleep(1)
    return _open(stream, **options)


mock.patch.object(Image, "open", _open_with_a_bug).start()
