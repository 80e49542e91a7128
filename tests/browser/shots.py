"""Pictures of pages at the widths of a phone and a desk, in the folder that SEATLEDGER_SCREENSHOTS names."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

Scheme = Literal["light", "dark"]
NARROW: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1440, "height": 900}
SHOTS = os.environ.get("SEATLEDGER_SCREENSHOTS", "")


def shoot(page: Page, name: str, *, schemes: Sequence[Scheme] = ("light",)) -> None:
    """A picture at both widths; and nothing sticks out of a phone's screen."""
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"{name} at {size['width']} px sticks out by {overflow} px"
            if SHOTS:
                dark = "-dark" if scheme == "dark" else ""
                page.screenshot(path=Path(SHOTS) / f"{name}-{size['width']}{dark}.png", full_page=True)
    page.emulate_media(color_scheme="light")
