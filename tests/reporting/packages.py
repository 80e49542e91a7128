"""Snapshots for the tests of the audit package: a small organisation that looks like a real one, and a large one."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.rules import merkle
from audit.rules.body import EntryBody, entry_body
from audit.rules.canonical import canonical
from audit.rules.chain import genesis, leaf_hash, link
from audit.rules.export import entry_line, header_line
from audit.rules.kinds import KINDS
from audit.rules.note import Checkpoint, VerifierKey, format_checkpoint, format_verifier_key, sign
from reporting.packages.snapshot import (
    EntitlementRow,
    Explanation,
    ImportRow,
    InventoryRow,
    LedgerResult,
    Missing,
    Parameters,
    PositionRow,
    SeatEvent,
    Severity,
    Snapshot,
    TimelineEntry,
    ViolationRow,
)

AS_OF: Final = datetime(2026, 9, 30, 22, 0, tzinfo=UTC)
CHAIN: Final = "0198c7a4-6d2e-7b31-9c55-3f0a1de07f42"
NONCE: Final = bytes(range(32))
KEY: Final = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a key for tests").digest())
VERIFIER_KEY: Final = VerifierKey(f"seatledger/audit/{CHAIN}", KEY.public_key().public_bytes_raw())

# publisher, product, edition, metric, owned, valid, assigned, observed, annual cost, ends in days
LINES: Final = (
    ("Lumen Systems", "Lumen CAD", "Professional", "named user", 120, 100, 110, 6, "54000.00", 92),
    ("Lumen Systems", "Lumen Viewer", "", "named user", 400, 400, 287, 0, "12000.00", 92),
    ("Northgate", "Northgate Office", "Enterprise", "named user", 900, 850, 803, 0, "187000.00", 245),
    ("Northgate", "Northgate Mail Archive", "", "mailbox", 900, 900, 803, 0, "21600.00", 245),
    ("Kestrel", "Kestrel Grid Simulator", "Transmission", "concurrent session", 25, 25, 21, 0, "96250.00", 31),
    ("Kestrel", "Kestrel Protection", "", "device", 60, 60, 60, 4, "31800.00", 31),
    ("Orbisoft", "Orbisoft Database", "Standard", "core", 96, 96, 88, 0, "73920.00", 412),
    ("Orbisoft", "Orbisoft Backup", "", "server", 40, 40, 31, 0, "8800.00", 412),
    ("Tallinn Data", "Väärtus Analytics", "Team", "named user", 30, 30, 24, 0, "14400.00", 18),
    ("Bracken", "Bracken Password Vault", "", "named user", 1000, 1000, 812, 0, "18000.00", 300),
    ("Bracken", "Bracken Remote", "", "named user", 50, 35, 39, 0, "4200.00", 150),
    ("Müller & Söhne", "Fahrplan", "Standort Nord", "site", 0, 0, 143, 0, None, 0),
)


@cache
def _chain(size: int) -> tuple[str, bytes, bytes]:
    """A real chain of `size` entries: the text of its export, its last hash and its Merkle root."""
    head, leaves, lines = genesis(UUID(CHAIN), NONCE), [], []
    for sequence in range(1, size + 1):
        body = canonical(_body(sequence))
        leaves.append(leaf_hash(body.encode()))
        head = link(head, sequence, leaves[-1])
        lines.append(entry_line(sequence=sequence, leaf_hash=leaves[-1], chain_hash=head, body=body))
    header = header_line(chain_id=UUID(CHAIN), genesis_nonce=NONCE, size=size, chain_hash=head)
    return header + "".join(lines), head, merkle.root(leaves)


def _body(sequence: int) -> EntryBody:
    moment = AS_OF - timedelta(days=395) + timedelta(minutes=sequence)
    return entry_body(
        kind=min(KINDS),
        occurred_at=moment,
        recorded_at=moment,
        actor="5b2b8c0e-4d0f-4a53-9f52-6f2f6f0c1a11",
        subject_type="licensing.entitlement",
        subject_id=str(sequence),
        request_id="",
        details={"quantity": sequence},
        personal={},
    )


def ledger_export(size: int = 300) -> bytes:
    """The file ledger.jsonl that belongs to `ledger(size)`."""
    return _chain(size)[0].encode()


def ledger(size: int = 300) -> LedgerResult:
    """A result without findings, with a checkpoint that is really signed by `KEY`."""
    _, chain_hash, root = _chain(size)
    text = format_checkpoint(Checkpoint(VERIFIER_KEY.name, size, root, chain_hash))
    return LedgerResult(
        chain=CHAIN,
        size=size,
        chain_hash=chain_hash.hex(),
        root=root.hex(),
        verified_at=AS_OF + timedelta(seconds=41),
        checkpoint=sign(text, key=VERIFIER_KEY, signer=KEY.sign),
        verification_key=format_verifier_key(VERIFIER_KEY),
        key_address="https://licences.halden.example/.well-known/audit-keys.json?organization=halden-energy",
        first_recorded_at=datetime(2025, 9, 1, 6, 12, 9, tzinfo=UTC),
        last_recorded_at=AS_OF - timedelta(minutes=3),
        erased_fields=2,
    )


def parameters(**changes: object) -> Parameters:
    """The third quarter of 2026 for Halden Energy."""
    base = Parameters(
        package_id="AP-7K3M-Q2XV",
        organization_id="0198c7a4-0000-7000-8000-000000000001",
        organization="Halden Energy AS",
        period_start=date(2026, 7, 1),
        period_end=date(2026, 10, 1),
        as_of=AS_OF,
        requested_by_role="Auditor",
        software_version="0.1.0",
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # the names are those of the fields


def snapshot(**changes: object) -> Snapshot:
    """A dozen lines with what happens in real books: one over-use, missing papers, a lapse, a site licence."""
    base = Snapshot(
        parameters=parameters(),
        ledger=ledger(),
        inventory=tuple(inventory_row(*line) for line in LINES),
        positions=tuple(position_row(*line) for line in LINES),
        seat_history=seat_events(48),
        violations=violation_rows(),
        entitlements=tuple(entitlement_row(index, *line) for index, line in enumerate(LINES)),
        imports=import_rows(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def inventory_row(
    publisher: str,
    product: str,
    edition: str,
    metric: str,
    owned: int,
    valid: int,
    assigned: int,
    observed: int,
    cost: str | None,
    days: int,
) -> InventoryRow:
    """One line; a site licence is unlimited and has no price."""
    unlimited = metric == "site"
    end = AS_OF.date() + timedelta(days=days)
    return InventoryRow(
        publisher=publisher,
        product=product,
        edition=edition,
        metric=metric,
        unlimited=unlimited,
        owned=None if unlimited else owned,
        valid=None if unlimited else valid,
        assigned=assigned,
        free=None if unlimited else max(valid - assigned, 0),
        observed_use=observed,
        annual_cost=cost,
        currency="EUR" if cost else "",
        next_end=None if unlimited else end,
        notice_deadline=None if unlimited or days < 25 else end - timedelta(days=30),
    )


def position_row(
    publisher: str,
    product: str,
    edition: str,
    metric: str,
    owned: int,
    valid: int,
    assigned: int,
    observed: int,
    cost: str | None,
    days: int,
) -> PositionRow:
    """The position of one line, explained by the rights that are in force and those that are not."""
    unlimited, demand = metric == "site", assigned + observed
    why = [Explanation(f"Agreement HE-2025-{days:03d}, line 1: {valid} rights in force", valid, f"ENT-{days:04d}-A")]
    if owned > valid:
        why.append(Explanation("Purchase PO-2201, line 2: ended on 29 Sept 2026, not counted", 0, f"ENT-{days:04d}-B"))
    why.append(Explanation("Assigned to people, devices or hosts", assigned))
    if observed:
        why.append(Explanation("Seen in the sign-in log without an assignment", observed, "IMP-0007"))
    return PositionRow(
        publisher=publisher,
        product=product,
        edition=edition,
        metric=metric,
        unlimited=unlimited,
        owned=None if unlimited else valid,
        used=demand if unlimited else min(demand, valid),
        needed=0 if unlimited else max(demand - valid, 0),
        available=None if unlimited else max(valid - demand, 0),
        why=() if unlimited else tuple(why),
    )


def entitlement_row(
    index: int,
    publisher: str,
    product: str,
    edition: str,
    metric: str,
    owned: int,
    valid: int,
    assigned: int,
    observed: int,
    cost: str | None,
    days: int,
) -> EntitlementRow:
    """One recorded right; every fifth lacks its invoice, the site licence lacks nearly everything but is waived."""
    unlimited = metric == "site"
    missing = (Missing.INVOICE, Missing.DOCUMENT) if index % 5 == 3 else ()
    return EntitlementRow(
        number=f"ENT-{days:04d}-{index:02d}",
        publisher=publisher,
        product=product,
        edition=edition,
        metric=metric,
        model="site" if unlimited else "subscription",
        unlimited=unlimited,
        rights=None if unlimited else owned,
        starts_on=date(2025, 10, 1),
        ends_on=None if unlimited else AS_OF.date() + timedelta(days=days),
        notice_deadline=None,
        auto_renews=index % 3 == 0,
        agreement=f"HE-2025-{days:03d}",
        purchase=f"PO-22{index:02d}",
        invoice="" if missing else f"INV-88{index:02d}",
        document="" if missing else f"{product.lower().replace(' ', '-')}-order-form.pdf",
        document_sha256="" if missing else hashlib.sha256(product.encode()).hexdigest(),
        import_batch="IMP-0003",
        waiver="Letter of the managing director of 12 May 2019" if unlimited else "",
        missing=(Missing.AGREEMENT, Missing.PURCHASE) if unlimited else missing,
    )


def seat_events(count: int) -> tuple[SeatEvent, ...]:
    """Assignments, every fourth a release, spread evenly over the quarter."""
    step = timedelta(days=91) / max(count, 1)
    return tuple(
        SeatEvent(
            sequence=9_000 + index * 3,
            occurred_at=datetime(2026, 7, 1, 7, tzinfo=UTC) + index * step,
            action="seat.released" if index % 4 == 3 else "seat.assigned",
            publisher=LINES[index % 6][0],
            product=LINES[index % 6][1],
            subject=f"Person {0x4F21 + index * 977:X}",
            quantity=1,
            reason="Left the company" if index % 4 == 3 else "Request approved",
            actor="IT administrator",
            change=-1 if index % 4 == 3 else 1,
        )
        for index in range(count)
    )


def violation_rows() -> tuple[ViolationRow, ...]:
    """One open over-allocation, one closed, one expired use."""
    opened = datetime(2026, 9, 30, 1, 0, 4, tzinfo=UTC)
    return (
        ViolationRow(
            number="V-000017",
            kind="over_allocation",
            title="More seats assigned than rights in force",
            severity=Severity.CRITICAL,
            publisher="Lumen Systems",
            product="Lumen CAD",
            subject="Pool Engineering",
            first_seen=opened,
            last_seen=AS_OF - timedelta(minutes=12),
            observed="110 seats",
            allowed="100 rights",
            open=True,
            owner_role="IT administrator",
            due_on=date(2026, 10, 14),
            timeline=(
                TimelineEntry(opened, "Found by the nightly scan: 20 rights ended on 29 Sept 2026", 14_190),
                TimelineEntry(opened + timedelta(hours=7), "Assigned to the licence owner of Lumen CAD", 14_197),
            ),
        ),
        ViolationRow(
            number="V-000016",
            kind="expired_use",
            title="Seats held after the rights ended",
            severity=Severity.WARNING,
            publisher="Bracken",
            product="Bracken Remote",
            subject="Pool Service desk",
            first_seen=datetime(2026, 9, 2, 1, 0, 3, tzinfo=UTC),
            last_seen=AS_OF - timedelta(minutes=12),
            observed="39 seats",
            allowed="35 rights",
            open=True,
            owner_role="IT administrator",
            due_on=date(2026, 10, 2),
            timeline=(TimelineEntry(datetime(2026, 9, 2, 1, 0, 3, tzinfo=UTC), "Found by the nightly scan", 12_204),),
        ),
        ViolationRow(
            number="V-000011",
            kind="over_allocation",
            title="More seats assigned than rights in force",
            severity=Severity.WARNING,
            publisher="Kestrel",
            product="Kestrel Protection",
            subject="Pool Substations",
            first_seen=datetime(2026, 7, 9, 1, 0, 2, tzinfo=UTC),
            last_seen=datetime(2026, 7, 16, 1, 0, 2, tzinfo=UTC),
            observed="62 seats",
            allowed="60 rights",
            open=False,
            resolution="Two seats released",
            timeline=(
                TimelineEntry(datetime(2026, 7, 9, 1, 0, 2, tzinfo=UTC), "Found by the nightly scan", 9_412),
                TimelineEntry(datetime(2026, 7, 15, 9, 31, 8, tzinfo=UTC), "Two seats released", 9_688),
                TimelineEntry(datetime(2026, 7, 16, 1, 0, 2, tzinfo=UTC), "Closed by the nightly scan", 9_701),
            ),
        ),
    )


def import_rows() -> tuple[ImportRow, ...]:
    """Two committed files."""
    digest = base64.b16encode(hashlib.sha256(b"file").digest()).decode().lower()
    when = datetime(2026, 7, 3, 8, 14, 22, tzinfo=UTC)
    return (
        ImportRow("IMP-0003", "entitlements", "entitlements-2026-q3.csv", digest, when, 14, 3, 120, 0, 2),
        ImportRow("IMP-0007", "assignments", "zuweisungen_2026-09.csv", digest, AS_OF, 31, 0, 2207, 4, 11),
    )


def large(rows: int = 20_000) -> Snapshot:
    """`rows` inventory lines, positions and seat events: what a group of companies brings."""
    names = [(f"Publisher {index % 400:03d}", f"Product {index:05d}", *LINES[index % 11][2:]) for index in range(rows)]
    return snapshot(
        inventory=tuple(inventory_row(*line) for line in names),
        positions=tuple(position_row(*line) for line in names),
        seat_history=seat_events(rows),
    )
