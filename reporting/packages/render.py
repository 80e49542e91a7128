"""Snapshot to PDF/A-3a: ``python -m reporting.packages.render SNAPSHOT.json OUT.pdf``.

Run as a program it has settings of its own, translations and nothing else: the process that lays out other people's
text knows no database, no key and no secret. It prints one line per step (``progress PERCENT``) and ends with 0.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import django
from django.conf import settings
from django.utils import translation
from weasyprint import HTML, Attachment

from reporting.packages.csv_evidence import Listing, listings
from reporting.packages.encoding import address, digests, from_bytes
from reporting.packages.engine import BASE, filled
from reporting.packages.fetcher import StaticOnlyFetcher
from reporting.packages.formatting import code_point
from reporting.packages.report import report
from reporting.packages.snapshot import Snapshot

STATIC: Final = BASE / "static"
VARIANT: Final = "pdf/a-3a"
LISTINGS: Final = "listings.json"

# Pango is asked again after the signs that it could not show were replaced; a replacement is plain ASCII.
ATTEMPTS: Final = 2

Progress = Callable[[int], None]


class MissingGlyphs(logging.Handler):
    """Collects the signs for which no installed font has a glyph: PDF/A forbids to print a box instead."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.signs: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the sign of WeasyPrint's warning about a .notdef glyph."""
        if ".notdef" in str(record.msg) and isinstance(record.args, tuple):
            self.signs.add(str(record.args[0]))


class Steps(logging.Handler):
    """Turns WeasyPrint's steps ("Step 5 - Creating layout - Page 7") into per cent that only grow.

    The shares are those of measured runs; how many pages there will be nobody knows while they are laid out.
    """

    SHARES: Final = {"1": 5, "2": 8, "3": 12, "4": 20, "5": 25, "6": 75, "7": 95}
    PAGE: Final = re.compile(r"Page (\d+)")

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.INFO)
        self.progress = progress
        self.reached = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Reports the step that begins, if that is further on."""
        message = record.getMessage()
        page = self.PAGE.search(message)
        share = self.SHARES.get(message.removeprefix("Step ")[:1], 0) + (min(int(page[1]), 45) if page else 0)
        if share > self.reached:
            self.reached = share
            self.progress(share)


@dataclass(frozen=True)
class _Job:
    """What one rendering needs beside the text."""

    files: Sequence[Listing]
    sealed: dict[str, str]
    moment: datetime
    steps: Steps


def html(snapshot: Snapshot, files: Sequence[Listing], facts: str) -> str:
    """The document before layout, in the language of the snapshot; every text in it is escaped."""
    with translation.override(snapshot.parameters.language):
        return filled("packages/report.html", {"report": report(snapshot, files, facts)})


def pdf(snapshot: Snapshot, *, progress: Progress = lambda percent: None) -> bytes:
    """The report as PDF/A-3a with the CSV evidence inside; the same snapshot gives the same bytes."""
    job = _Job(listings(snapshot), digests(snapshot), snapshot.parameters.as_of, Steps(progress))
    text = html(snapshot, job.files, address(job.sealed))
    for _attempt in range(ATTEMPTS):
        content, missing = _laid_out(text, job)
        if not missing:
            break
        text = text.translate({ord(sign): code_point(sign) for sign in missing})
    progress(100)
    return content


def _laid_out(text: str, job: _Job) -> tuple[bytes, frozenset[str]]:
    glyphs = MissingGlyphs()
    with _listening("weasyprint", glyphs), _listening("weasyprint.progress", job.steps), _dated(job.moment):
        content = HTML(string=text, url_fetcher=StaticOnlyFetcher(STATIC)).write_pdf(
            pdf_variant=VARIANT,
            pdf_identifier=bytes.fromhex(address(job.sealed))[:16],
            attachments=_attachments(job),
        )
    return bytes(content), frozenset(glyphs.signs)


@contextmanager
def _dated(moment: datetime) -> Iterator[None]:
    """fontTools writes the time into each font that it cuts to size, unless this variable says which."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
    try:
        yield
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before


@contextmanager
def _listening(name: str, handler: logging.Handler) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(handler.level)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


def _attachments(job: _Job) -> list[Attachment]:
    """The listings and a manifest of them, in the order of their names, as a name tree has to be."""
    stated = {file.name: {"rows": file.rows, "sha256": file.sha256, "size": len(file.content)} for file in job.files}
    contents = {file.name.rpartition("/")[2]: file.content for file in job.files}
    contents[LISTINGS] = json.dumps({"files": stated, "snapshot": job.sealed}, indent=2, sort_keys=True).encode()
    return [
        Attachment(string=contents[name], name=name, created=job.moment, modified=job.moment, relationship="Data")
        for name in sorted(contents)
    ]


def main(arguments: Sequence[str]) -> int:
    """The program: reads the snapshot, writes the PDF beside its name first and moves it into place last."""
    source, target = (Path(argument) for argument in arguments)
    settings.configure(USE_I18N=True, USE_TZ=True, LANGUAGE_CODE="en", LOCALE_PATHS=[BASE / "locale"])
    django.setup()
    content = pdf(from_bytes(source.read_bytes()), progress=_say)
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(target)
    return 0


def _say(percent: int) -> None:
    sys.stdout.write(f"progress {percent}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
