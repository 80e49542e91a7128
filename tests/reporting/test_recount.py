"""Figures of the dashboards against a second count in plain SQL, written without the code that they come from."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from reporting.queries.rights import expiring
from reporting.queries.spending import spending_at
from reporting.queries.use import observed_products, seat_use
from reporting.rules.spending import CurrencySpending
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, tenant
from tests.reporting.books import random_house

pytestmark = pytest.mark.django_db

IN_FORCE = "e.state = 'active' AND e.starts_at <= %(at)s AND (e.ends_at IS NULL OR e.ends_at > %(at)s)"
PER_YEAR = "CASE l.billing_period WHEN 'monthly' THEN 12 WHEN 'quarterly' THEN 4 ELSE 1 END"
VALID = f"""
    SELECT s.pool_id, SUM(e.quantity * e.rights_per_unit) AS rights
    FROM seats_pool_source s JOIN licensing_entitlement e ON e.id = s.entitlement_id
    WHERE {IN_FORCE} GROUP BY s.pool_id
"""
USE = f"""
    WITH valid AS ({VALID}), pool AS (
        SELECT p.used, p.unlimited, p.overdraft
            + CASE WHEN COALESCE(v.rights, 0) < p.capacity THEN COALESCE(v.rights, 0) ELSE p.capacity END AS most
        FROM seats_pool p LEFT JOIN valid v ON v.pool_id = p.id WHERE p.organization_id = %(house)s
    )
    SELECT SUM(CASE WHEN used < most THEN used ELSE most END), SUM(CASE WHEN used < most THEN most - used ELSE 0 END),
           SUM(CASE WHEN used > most THEN used - most ELSE 0 END), SUM(most), COUNT(*)
    FROM pool WHERE NOT unlimited
"""
COST = f"""
    SELECT b.currency, SUM(CASE WHEN l.billing_period <> 'once' THEN l.quantity * l.unit_price * {PER_YEAR} ELSE 0 END),
           SUM(CASE WHEN l.billing_period = 'once' THEN l.quantity * l.unit_price ELSE 0 END)
    FROM licensing_purchase_line l JOIN licensing_purchase b ON b.id = l.purchase_id
    WHERE l.organization_id = %(house)s
      AND EXISTS (SELECT 1 FROM licensing_entitlement e WHERE e.purchase_line_id = l.id AND {IN_FORCE})
    GROUP BY b.currency ORDER BY b.currency
"""
OVER = f"""
    WITH valid AS ({VALID}), priced AS (
        SELECT s.pool_id, b.currency, SUM(l.unit_price * {PER_YEAR} * e.quantity) AS cost
        FROM seats_pool_source s JOIN licensing_entitlement e ON e.id = s.entitlement_id
        JOIN licensing_purchase_line l ON l.id = e.purchase_line_id JOIN licensing_purchase b ON b.id = l.purchase_id
        WHERE {IN_FORCE} AND l.billing_period <> 'once' GROUP BY s.pool_id, b.currency
    )
    SELECT c.currency, SUM(ROUND(c.cost * (v.rights - p.used) / v.rights, 2)), SUM(v.rights - p.used)
    FROM priced c JOIN valid v ON v.pool_id = c.pool_id JOIN seats_pool p ON p.id = c.pool_id
    WHERE v.rights > p.used AND p.organization_id = %(house)s GROUP BY c.currency ORDER BY c.currency
"""
SHORT = f"""
    WITH valid AS ({VALID}), price AS (
        SELECT s.pool_id, b.currency, l.unit_price * {PER_YEAR} AS cost, ROW_NUMBER() OVER (
            PARTITION BY s.pool_id ORDER BY CASE WHEN {IN_FORCE} THEN 0 ELSE 1 END, e.starts_at DESC,
            l.unit_price * {PER_YEAR} DESC) AS place
        FROM seats_pool_source s JOIN licensing_entitlement e ON e.id = s.entitlement_id
        JOIN licensing_purchase_line l ON l.id = e.purchase_line_id JOIN licensing_purchase b ON b.id = l.purchase_id
    )
    SELECT c.currency, SUM((p.used - COALESCE(v.rights, 0)) * c.cost), SUM(p.used - COALESCE(v.rights, 0))
    FROM seats_pool p LEFT JOIN valid v ON v.pool_id = p.id JOIN price c ON c.pool_id = p.id AND c.place = 1
    WHERE NOT p.unlimited AND p.used > COALESCE(v.rights, 0) AND p.organization_id = %(house)s
    GROUP BY c.currency ORDER BY c.currency
"""


def counted(one: Tenant, sql: str) -> list[tuple[Any, ...]]:
    house: Any = one.organization.id if connection.vendor == "postgresql" else one.organization.id.hex
    values = {
        "house": house,
        "at": connection.ops.adapt_datetimefield_value(NOW),
        "soon": connection.ops.adapt_datetimefield_value(days(90)),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def amount(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def by_currency(rows: tuple[CurrencySpending, ...], *names: str) -> list[tuple[Any, ...]]:
    """The named totals of each currency in which one of them is not 0."""
    found = [(row.currency, *(getattr(row.total, name) for name in names)) for row in rows]
    return [row for row in found if any(row[1:])]


@pytest.fixture(params=[1, 2])
def house(request: pytest.FixtureRequest) -> Tenant:
    one, other = tenant(), tenant()
    with one.writing():
        random_house(one.organization, seed=request.param, pools=40)
    with other.writing():
        random_house(other.organization, seed=99, pools=3)
    return one


def test_seats_and_rights_equal_a_second_count(house: Tenant) -> None:
    """Seats in use, free, over and covered; observed use by product; rights in force that end within 90 days: all are
    what SQL counts over the rows of this organisation alone."""
    observed = """
        SELECT p.name, COUNT(*), SUM(o.quantity) FROM licensing_observed_use o
        JOIN licensing_product p ON p.id = o.product_id
        WHERE o.organization_id = %(house)s AND o.ended_at IS NULL GROUP BY p.name
    """
    ending = f"""
        SELECT COUNT(*) FROM licensing_entitlement e
        WHERE {IN_FORCE} AND e.ends_at <= %(soon)s AND e.organization_id = %(house)s
    """
    with house.reading():
        use, seen, soon = seat_use(at=NOW), observed_products(), expiring(at=NOW, most=5)
        [seats] = counted(house, USE)
        assert [(soon.total,)] == counted(house, ending)
        assert sorted((row.product, row.subjects, row.quantity) for row in seen) == sorted(counted(house, observed))
    total = use.totals
    assert (total.in_use, total.free, total.over, total.limit, 40) == seats
    assert (total.unlimited_pools, sum(row.unlimited for row in use.products)) == (1, 77)
    assert len(soon.rows) == min(soon.total, 5)


def test_money_equals_a_second_count(house: Tenant) -> None:
    """Annual cost, what was paid once, what unused rights cost and what missing ones would: by currency, each equal to
    the sum in SQL to the cent."""
    with house.reading():
        found = spending_at(at=NOW).currencies
        cost = [(code, amount(annual), amount(once)) for code, annual, once in counted(house, COST)]
        over = [(code, amount(value), seats) for code, value, seats in counted(house, OVER)]
        short = [(code, amount(value), seats) for code, value, seats in counted(house, SHORT)]
    assert by_currency(found, "annual", "once") == cost
    assert by_currency(found, "over_annual", "unused") == over
    assert by_currency(found, "exposure", "short") == short
    assert {row[0] for row in cost} == {"EUR", "USD"}
