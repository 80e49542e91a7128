"""What licensing needs of others: who plans and writes the rows of an imported sheet, and who asks a second person.

licensing implements the kind "entitlements", seats the kind "assignments"; config.composition hands both to the
importer's views, tasks and commands. How an import runs:

    sheet = open_sheet(data)                           licensing.importing.sheets
    mapping = guess(sheet.header, kind.form, …)        licensing.importing.mapping
    lessons = learn(sheet, kind.form, mapping)         licensing.importing.inference
    rows = read_rows(sheet, kind.form, mapping, lessons)
    dry run:  for planned in kind.plan(rows, context): count, store          in a scope, nothing is written
    commit:   for each chunk of rows: kind.apply(list(kind.plan(chunk, context)), context=context, trail=trail)

A commit plans again inside the trail that writes, because the book may have changed since the dry run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from kernel.errors import JsonValue
from kernel.principal import Principal
from kernel.trail import Trail
from licensing.importing.fields import RowForm
from licensing.importing.findings import Finding
from licensing.importing.rows import ParsedRow
from licensing.models import Entitlement, License

R = TypeVar("R")


class RowStatus(StrEnum):
    """What an import would do with one row; the counts of a dry run are counts of these.

    NEW and CHANGED rows are written, SAME rows are already in the book. A WARNING row needs a look: `planned.row` says
    whether it is written (an over-use as ObservedUse) or left out (a repeated line). An ERROR row is never written.
    """

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that would differ: the field's name and both values as people read them ("" where there is none)."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PlannedRow(Generic[R]):
    """One line with its outcome. `row` None: nothing of it is written. `changes` is the diff against the book."""

    line: int
    status: RowStatus
    row: R | None = None
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class AppliedRow:
    """One line after the commit. The target is the object that it made, changed or found; "" for lines left out.

    `target_type` is a model's label ("licensing.Entitlement"). `before` is the target as it was when the commit changed
    it, for a rollback. `findings` are those of the plan and what the commit added, such as CAPACITY_EXCEEDED beside an
    observed use.
    """

    line: int
    status: RowStatus
    target_type: str = ""
    target_id: str = ""
    before: Mapping[str, JsonValue] | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportContext:
    """What a kind may know beside the rows: whose book, where the file came from, which batch, when (aware UTC), and
    for whom.

    `batch_id` is None in a dry run whose batch is not stored.
    """

    organization_id: UUID
    source: str
    at: datetime
    actor: Principal
    batch_id: UUID | None = None


class ImportKind(Protocol[R]):
    """One kind of sheet, from parsed rows to rows in the book."""

    @property
    def form(self) -> RowForm[R]:
        """Name, fields and the reading of one row."""
        ...

    @property
    def needs(self) -> str:
        """The permission without which nobody imports this kind, beside the one to import at all."""
        ...

    def plan(self, rows: Iterable[ParsedRow[R]], context: ImportContext) -> Iterator[PlannedRow[R]]:
        """Says for each row, in order, what would happen to it. Reads the book in the caller's scope or trail and
        writes nothing. Rows that `left_out` settles are passed on as it says. Must look names up in bulk: a file has
        up to 200,000 rows. Two lines that name one person by e-mail and by number are one holder: only the plan can
        know.
        """
        ...

    def apply(self, planned: Sequence[PlannedRow[R]], *, context: ImportContext, trail: Trail) -> Sequence[AppliedRow]:
        """Writes rows that were planned in the same trail, and answers one AppliedRow for each. A row without a free
        right is kept as ObservedUse and answers WARNING; it never raises. The same rows twice: all SAME, nothing
        written.
        """
        ...


def left_out(parsed: ParsedRow[R]) -> PlannedRow[R] | None:
    """The outcome of a row that the file itself decides: errors, and lines that repeat another. None: plan it."""
    if parsed.row is not None:
        return None
    is_error = any(finding.is_error for finding in parsed.findings)
    return PlannedRow(parsed.line, RowStatus.ERROR if is_error else RowStatus.WARNING, findings=parsed.findings)


class RightsActivated(Protocol):
    """What happens in the same transaction when a right starts to count: seats feeds it into a pool."""

    def __call__(self, *, entitlement: Entitlement, trail: Trail) -> None: ...


class RequestedChange(Protocol):
    """A change that waits for a second person."""

    id: Any
    number: Any
    state: Any
    due_at: Any


class QuantityChanged(Protocol):
    """What happens in the same transaction when a licence gets more or fewer units: seats lets its pool follow."""

    def __call__(self, *, license: License, before: int, trail: Trail) -> None: ...


class AskToRevoke(Protocol):
    """Asks for a licence to be revoked; somebody else approves it, and then it is done."""

    def __call__(self, *, license: License, reason: str, trail: Trail) -> RequestedChange: ...


class AskToTransfer(Protocol):
    """Asks for a licence to pass to another party; somebody else approves it, and then it is done."""

    def __call__(self, *, license: License, licensee_id: UUID, reason: str, trail: Trail) -> RequestedChange: ...


class Bindings:
    """Set once by config.composition."""

    rights_activated: RightsActivated
    quantity_changed: QuantityChanged
    ask_to_revoke: AskToRevoke
    ask_to_transfer: AskToTransfer
    import_kinds: Mapping[str, ImportKind[Any]] = {}


bindings = Bindings()
