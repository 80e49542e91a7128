"""axe-core on a page: what keeps people with assistive technology from using it."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
REFUSED = {"serious", "critical"}


@cache
def _source() -> str:
    if not AXE.is_file():
        raise FileNotFoundError(f"{AXE} is not there; `make test-browser` installs it (npm ci)")
    return AXE.read_text(encoding="utf-8")


def barriers(page: Page, *rules: str) -> list[str]:
    """One line for each serious or critical finding on the page as it stands, with the first elements concerned; only
    by these rules of axe-core, where some are given."""
    page.evaluate(_source())
    found = page.evaluate(
        "async rules => (await axe.run(document, {resultTypes: ['violations'], preload: false,"
        " ...(rules.length ? {runOnly: rules} : {})})).violations",
        list(rules),
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: " + " | ".join(str(node["target"]) for node in one["nodes"][:4])
        for one in found
        if one["impact"] in REFUSED
    ]
