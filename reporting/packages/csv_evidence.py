"""The full listings of a package as CSV: every row of the snapshot, one file per kind of row.

Columns are the fields of the row classes in `reporting.packages.snapshot`, in their order; rows inside rows (why a
number is what it is, what happened to a violation) have files of their own that begin with the columns of their
parent. UTF-8 with a byte order mark, commas, CRLF (RFC 4180): what spreadsheet programs open without being asked.
Times are UTC, money is decimal text, an empty cell means "not recorded" or, for counts, "unlimited". A text that a
spreadsheet program could run begins with an apostrophe; plain numbers do not need it.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from audit.rules.body import timestamp
from licensing.importing.neutralise import neutralised
from reporting.packages.snapshot import (
    AccessReviewRow,
    EntitlementRow,
    Explanation,
    ImportRow,
    InventoryRow,
    LedgerFinding,
    PositionRow,
    SeatEvent,
    Snapshot,
    TimelineEntry,
    ViolationRow,
)

FOLDER: Final = "evidence"

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_POSITION_KEY: Final = ("publisher", "product", "edition", "metric")
_VIOLATION_KEY: Final = ("number",)


@dataclass(frozen=True, slots=True)
class Listing:
    """One CSV file: its name inside the package, how many rows it has below the header, and its bytes."""

    name: str
    rows: int
    content: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file, in hex."""
        return hashlib.sha256(self.content).hexdigest()


def listings(snapshot: Snapshot) -> tuple[Listing, ...]:
    """All files, by name. A listing without rows is still a file: its header says that nothing was found."""
    files = (
        _listing("access-reviews", AccessReviewRow, snapshot.access_reviews),
        _listing("entitlements", EntitlementRow, snapshot.entitlements),
        _listing("imports", ImportRow, snapshot.imports),
        _listing("inventory", InventoryRow, snapshot.inventory),
        _listing("ledger-findings", LedgerFinding, snapshot.ledger.findings),
        _inner("position-explanations", _POSITION_KEY, Explanation, snapshot.positions, "why"),
        _listing("positions", PositionRow, snapshot.positions, without=("why",)),
        _listing("seat-history", SeatEvent, snapshot.seat_history),
        _inner("violation-timelines", _VIOLATION_KEY, TimelineEntry, snapshot.violations, "timeline"),
        _listing("violations", ViolationRow, snapshot.violations, without=("timeline",)),
    )
    return tuple(sorted(files, key=lambda listing: listing.name))


def _listing(name: str, kind: type, rows: Sequence[object], *, without: tuple[str, ...] = ()) -> Listing:
    columns = [field.name for field in fields(kind) if field.name not in without]
    return _file(name, columns, ([getattr(row, column) for column in columns] for row in rows))


def _inner(name: str, key: tuple[str, ...], kind: type, parents: Sequence[object], attribute: str) -> Listing:
    columns = [field.name for field in fields(kind)]
    return _file(name, [*key, *columns], _inner_rows(key, columns, parents, attribute))


def _inner_rows(
    key: tuple[str, ...], columns: list[str], parents: Sequence[object], attribute: str
) -> Iterator[list[object]]:
    for parent in parents:
        own = [getattr(parent, column) for column in key]
        for row in getattr(parent, attribute):
            yield [*own, *(getattr(row, column) for column in columns)]


def _file(name: str, columns: list[str], rows: Iterable[list[Any]]) -> Listing:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        count += 1
    return Listing(f"{FOLDER}/{name}.csv", count, buffer.getvalue().encode("utf-8-sig"))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _NUMBER.fullmatch(value) else neutralised(value)
    if isinstance(value, tuple):
        return " ".join(value)
    return timestamp(value) if isinstance(value, datetime) else str(value)
