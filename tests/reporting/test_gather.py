"""What each section reads: constant queries, the scope, and what is never told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.clock import DatabaseClock
from licensing.models import Entitlement, Metric
from licensing.operations import renew_entitlement, revoke_entitlement
from reporting.gather.entitlements import entitlements
from reporting.gather.frame import Frame
from reporting.gather.imports import imports
from reporting.gather.inventory import inventory
from reporting.gather.lines import lines
from reporting.gather.people import colleagues, role_names
from reporting.gather.positions import positions
from reporting.gather.rights import own_rights
from reporting.gather.seat_history import seat_history
from reporting.gather.violations import violations
from reporting.packages.formatting import Formatter
from reporting.packages.snapshot import Missing, Scope
from tests.factories import compliance, identity, licensing, seats
from tests.factories.tenants import member, tenant
from tests.reporting.houses import House, house, more

pytestmark = pytest.mark.django_db


def frame(one: House, **changes) -> Frame:
    now = datetime.now(UTC)
    values = {
        "organization_id": one.tenant.organization.id,
        "start": now - timedelta(days=90),
        "end": now + timedelta(days=1),
        "at": now,
        "zone": ZoneInfo("Europe/Oslo"),
        "scope": Scope.ALL,
        "scope_id": None,
        "form": Formatter("en"),
        **changes,
    }
    return Frame(**values)


def sections(asked: Frame):
    """Every section, with the number of queries that it took."""
    costs = {}

    def counted(name, read):
        with CaptureQueriesContext(connection) as queries:
            found = read()
        costs[name] = len(queries)
        return found

    rights = counted("rights", lambda: own_rights(asked))
    people = counted("people", colleagues)
    book = counted("lines", lambda: lines(asked, rights))
    found = {
        "inventory": counted("inventory", lambda: inventory(asked, book, rights)),
        "positions": counted("positions", lambda: positions(asked, book)),
        "seat_history": counted("seat_history", lambda: seat_history(asked, people)),
        "violations": counted("violations", lambda: violations(asked, people)),
        "entitlements": counted("entitlements", lambda: entitlements(asked, rights)),
        "imports": counted("imports", lambda: imports(asked, rights)),
    }
    return found, costs


def test_a_larger_book_costs_no_more_queries():
    """Each section takes the same number of queries for two products and for twelve."""
    one = house()
    with one.tenant.reading():
        small, first = sections(frame(one))
    more(one, 10)
    with one.tenant.reading():
        large, second = sections(frame(one))
    assert first == second
    assert first == {
        "rights": 1,
        "people": 1,
        "lines": 3,
        "inventory": 0,
        "positions": 0,
        "seat_history": 3,
        "violations": 2,
        "entitlements": 0,
        "imports": 1,
    }
    assert (len(small["inventory"]), len(large["inventory"])) == (2, 12)
    assert len(large["imports"]) == len(small["imports"]) + 10


@pytest.mark.parametrize("kind", [Scope.PUBLISHER, Scope.PRODUCT])
def test_a_package_of_one_publisher_or_product_tells_of_no_other(kind):
    """Every row of every section belongs to it, and what belongs to it is all there."""
    one = house()
    named = one.cad.publisher_id if kind is Scope.PUBLISHER else one.cad.id
    with one.tenant.reading():
        found, _costs = sections(frame(one, scope=kind, scope_id=named))
        whole, _costs = sections(frame(one))
    for name in ("inventory", "positions", "seat_history", "violations", "entitlements"):
        assert found[name] == tuple(row for row in whole[name] if row.product == "Lumen CAD")
        assert found[name]
    assert found["imports"] == ()


def test_another_organisations_books_are_not_read():
    """A house with the same products next door changes nothing."""
    one = house()
    house()
    with one.tenant.reading():
        found, _costs = sections(frame(one))
    assert [row.assigned for row in found["inventory"]] == [110, 27]
    assert len(found["violations"]) == 1


def test_what_lies_outside_the_period_is_left_out():
    """Seats that changed hands before it, and violations that began after it."""
    one = house()
    now = datetime.now(UTC)
    with one.tenant.reading():
        found, _costs = sections(frame(one, start=now - timedelta(days=30), end=now - timedelta(days=10)))
    assert [row.change for row in found["seat_history"]] == [-1, -1, -1]
    assert found["violations"] == ()


def test_a_renewed_and_a_revoked_right_count_as_what_they_are():
    """The renewal counts once it has begun; a revoked right is told as withdrawn and is no evidence."""
    one = house()
    with one.tenant.writing() as trail:
        ended = Entitlement.objects.get(product=one.cad, quantity=20)
        renew_entitlement(
            entitlement=ended,
            quantity=25,
            ends_at=datetime.now(UTC) + timedelta(days=300),
            document="renewal.pdf",
            trail=trail,
        )
        office = Entitlement.objects.get(product=one.office)
        revoke_entitlement(entitlement_id=office.id, reason="Returned", trail=trail)
    with one.tenant.reading():
        found, _costs = sections(frame(one))
    cad, gone = found["inventory"]
    assert (cad.product, cad.owned, cad.valid) == ("Lumen CAD", 125, 125)
    assert (gone.owned, gone.valid, gone.next_end) == (0, 0, None)
    assert ["renewed" in row.text for row in found["positions"][0].why].count(True) == 1
    assert "withdrawn" in found["positions"][1].why[0].text
    assert office.number not in {row.number for row in found["entitlements"]}


def test_observed_use_that_fits_no_pool_needs_rights_of_its_own():
    """Use of a product that nobody licensed is a line without metric and without rights."""
    one = house()
    with one.tenant.writing():
        product = licensing.product(one.tenant.organization, name="Shadow Tool")
        licensing.observed_use(product, device=identity.device(one.tenant.organization), quantity=24)
    with one.tenant.reading():
        found, _costs = sections(frame(one))
    [line] = [row for row in found["positions"] if row.product == "Shadow Tool"]
    assert (line.metric, line.owned, line.used, line.needed) == ("", 0, 0, 24)


def test_observed_use_counts_against_the_pool_of_the_whole_organisation():
    """Of two pools of a product the one for everywhere is meant; with two for territories nobody guesses."""
    one = house()
    with one.tenant.writing():
        metric = Metric.objects.get(code="named_user")
        seats.pool(one.tenant.organization, product=one.office, metric=metric, territory="NO")
    with one.tenant.reading():
        found, _costs = sections(frame(one))
    [line] = [row for row in found["positions"] if row.product == one.office.name]
    assert (line.owned, line.used, line.needed) == (50, 50, 7)


def test_prices_in_two_currencies_are_not_added_up():
    """The inventory states no sum, and the position says both amounts."""
    one = house()
    with one.tenant.writing():
        purchase = licensing.purchase(one.tenant.organization, currency="USD")
        line = licensing.purchase_line(purchase, product=one.cad, billing_period="yearly")
        licensing.entitlement(
            one.tenant.organization,
            product=one.cad,
            metric=Metric.objects.get(code="named_user"),
            quantity=5,
            starts_at=datetime.now(UTC) - timedelta(days=2),
            ends_at=datetime.now(UTC) + timedelta(days=200),
            purchase_line=line,
        )
    with one.tenant.reading():
        found, _costs = sections(frame(one))
    assert (found["inventory"][0].annual_cost, found["inventory"][0].currency) == (None, "")
    assert "€54,000.00, US$125.00" in found["positions"][0].why[-1].text


def test_a_licence_of_a_vendor_is_a_right_as_well():
    """A pool that is fed by a licence counts its seats."""
    one = tenant("vendor")
    now = datetime.now(UTC)
    with one.writing():
        product = licensing.product(one.organization)
        pool = seats.pool(one.organization, product=product, capacity=5)
        row = licensing.license(
            licensing.license_type(product), quantity=5, valid_from=now - timedelta(days=1), expires_at=None
        )
        seats.source(pool, license=row)
    asked = frame(House(one, product, product, now.date(), now.date()))
    with one.reading():
        found, _costs = sections(asked)
    assert [(row.owned, row.available) for row in found["positions"]] == [(5, 5)]


def test_missing_papers_are_named():
    """Nothing is left out silently: a right on a document alone lacks agreement, purchase and invoice."""
    one = house()
    with one.tenant.reading():
        found, _costs = sections(frame(one))
    lacking = {row.rights: row.missing for row in found["entitlements"]}
    assert lacking[100] == (Missing.INVOICE,)
    assert lacking[50] == (Missing.AGREEMENT, Missing.PURCHASE, Missing.INVOICE)


def test_people_appear_by_role_and_pseudonym():
    """Who takes care of a violation and who acted are roles; a task is a task; nobody has a name."""
    one = house()
    account, principal = member(one.tenant, "it_admin")
    with one.tenant.writing():
        pool = seats.pool(one.tenant.organization, product=one.cad, territory="SE")
        now = DatabaseClock().now()
        compliance.violation(one.tenant.organization, pool=pool, owner=account, first_seen_at=now, last_seen_at=now)
    with one.tenant.reading():
        found, _costs = sections(frame(one))
        known = colleagues()
    assert {row.owner_role for row in found["violations"]} == {"", "IT administrator"}
    assert known.actor(str(principal.pseudonym)) == "IT administrator"
    assert {row.actor for row in found["seat_history"]} == {"Automatic task"}
    assert known.actor("5b2b8c0e-4d0f-4a53-9f52-6f2f6f0c1a11") == "Person 5b2b8c0e"
    assert role_names(["owner", "auditor"], language="en") == "Auditor, Owner"
