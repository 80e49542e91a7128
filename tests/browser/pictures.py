"""`make walk`: the pictures of docs/screenshots, taken on a site that is started, walked and stopped."""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright
from pypdf import PdfReader

from tests.browser.chromium import FLAGS, chromium
from tests.browser.stops import Walk, accounts
from tests.browser.walk import whole_journey
from tests.launching import launched, newcomers_environment

TARGET = Path(__file__).parents[2] / "docs" / "screenshots"
LARGEST = 250_000  # bytes, so that the repository stays light
DESK: ViewportSize = {"width": 1440, "height": 900}
REPORT = {"report-cover": "", "report-summary": "Summary", "report-position": "Demand against rights in force"}
"""Pictures of the report, each by words that stand on its page first after the cover."""


def keep(path: Path) -> None:
    """Fewer colours until the picture is small enough; writing is crisp at 64 colours still."""
    with Image.open(path) as image:
        plain = image.convert("RGB")
    for colours in (256, 128, 64):
        plain.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE).save(
            path, optimize=True
        )
        if path.stat().st_size <= LARGEST:
            return
    raise ValueError(f"{path.name} has {path.stat().st_size:,} bytes, more than {LARGEST:,}")


def shoot(name: str, page: Page) -> None:
    path = TARGET / f"{name}.png"
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path, animations="disabled")
    keep(path)
    sys.stdout.write(f"{path.name} {path.stat().st_size:,}\n")


def shoot_report(archive: Path, folder: Path) -> None:
    """Cover, summary and position of the report as pictures."""
    with zipfile.ZipFile(archive) as package:
        package.extractall(folder)
    [report] = folder.rglob("report.pdf")
    pages = [page.extract_text() for page in PdfReader(report).pages]
    for name, words in REPORT.items():
        number = 1 if not words else next(n for n, text in enumerate(pages[1:], start=2) if words in text)
        where = ["-f", f"{number}", "-l", f"{number}", "-singlefile"]
        subprocess.run(["pdftoppm", "-png", "-r", "80", *where, report, TARGET / name], check=True)
        keep(TARGET / f"{name}.png")


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seatledger-walk-") as folder:
        data = Path(folder) / "data"
        environment = newcomers_environment(data)
        with launched(environment), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                # Fields for dates follow the browser's own language.
                executable_path=chromium(),
                args=FLAGS,
                env={**os.environ, "LANGUAGE": "en_GB"},
            )
            page = browser.new_page(viewport=DESK, locale="en-GB", timezone_id="Europe/Berlin", color_scheme="light")
            page.set_default_timeout(30_000)
            walk = Walk(page, environment["SEATLEDGER_BASE_URL"], shoot, accounts(data))
            archive = whole_journey(walk, Path(folder))
            browser.close()
        shoot_report(archive, Path(folder) / "package")


if __name__ == "__main__":
    main()
