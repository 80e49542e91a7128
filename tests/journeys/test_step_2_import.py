"""Step 2: the IT admin brings the organisation's sheets in, and three roles see what came of it."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from django.test import Client

from tests.factories.tenants import signed_in
from tests.journeys.houses import committed, halden, listed, peopled, sample, uploaded
from tests.plugins.databases import CommittedDatabase

# How many hold Brightfold Diagram Team and Tessel GIS Desktop according to the messy sheet, and the rights for them.
DIAGRAM, DIAGRAM_RIGHTS = 38, 25
GIS, GIS_RIGHTS = 28, 6
PRODUCTS = 19  # in 30 spellings
A_YEAR = {"monthly": 12, "quarterly": 4, "yearly": 1, "once": 0}


def dry_run(browser: Client, address: str) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The counts of the page, and what it says of every row, page after page."""
    rows: list[dict[str, Any]] = []
    shown = browser.get(address)
    for number in range(1, shown.context["rows"].paginator.num_pages + 1):
        rows += browser.get(address, {"page": number}).context["described"]
    return {name: count for name, _label, count in shown.context["counts"]}, rows


def codes(rows: list[dict[str, Any]], status: str) -> Counter[str]:
    return Counter(finding.code for row in rows if row["status"] == status for finding in row["findings"])


def test_messy_sheets_become_rights_seats_and_observed_use(committed_db: CommittedDatabase) -> None:
    """Each row of the dry run says what it would do; the commit writes exactly that; who has no right is observed, not
    lost; the same sheet again changes nothing; IT, finance and procurement each read their figures."""
    house = peopled(halden())
    it = signed_in(house, "it_admin")

    rights = uploaded(it, "entitlements", "entitlements-messy.csv", sample("entitlements-messy.csv"))
    counts, rows = dry_run(it, rights)
    assert (len(rows), counts["new"], counts["warning"], counts["error"]) == (57, 47, 2, 8)
    assert codes(rows, "error") == {
        "CURRENCY_UNKNOWN": 1,
        "NUMBER_UNREADABLE": 1,
        "ENTITLEMENT_CONTRADICTED": 1,
        "DATE_UNREADABLE": 1,
        "CHOICE_UNKNOWN": 1,
        "QUANTITY_MISSING": 1,
        "END_BEFORE_START": 1,
        "CURRENCY_AMBIGUOUS": 1,
    }
    assert listed(it, "entitlements/") == listed(it, "pools/") == []
    committed(house, it, rights)
    assert len(listed(it, "entitlements/")) == 47
    assert len(listed(it, "products/")) == PRODUCTS

    seats = uploaded(it, "assignments", "assignments-messy.csv", sample("assignments-messy.csv"))
    counts, rows = dry_run(it, seats)
    assert len(rows) == 115
    assert codes(rows, "error")["PRODUCT_UNKNOWN"] == 1
    surplus = DIAGRAM - DIAGRAM_RIGHTS + GIS - GIS_RIGHTS
    assert codes(rows, "warning")["CAPACITY_EXCEEDED"] >= surplus
    assert listed(it, "assignments/") == []
    committed(house, it, seats)

    held = {pool["name"]: (pool["used"], pool["limit"]) for pool in listed(it, "pools/") if pool["used"]}
    assert held["Brightfold Diagram Team · Named user"] == (DIAGRAM_RIGHTS, DIAGRAM_RIGHTS)
    assert held["Tessel GIS Desktop · Device"] == (GIS_RIGHTS, GIS_RIGHTS)
    assert sum(row["quantity"] for row in listed(it, "assignments/?live=true")) == sum(
        used for used, _ in held.values()
    )
    observed = {row.product: row.subjects for row in it.get("/it/").context["observed"]}
    assert observed["Tessel GIS"] >= GIS - GIS_RIGHTS
    assert observed["Brightfold Diagram"] >= DIAGRAM - DIAGRAM_RIGHTS

    assert_figures_of_finance_and_procurement(signed_in(house, "finance"), signed_in(house, "procurement"))

    again = uploaded(it, "entitlements", "again.csv", sample("entitlements-messy.csv"))
    counts, _rows = dry_run(it, again)
    assert (counts["new"], counts["same"]) == (0, 47)


def assert_figures_of_finance_and_procurement(finance: Client, procurement: Client) -> None:
    """The annual cost of each currency is what a recount of the purchases gives; renewals stand by notice deadline."""
    now = finance.get("/finance/").context["at"].isoformat()
    counting = {
        right["purchase_line"]
        for right in listed(finance, "entitlements/")
        if right["starts_at"] <= now and (right["ends_at"] is None or right["ends_at"] > now)
    }
    annual: dict[str, Decimal] = defaultdict(Decimal)
    for purchase in listed(finance, "purchases/"):
        for line in purchase["lines"]:
            if line["id"] in counting:
                annual[purchase["currency"]] += Decimal(line["line_total"]) * A_YEAR[line["billing_period"]]
    shown = finance.get("/finance/").context["figures"].currencies
    assert {one.currency: one.total.annual for one in shown} == annual
    assert sum(one.total.over_annual for one in shown) > 0

    renewals = [row.record for row in procurement.get("/procurement/", {"per_page": 100}).context["table"].rows]
    deadlines = [row.notice_on for row in renewals]
    assert deadlines == sorted(deadlines)
    agreements = {
        row["number"] for row in listed(procurement, "agreements/") if row["ends_at"] and row["ends_at"] > now
    }
    assert agreements
    assert agreements <= {row.number for row in renewals}
