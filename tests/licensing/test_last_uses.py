"""Files of last uses, sign-in logs among them: what is kept of them, and what is asked of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from identity.models import Person
from kernel.clock import SystemClock
from licensing.importing.texts import comparable
from licensing.keyring import peppers
from licensing.models import ImportBatch, ImportRow, LastUse, ObservedUse, Product
from licensing.queries.last_used import LastUsed, last_used, products_with_use
from licensing.rules.digests import subject_digest
from tests.factories import identity, licensing
from tests.factories.tenants import Tenant, tenant
from tests.licensing.test_imports import counts, imported

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)
LOG = """Date;User principal name;Application;Status
2026-11-02T08:00:00Z;anna@halden.example;Corvid Portal;Success
2026-11-03T09:30:00+01:00;anna@halden.example;Corvid Portal;Success
2026-11-01T07:00:00Z;Anna@halden.example;Corvid Portal;Success
2026-11-03T08:30:00Z;bo;Corvid Portal;Success
2026-11-03T08:30:00Z;stranger@else.example;Corvid Portal;Success
2026-11-03T08:30:00Z;bo;Unheard Of;Success
"""


@pytest.fixture
def halden() -> Tenant:
    one = tenant()
    with one.writing():
        anna = identity.person(one.organization, user_name="anna")
        identity.email(anna, value="anna@halden.example")
        identity.person(one.organization, user_name="bo")
        identity.device(one.organization, hostname="cad-07")
        office = licensing.product(one.organization, name="Corvid Office")
        licensing.alias(office, alias="Corvid Portal", alias_normalised=comparable("Corvid Portal"))
        licensing.product(one.organization, name="Tessel GIS")
    return one


def kept(one: Tenant) -> dict[tuple[str, str], tuple[str, int | None]]:
    """Subject and product: when (UTC), and how often."""
    with one.reading():
        rows = LastUse.objects.select_related("person", "device", "product")
        return {
            (row.person.user_name if row.person else row.device.hostname if row.device else "", row.product.name): (
                f"{row.last_used_at.astimezone(UTC):%Y-%m-%d %H:%M}",
                row.uses,
            )
            for row in rows
        }


def test_a_log_of_sign_ins_becomes_one_row_a_person_and_product(halden: Tenant) -> None:
    """The application is found by its other name; the latest line stands, whatever its order and zone; strangers are
    left out and unknown applications are errors."""
    batch = imported(halden, "last_uses", LOG)
    assert kept(halden) == {
        ("anna", "Corvid Office"): ("2026-11-03 08:30", None),
        ("bo", "Corvid Office"): ("2026-11-03 08:30", None),
    }
    assert counts(batch) == (2, 1, 1, 1, 1)
    with halden.reading():
        codes = [one["code"] for row in ImportRow.objects.order_by("line") for one in row.findings]
        assert codes == ["USER_UNKNOWN", "PRODUCT_UNKNOWN"]
        assert Event.objects.filter(kind="last_use.recorded").count() == 1
        assert not ObservedUse.objects.exists()


def test_the_same_file_twice_changes_nothing(halden: Tenant) -> None:
    """All rows are as they were, and no entry is added."""
    imported(halden, "last_uses", LOG)
    before = kept(halden)
    batch = imported(halden, "last_uses", LOG)
    assert counts(batch) == (0, 0, 4, 1, 1)
    assert kept(halden) == before
    with halden.reading():
        assert Event.objects.filter(kind="last_use.recorded").count() == 1


def test_uses_only_move_forward_and_keep_what_stood_before(halden: Tenant) -> None:
    """A later file moves a row on and keeps the row as it was; an earlier one changes nothing. Days begin in the
    organisation's zone; devices and counts are read."""
    sheet = "Product,Host name,Last used,Uses\nTessel GIS,CAD-07,{},{}\n"
    imported(halden, "last_uses", sheet.format("2026-03-01", 4))
    before = kept(halden)["cad-07", "Tessel GIS"]
    batch = imported(halden, "last_uses", sheet.format("05.03.2026 14:00", 9))
    assert counts(batch) == (0, 1, 0, 0, 0)
    with halden.reading():
        row = ImportRow.objects.get(batch=ImportBatch.objects.get(id=batch.id))
        assert row.before is not None
        assert (row.before["uses"], row.target_type) == (4, "licensing.LastUse")
    imported(halden, "last_uses", sheet.format("2026-02-01", 99))
    after = kept(halden)["cad-07", "Tessel GIS"]
    assert (before[1], after[1]) == (4, 9)
    assert before[0] < "2026-03-01 12" < "2026-03-05" < after[0]


def test_lines_that_say_nothing_of_a_use(halden: Tenant) -> None:
    """No moment: left out. The future and two kinds of user: errors."""
    tomorrow = f"{SystemClock().now() + timedelta(days=2):%Y-%m-%d}"
    sheet = (
        "Product,User name,Host name,Last used\nTessel GIS,anna,,never\n"
        f"Tessel GIS,anna,,{tomorrow}\nTessel GIS,anna,cad-07,2026-01-02\nTessel GIS,,,2026-01-02\n"
        "Tessel GIS,anna,,2026-01-02 25:00\n"
    )
    assert counts(imported(halden, "last_uses", sheet)) == (0, 0, 0, 4, 1)
    assert kept(halden) == {}


def pair(one: Tenant, user: str, product: str) -> Any:
    return Person.objects.get(user_name=user).id, Product.objects.get(name=product).id


def test_the_latest_of_all_sources_is_known_with_its_source(halden: Tenant) -> None:
    """Imports, observed use, usage events and activations that name the person: the latest wins; nobody's silence is a
    use."""
    with halden.writing():
        anna, gis = pair(halden, "anna", "Tessel GIS")
        person, product = Person.objects.get(id=anna), Product.objects.get(id=gis)
        license = licensing.license(licensing.license_type(product))

    def asked() -> LastUsed | None:
        with halden.reading():
            nobody = pair(halden, "bo", "Tessel GIS")
            found = last_used(pairs=[(anna, gis), nobody], since=NOW - timedelta(days=90))
            assert nobody not in found
            return found.get((anna, gis))

    def digest(name: str) -> str:
        return subject_digest(kind="user", value=name, pepper=peppers()[-1])

    assert asked() is None
    days = {ago: NOW - timedelta(days=ago) for ago in (1, 2, 3, 4, 100)}
    with halden.writing():
        licensing.usage_event(license, subject=digest("anna"), at=days[100], source="plotter")
    assert asked() is None
    with halden.writing():
        licensing.last_use(product, person=person, last_used_at=days[4])
    assert asked() == LastUsed(days[4], "sign-ins")
    with halden.writing():
        licensing.observed_use(product, person=person, last_used_at=days[3])
    assert asked() == LastUsed(days[3], "inventory.csv")
    with halden.writing():
        licensing.usage_event(license, subject=digest("anna@halden.example"), at=days[2], source="plotter")
    assert asked() == LastUsed(days[2], "plotter")
    with halden.writing():
        licensing.activation(license, user=digest("anna"), first_seen_at=days[4], last_seen_at=days[1])
    assert asked() == LastUsed(days[1], "activation")


def test_a_product_of_which_nothing_is_known_is_told_from_one_that_is_used(halden: Tenant) -> None:
    """Half-open: a use at the end of the window is none in it."""
    with halden.writing():
        anna, gis = pair(halden, "anna", "Tessel GIS")
        licensing.last_use(
            Product.objects.get(id=gis), person=Person.objects.get(id=anna), last_used_at=NOW - timedelta(days=3)
        )
        office = Product.objects.get(name="Corvid Office").id
    with halden.reading():
        day = timedelta(days=1)
        assert products_with_use(products=[gis, office], start=NOW - 3 * day, end=NOW) == {gis}
        assert products_with_use(products=[gis, office], start=NOW - 9 * day, end=NOW - 3 * day) == set()


def test_the_question_costs_the_same_for_one_and_for_many(halden: Tenant) -> None:
    """The number of queries does not grow with the pairs."""
    with halden.writing():
        product = Product.objects.get(name="Tessel GIS")
        people = [identity.person(halden.organization) for _ in range(20)]
        for person in people:
            licensing.last_use(product, person=person)
    numbers = []
    for count in (1, 20):
        with halden.reading(), CaptureQueriesContext(connection) as queries:
            found = last_used(pairs=[(one.id, product.id) for one in people[:count]], since=NOW)
        assert len(found) == count
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
