"""Whoever lacks the right to money sees no amount: not in the ledger, not in import rows, not in the error file."""

import json
from datetime import date
from decimal import Decimal

import pytest

from audit.queries import events
from audit.rules.money import without_money
from licensing.models import PartyKind
from licensing.operations import NewLine, NewPurchase, ensure_party, record_purchase
from licensing.operations.imports import examine
from tests.factories import licensing
from tests.factories.tenants import Tenant, signed_in, tenant

pytestmark = pytest.mark.django_db
SHEET = (
    b"Publisher,Product,Metric,Quantity,Licence model,Start,Unit price,Currency,Billing period,Purchase order\n"
    b"Acme,Draw,named_user,10,perpetual,2026-01-01,7654.32,EUR,once,PO-1\n"
    b"Acme,Paint,named_user,10,perpetual,2026-01-01,12x4.56,EUR,once,PO-2\n"
)


def test_the_rule_leaves_amounts_out_and_says_so():
    """Other details stay, and a body without amounts is the body as it is."""
    body = {"kind": "purchase.created", "details": {"total": "10.00", "lines": 1}}
    assert without_money(body) == {**body, "details": {"lines": 1}, "hidden": ["total"]}
    assert without_money({"details": {"lines": 1}}) == {"details": {"lines": 1}}
    assert without_money({"kind": "x"}) == {"kind": "x"}


@pytest.fixture
def bought() -> tuple[Tenant, int]:
    one = tenant()
    with one.writing() as opened:
        product = licensing.product(one.organization)
        supplier = ensure_party(kind=PartyKind.RESELLER, name="Hidden Partner AG", trail=opened)
        line = NewLine(product=product, quantity=1, unit_price=Decimal("98765.43"), description="Seats")
        record_purchase(
            purchase=NewPurchase(
                supplier=supplier, order_number="PO-9", ordered_on=date(2026, 1, 5), currency="EUR", lines=(line,)
            ),
            trail=opened,
        )
    with one.reading():
        return one, events().get(kind="purchase.created").sequence


def test_the_ledger_hides_amounts(bought):
    """On the page and over REST, for a compliance officer; an auditor sees them on both."""
    one, sequence = bought
    for role, sees in (("compliance_officer", False), ("auditor", True)):
        browser = signed_in(one, role)
        page = browser.get(f"/audit/entries/{sequence}/").content.decode()
        rest = browser.get("/api/v1/audit/events/", {"kind": "purchase.created"}).content.decode()
        assert ("98765.43" in page, "98765.43" in rest) == (sees, sees)
        assert ("Amounts are not shown to your roles" in page) is not sees


def test_partners_stand_in_the_ledger_as_commitments(bought):
    """The name of a partner may be that of a human."""
    one, _sequence = bought
    with one.reading():
        body = json.loads(events().get(kind="party.created").body)
    assert "Hidden Partner" not in json.dumps(body)
    assert set(body["personal"]) == {"name"}


def test_import_rows_hide_prices():
    """On the page, over REST and in the error file, the value of a price that is wrong included."""
    one = tenant()
    with one.writing() as opened:
        batch = examine(kind_name="entitlements", file_name="e.csv", data=SHEET, source="", trail=opened)
    for role, sees in (("it_admin", False), ("procurement", True)):
        browser = signed_in(one, role)
        shown = [
            browser.get(url).content.decode()
            for url in (
                f"/it/imports/{batch.id}/",
                f"/api/v1/imports/{batch.id}/rows/",
                f"/it/imports/{batch.id}/errors.csv",
            )
        ]
        assert ["7654.32" in text or "12x4.56" in text for text in shown] == [sees] * 3
