"""The timeline of a licence: names, figures and reasons in words, and the ends that the clock brings."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from compliance.operations import request_revocation
from licensing.operations import (
    cancel_license,
    change_quantity,
    mark_past_due,
    record_renewal,
    renew_license,
    suspend_license,
    transfer_license,
)
from licensing.ports import bindings
from licensing.queries.license_history import history_of
from licensing.timeline import Step, timeline
from tests.factories import licensing
from tests.factories.tenants import member
from tests.licensing.lives import Lived, approved, lived
from tests.licensing.vendors import Vendor, vendor

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 15, 12, tzinfo=UTC)
END = datetime(2027, 1, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


def told(one: Lived, at: datetime) -> list[Step]:
    """The timeline as the licence's page shows it, the oldest first."""
    row = one.row
    with one.vendor.house.reading():
        subjects = [row.id, *(asked.id for asked in bindings.changes_of(license=row))]
        entries = history_of(subjects, organization_id=row.organization_id)
        return timeline(entries, license=row, renewals=list(row.renewals.all()), at=at)[::-1]


def words(one: Lived, at: datetime) -> list[tuple[str, str]]:
    return [(step.title, step.text) for step in told(one, at)]


def test_each_step_tells_its_particulars(lumen: Vendor) -> None:
    """What was issued to whom, what units cost or brought back, who held it, which stage of dunning came."""
    one = lived(lumen, START, unit_price=Decimal(120), currency="EUR", charge_period="year")
    with lumen.house.reading():
        other = licensing.party(lumen.house.organization, kind="licensee", name="Nordlys AS")
    one.take(change_quantity, quantity=29, confirmed=Decimal("-120.00"))
    one.take(change_quantity, quantity=1_029, confirmed=Decimal("120000.00"))
    approval = approved("license.transfer", one.id, licensee=str(other.id), reason="because")
    one.take(transfer_license, licensee_id=other.id, approval=approval)
    one.take(mark_past_due, since=None)
    one.at(START + 7 * DAY).tick()
    assert words(one, START + 8 * DAY) == [
        ("Issued", "30 units for Fjord Design, CAD subscription"),
        ("Units changed", "30 → 29 units, 120.00 EUR given back"),
        ("Units changed", "29 → 1,029 units, 120,000.00 EUR"),
        ("Handed on", "Fjord Design → Nordlys AS"),
        ("Payment past due", "since 15 Jan 2026"),
        ("Next stage of dunning", "Without features"),
    ]


def test_terms_end_by_the_clock(lumen: Vendor) -> None:
    """The end of a term and that of its grace stand where they fell, also before a renewal that came late."""
    one = lived(lumen, START)
    assert words(one, END - DAY) == [("Issued", "30 units for Fjord Design, CAD subscription")]
    assert words(one, END)[1:] == [("Term ended", "in grace until 29 Jan 2027")]
    assert words(one, END + 14 * DAY)[1:] == [("Term ended", "in grace until 29 Jan 2027"), ("Grace ended", "")]
    one.at(END + 2 * DAY).take(renew_license)
    assert words(one, END + 3 * DAY)[1:] == [("Term ended", ""), ("Renewed", "15 Jan 2027 – 15 Jan 2028")]
    [end] = [step for step in told(one, END + 3 * DAY) if step.sequence is None]
    assert (end.at, end.actor) == (END, "")


def test_a_renewal_in_time_and_a_cancellation_end_no_term_early(lumen: Vendor) -> None:
    """Renewed before its end a licence has no gap; cancelled it ends without grace."""
    one = lived(lumen, START)
    one.at(END - DAY).take(record_renewal)
    one.take(renew_license)
    assert [title for title, _text in words(one, END + DAY)] == ["Issued", "Renewal recorded", "Renewed"]
    one.take(cancel_license)
    last = END + 366 * DAY
    assert words(one, last)[-2:] == [("Cancelled as of its end", "15 Jan 2028"), ("Term ended", "")]


def test_a_request_stands_in_the_timeline_while_it_waits(lumen: Vendor) -> None:
    """What was asked, by whom and why; the page's port tells that it is open."""
    one = lived(lumen, START)
    _account, maja = member(lumen.house, "vendor_ops")
    member(lumen.house, "approver")
    license = one.row
    with lumen.house.writing(maja) as trail:
        row = request_revocation(license=license, reason="Returned", trail=trail)
    step = told(one, START + DAY)[-1]
    assert (step.title, step.text, step.reason, step.actor) == (
        "Asked to revoke it",
        row.number,
        "Returned",
        "Kim Member",
    )
    with lumen.house.reading():
        [asked] = bindings.changes_of(license=license)
    assert (asked.is_open, asked.asked_by, asked.reason) == (True, "Kim Member", "Returned")


def test_the_reason_stands_apart_from_the_particulars(lumen: Vendor) -> None:
    """A suspension has a reason and no particulars."""
    one = lived(lumen, START)
    one.take(suspend_license, reason="Invoice 4711")
    step = told(one, START)[-1]
    assert (step.title, step.text, step.reason) == ("Suspended", "", "Invoice 4711")
