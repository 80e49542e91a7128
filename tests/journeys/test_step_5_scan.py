"""Step 5: the nightly scan finds the planted over-deployment once, and buying rights closes it."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO

from django.core.management import call_command
from django.test import Client

from compliance.schedules import SCAN
from jobs.models import Schedule, ScheduleRun
from kernel.clock import FixedClock
from licensing.models import Metric
from licensing.operations import Named, NewEntitlement, create_entitlement, ensure_product, standard_metrics
from seats.models import SeatPool
from seats.operations import SeatRequest, assign_many
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.journeys.houses import beat, listed, rest, scheduled
from tests.plugins.databases import CommittedDatabase
from tests.seats.books import people, writing

ENDLESS, ENDED, SEATS, MISSING = 100, 20, 110, 10
NIGHTLY = "Nightly scan"


def planted(house: Tenant) -> str:
    """A year of the house: 100 rights for ever, 20 that ended yesterday, and 110 seats that were given while all 120
    held. Returns the pool's id."""
    now = datetime.now(UTC)
    with writing(house, at=now - timedelta(days=40)) as trail:
        product, _none = ensure_product(named=Named("Tessel", "Tessel GIS"), trail=trail)
        metric = standard_metrics(trail=trail)["named_user"]
        for quantity, model, ends_at in (
            (ENDLESS, "perpetual", None),
            (ENDED, "subscription", now - timedelta(days=1)),
        ):
            right = NewEntitlement(
                product=product,
                metric=metric,
                model=model,
                quantity=quantity,
                starts_at=now - timedelta(days=300),
                ends_at=ends_at,
                document="contracts/gis.pdf",
            )
            create_entitlement(entitlement=right, trail=trail)
    with writing(house, at=now - timedelta(days=30)) as trail:
        pool = SeatPool.objects.get()
        requests = [SeatRequest(person=person, reason="Map team") for person in people(house, SEATS)]
        assign_many(pool=pool, requests=requests, trail=trail)
    return str(pool.id)


def hidden_fields(page: str) -> dict[str, str]:
    """What a browser sends along without anybody typing it."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def scan_by_command(house: Tenant) -> str:
    said = StringIO()
    call_command("scan", organization=house.organization.slug, stdout=said)
    return said.getvalue()


def open_violations(browser: Client) -> list[tuple[str, int, int]]:
    return [(row["kind"], row["observed"], row["allowed"]) for row in listed(browser, "violations/?state=open")]


def test_the_over_deployment_opens_one_violation_and_new_rights_close_it(committed_db: CommittedDatabase) -> None:
    """110 seats on 100 rights and 20 that ended yesterday: the scheduled scan opens exactly one violation, running it
    again by schedule, command and button opens none, and ten rights more close it as cured."""
    house = tenant(clock=FixedClock(datetime.now(UTC) - timedelta(days=301)))
    pool = planted(house)
    officer, buyer = signed_in(house, "compliance_officer"), signed_in(house, "procurement")

    row = scheduled(house, NIGHTLY)
    assert (row.task, row.enabled, row.crontab.hour, row.crontab.minute) == ("jobs.run_schedule", True, "2", "0")
    beat(row)
    assert open_violations(officer) == [("over_allocation", SEATS, ENDLESS)]
    with house.reading():
        [run] = ScheduleRun.objects.all()
    assert run.outcome["opened"] == 1

    beat(row)
    with house.reading():
        assert ScheduleRun.objects.count() == 1, "one run for one period, however often the scheduler calls"
    assert "0 opened, 1 still open" in scan_by_command(house)
    assert officer.post("/violations/scan/").status_code == 302
    assert len(listed(officer, "violations/")) == 1
    page = officer.get("/violations/").content.decode()
    assert "Tessel GIS" in page

    [pool_now] = listed(buyer, "pools/")
    assert (pool_now["id"], pool_now["used"], pool_now["covered"], pool_now["excess"]) == (
        pool,
        SEATS,
        ENDLESS,
        MISSING,
    )
    with house.reading():
        metric = Metric.objects.get(code="named_user")
    purchase = rest(
        buyer,
        "purchases/",
        {
            "order_number": "PO-7001",
            "currency": "EUR",
            "lines": [{"quantity": MISSING, "unit_price": "640.00", "billing_period": "once"}],
        },
    )
    rest(
        buyer,
        "entitlements/",
        {
            "product": pool_now["product"],
            "metric": str(metric.id),
            "model": "perpetual",
            "quantity": MISSING,
            "starts_at": datetime.now(UTC).isoformat(),
            "purchase_line": purchase["lines"][0]["id"],
        },
    )
    assert "0 opened, 0 still open, 1 resolved" in scan_by_command(house)
    assert open_violations(officer) == []
    [closed] = listed(officer, "violations/")
    assert (closed["state"], closed["resolution"]) == ("resolved", "cured")


def test_times_of_the_scan_are_edited_per_organisation(committed_db: CommittedDatabase) -> None:
    """Saved in the admin, the new times stand in the scheduler's own row, and no other organisation's row moves."""
    one, other = tenant(), tenant()
    with one.reading():
        schedule = Schedule.objects.get(kind=SCAN)
    it, address = signed_in(one, "it_admin"), f"/admin/jobs/schedule/{schedule.id}/change/"
    answer = it.post(
        address,
        {
            **hidden_fields(it.get(address).content.decode()),
            "enabled": "on",
            "minute": "30",
            "hour": "4",
            "day_of_week": "1-5",
            "day_of_month": "*",
            "month_of_year": "*",
            "time_zone": "Europe/Oslo",
        },
    )
    assert answer.status_code == 302, answer.content
    crontab = scheduled(one, NIGHTLY).crontab
    assert (crontab.minute, crontab.hour, crontab.day_of_week, str(crontab.timezone)) == (
        "30",
        "4",
        "1-5",
        "Europe/Oslo",
    )
    assert scheduled(other, NIGHTLY).crontab.hour == "2"
