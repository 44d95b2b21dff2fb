"""Takes the pictures in docs/screenshots: `make screenshots`.

Every page is opened with the saved models and without a dataset, at the width of a desktop and of a
phone, in the light and the dark theme. All faces are average faces: samples, and a fake camera.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from fer_core.faces.yunet import yunet_file
from fer_core.paths import models_directory
from tests.browser.camera import write_camera_file
from tests.browser.chromium import launch_chromium
from tests.browser.conftest import PROJECT, running_app
from tests.browser.pages import settle, start_live_video, visit
from tests.scenes import PlacedFace, sample_scene

FOLDER: Final = PROJECT / "docs" / "screenshots"
WIDTHS: Final = {"desk": 1440, "phone": 390}
THEMES: Final = ("light", "dark")
HEIGHT: Final = 1800
COLORS: Final = 256

ALL_DRAWN: Final = """
() => document.querySelector("[data-testid=stSkeleton]") === null
  && [...document.images].every(image => image.complete && image.naturalWidth > 0)
"""

PAGES: Final = {
    "home": "",
    "live": "live?live_threshold=0.4",
    "upload": "upload?upload_sample=true",
    "compare": "compare?compare_why=true",
    "confusion": "confusion?confusion_true=fear&confusion_predicted=sad",
    "confusion-difference": "confusion?confusion_mode=Difference+of+two",
    "confusion-agreement": "confusion?confusion_mode=Agreement+of+two",
    "curves": "curves",
    "calibration": "calibration",
    "robustness": "robustness",
    "preprocessing": "preprocessing",
    "evaluate": "evaluate",
    "data": "data",
    "data-duplicates": "data?data_view=Duplicates",
    "data-labels": "data?data_view=Label+agreement",
    "data-hardest": "data?data_view=Hardest+images",
    "data-map": "data?data_view=Embedding+map",
    "models": "models",
}


def two_people() -> Iterator[NDArray[np.uint8]]:
    """Two average faces, slightly moving."""
    for step in range(30):
        shift = 10 * np.sin(step / 30 * 2 * np.pi)
        yield sample_scene(
            [
                PlacedFace("happy", (180 + shift, 240), 230),
                PlacedFace("surprise", (450 - shift, 250), 230),
            ]
        )


def take(page: Page, server: str, name: str) -> Image.Image:
    """Opens a page, waits until it is drawn, and returns a screenshot."""
    visit(page, server, PAGES[name])
    if name == "live":
        start_live_video(page)
        page.get_by_text("Face 2: apparent expression").wait_for()
        page.wait_for_timeout(8000)  # so that the timeline has something to show
    else:
        page.wait_for_timeout(1500)
        page.wait_for_function(ALL_DRAWN)
        settle(page)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> None:
    """Takes the pictures; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", default=list(PAGES), help="only these pages")
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        camera = write_camera_file(Path(scratch) / "camera.y4m", two_people())
        with (
            running_app(
                models_directory(),
                FER_DATA_DIR=scratch,
                FER_RUNS_DIR=scratch,
                FER_YUNET_MODEL=str(yunet_file()),
            ) as server,
            launch_chromium(playwright, camera) as browser,
        ):
            for name in arguments.pages:
                for place, width in WIDTHS.items():
                    for theme in THEMES:
                        page = browser.new_page(
                            viewport={"width": width, "height": HEIGHT},
                            color_scheme="dark" if theme == "dark" else "light",
                        )
                        page.set_default_timeout(120_000)
                        file = arguments.out / f"{name}-{place}-{theme}.png"
                        picture = take(page, server, name)
                        picture.quantize(COLORS, dither=Image.Dither.NONE).save(file, optimize=True)
                        page.close()
                        print(f"{file}, {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
