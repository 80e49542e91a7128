"""Renewals: what ends, folded into its agreement, with the deadline of the organisation's own calendar."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reporting.queries.renewals import Renewal, renewals
from reporting.rules.notice import Bucket
from tests.factories import licensing
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, tenant

pytestmark = pytest.mark.django_db
UTC = ZoneInfo("UTC")


def found(one: Tenant) -> list[Renewal]:
    with one.reading():
        return renewals(at=NOW, zone=UTC)


def test_a_right_that_ends_with_its_agreement_is_a_part_of_it() -> None:
    """Two rights end with the agreement, one before it: two entries, the agreement counts two rights."""
    one = tenant()
    with one.writing():
        house = one.organization
        agreement = licensing.agreement(house, ends_at=days(100), notice_days=30)
        for end in (100, 100, 50):
            licensing.entitlement(house, agreement=agreement, ends_at=days(end), starts_at=days(-5))
    right, contract = found(one)
    assert (contract.kind, contract.rights, contract.bucket) == ("agreement", 2, Bucket.DAYS_90)
    assert (right.kind, right.notice_days, right.days_left) == ("entitlement", 30, 20)


def test_what_is_renewed_or_over_is_left_out() -> None:
    """A renewed right, one that ended long ago, a revoked one, a terminated agreement and one without an end need
    nobody; a right that ended yesterday without a renewal does."""
    one = tenant()
    with one.writing():
        house = one.organization
        renewed = licensing.entitlement(house, starts_at=days(-300), ends_at=days(20))
        licensing.entitlement(house, previous=renewed, starts_at=days(20), ends_at=days(385))
        licensing.entitlement(house, starts_at=days(-300), ends_at=days(-91))
        licensing.agreement(
            house,
            ends_at=days(9),
            state="terminated",
            terminated_at=NOW,
            terminated_by="x",
            terminated_reason="x",
        )
        licensing.agreement(house, ends_at=None)
        licensing.entitlement(
            house, state="revoked", revoked_at=NOW, revoked_by="x", revoked_reason="x", ends_at=days(9)
        )
        licensing.entitlement(house, number="E-lost", starts_at=days(-300), ends_at=days(-1))
    entries = found(one)
    assert [(entry.number == "E-lost", entry.has_ended, entry.bucket) for entry in entries] == [
        (True, True, Bucket.OVERDUE),
        (False, False, Bucket.LATER),
    ]


def test_an_agreement_costs_what_its_rights_in_force_cost() -> None:
    """Each purchase line counts once for its agreement, lines of ended rights and of one payment not at all."""
    one = tenant()
    with one.writing():
        house = one.organization
        agreement = licensing.agreement(house, ends_at=days(100))
        yearly = licensing.purchase_line(licensing.purchase(house), billing_period="yearly")
        once = licensing.purchase_line(licensing.purchase(house), billing_period="once")
        lapsed = licensing.purchase_line(licensing.purchase(house), billing_period="monthly")
        for line, end in ((yearly, 100), (yearly, 90), (once, 100), (lapsed, -1)):
            licensing.entitlement(house, agreement=agreement, purchase_line=line, starts_at=days(-9), ends_at=days(end))
    [contract] = [entry for entry in found(one) if entry.kind == "agreement"]
    assert contract.annual == (("EUR", Decimal("125.00")),)


def test_the_most_urgent_stands_first() -> None:
    """Entries are sorted by the last day for a notice, not by the day on which they end."""
    one = tenant()
    with one.writing():
        licensing.agreement(one.organization, number="late", ends_at=days(60), notice_days=0)
        licensing.agreement(one.organization, number="soon", ends_at=days(120), notice_days=90)
    assert [entry.number for entry in found(one)] == ["soon", "late"]
    assert found(tenant()) == []


def test_a_waiver_is_no_document() -> None:
    """A right that counts by a waiver is listed without evidence."""
    one = tenant()
    with one.writing():
        waived = {"evidence_waived_at": NOW, "evidence_waived_by": "x", "evidence_waiver": "lost in the move"}
        licensing.entitlement(one.organization, document="", **waived)
    assert [entry.has_evidence for entry in found(one)] == [False]
