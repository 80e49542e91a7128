"""The facts of one audit package, frozen at one moment; rendering and archiving read nothing else.

Whoever gathers fills one `Snapshot` inside one read-only transaction and stores `reporting.packages.encoding.to_bytes`
of it. Three kinds of text stand in it: codes (the enumerations below, worded when printed), names and references as
the book holds them, and sentences (`Explanation.text`, `TimelineEntry.text`, `LedgerFinding.text`) that the gathering
side has already written in `Parameters.language`. Money is decimal text, times are aware UTC, periods are half-open.
People appear as pseudonyms or as the labels that the organisation's privacy settings allow; the renderer cannot tell.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from audit.rules.note import fingerprint, parse_verifier_key


class Scope(StrEnum):
    """What part of the book the package covers."""

    ALL = "all"
    PUBLISHER = "publisher"
    PRODUCT = "product"
    LICENSEE = "licensee"


class Severity(StrEnum):
    """How grave a violation is, in rising order."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    SEVERE = "severe"


class Missing(StrEnum):
    """A piece of evidence that an entitlement should have and has not."""

    AGREEMENT = "agreement"
    PURCHASE = "purchase"
    INVOICE = "invoice"
    DOCUMENT = "document"


class Gap(StrEnum):
    """A topic of an audit that this package does not cover. It is printed, so that nobody takes silence for proof."""

    APPROVALS = "approvals"
    EXCEPTIONS = "exceptions"
    USAGE_HISTORY = "usage_history"
    ACCESS_REVIEW = "access_review"
    CONTROL_MAPPING = "control_mapping"


NOT_YET_COVERED: Final[tuple[Gap, ...]] = tuple(gap for gap in Gap if gap is not Gap.ACCESS_REVIEW)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was asked for. The requester is named by role, never by name: the package leaves the house."""

    package_id: str
    organization_id: str
    organization: str
    period_start: date
    period_end: date  # the day after the last day
    as_of: datetime  # when the facts were read; every "valid", "free" and "open" is meant at this moment
    requested_by_role: str
    software_version: str
    language: str = "en"
    scope: Scope = Scope.ALL
    scope_name: str = ""  # the publisher, product or licensee; empty for ALL


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """One product, edition and metric. Numbers count in the unit of the metric; None where `unlimited`."""

    publisher: str
    product: str
    edition: str
    metric: str
    unlimited: bool
    owned: int | None  # rights of all recorded entitlements, lapsed ones included
    valid: int | None  # of these, the rights in force at `as_of`
    assigned: int
    free: int | None  # valid and not assigned; never negative, a shortfall stands in the position
    observed_use: int  # use seen without an assignment
    annual_cost: str | None  # decimal text; None where no price is recorded
    currency: str
    next_end: date | None  # the first day on which a right in force ends
    notice_deadline: date | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One step from the records to a number, such as "Purchase PO-17, line 2: 20 rights, ended 30 June"."""

    text: str
    quantity: int | None
    reference: str = ""  # entitlement, assignment or import where the step can be looked up


@dataclass(frozen=True, slots=True)
class PositionRow:
    """Effective licence position of one line: owned = used + available, demand = used + needed (None: unlimited)."""

    publisher: str
    product: str
    edition: str
    metric: str
    unlimited: bool
    owned: int | None  # rights in force
    used: int
    needed: int
    available: int | None
    why: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatEvent:
    """One assignment or release inside the period, as the ledger holds it."""

    sequence: int  # number of the ledger entry that proves it
    occurred_at: datetime
    action: str  # kind of the ledger entry, such as seat.assigned
    publisher: str
    product: str
    subject: str
    quantity: int
    reason: str
    actor: str
    change: int = 0  # effect on seats held: +quantity, -quantity, or 0 (a transfer)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One step in the life of a violation; entries stand in the order of the ledger."""

    at: datetime
    text: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """One violation that was open at some moment of the period."""

    number: str
    kind: str  # code, such as over_allocation
    title: str
    severity: Severity
    publisher: str
    product: str
    subject: str
    first_seen: datetime
    last_seen: datetime
    observed: str
    allowed: str
    open: bool
    owner_role: str = ""
    due_on: date | None = None
    resolution: str = ""
    timeline: tuple[TimelineEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class EntitlementRow:
    """One recorded right and the papers behind it; references are empty where there is none."""

    number: str
    publisher: str
    product: str
    edition: str
    metric: str
    model: str
    unlimited: bool
    rights: int | None  # quantity times rights per unit
    starts_on: date | None
    ends_on: date | None  # the last day; None: never ends
    notice_deadline: date | None
    auto_renews: bool
    agreement: str
    purchase: str
    invoice: str
    document: str
    document_sha256: str
    import_batch: str
    waiver: str  # why evidence is waived; empty: it is not
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One committed import, from which rows of this package come."""

    number: str
    kind: str
    file_name: str
    file_sha256: str
    committed_at: datetime
    new: int
    changed: int
    same: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class AccessReviewRow:
    """One question of a review of access that ran in the period: does a member still need the roles?"""

    review: str
    started_at: datetime
    due_at: datetime
    closed_at: datetime | None
    member: str  # the beginning of a pseudonym
    roles: str  # those asked about
    reviewer_role: str
    decision: str  # code: keep, change or revoke; empty while there is none
    decided: str  # the same in words
    kept_roles: str
    reason: str
    decided_at: datetime | None
    sequence: int | None = None  # number of the ledger entry that proves the decision


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """What the verifier objects to; `sequence` is the first entry concerned, None when it is the chain as a whole."""

    code: str
    text: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerResult:
    """The organisation's ledger at the cut-off and what its verification found."""

    chain: str
    size: int
    chain_hash: str  # hex
    root: str  # hex
    verified_at: datetime
    checkpoint: str  # signed note, line ends included
    verification_key: str  # signed-note verifier key, one line
    key_address: str = ""  # where the organisation publishes its keys
    first_recorded_at: datetime | None = None
    last_recorded_at: datetime | None = None
    erased_fields: int = 0
    findings: tuple[LedgerFinding, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the verification key, for people. Raises audit.rules.note.MalformedNote."""
        return fingerprint(parse_verifier_key(self.verification_key).public)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that one package says. Row order is the order of the CSV listings; printing sorts for itself."""

    parameters: Parameters
    ledger: LedgerResult
    inventory: tuple[InventoryRow, ...] = ()
    positions: tuple[PositionRow, ...] = ()
    seat_history: tuple[SeatEvent, ...] = ()
    violations: tuple[ViolationRow, ...] = ()
    entitlements: tuple[EntitlementRow, ...] = ()
    imports: tuple[ImportRow, ...] = ()
    access_reviews: tuple[AccessReviewRow, ...] = ()
    gaps: tuple[Gap, ...] = NOT_YET_COVERED
