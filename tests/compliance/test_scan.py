"""The scan: a violation opens once, is seen again, and closes when it is cured."""

from datetime import timedelta

import pytest
from django.core import mail

from audit.operations import trail
from audit.queries import events
from compliance.models import ScanRun, Violation
from compliance.operations import ScanOutcome, scan
from jobs.models import OutboxMessage
from jobs.operations import relay
from kernel.clock import FixedClock
from kernel.scope import scope
from licensing.models import Entitlement
from seats.models import SeatPool
from tests.factories import licensing, seats
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db


def planted(one: Tenant, *, used: int = 110) -> SeatPool:
    """100 rights without an end and 20 that ended yesterday; seats held by 110."""
    pool = seats.pool(one.organization, capacity=120, used=used)
    endless = licensing.entitlement(
        one.organization,
        product=pool.product,
        metric=pool.metric,
        quantity=100,
        model="perpetual",
        starts_at=days(-300),
        ends_at=None,
    )
    ended = licensing.entitlement(
        one.organization,
        product=pool.product,
        metric=pool.metric,
        quantity=20,
        model="subscription",
        starts_at=days(-366),
        ends_at=days(-1),
    )
    seats.source(pool, entitlement=endless)
    seats.source(pool, entitlement=ended)
    return pool


def scanned(one: Tenant, *, after: timedelta = timedelta(0)) -> ScanOutcome:
    with trail(organization_id=one.organization.id, actor=one.actor, clock=FixedClock(NOW + after)) as opened:
        return scan(trail=opened)


def kinds(one: Tenant) -> list[str]:
    with one.reading():
        return [row.kind for row in events() if row.kind.startswith("violation.")]


@pytest.mark.requirement("REQ-165")
@pytest.mark.requirement("REQ-020")
def test_a_planted_over_deployment_is_found_once() -> None:
    """110 seats on 100 valid rights (20 more ended yesterday) open one over-allocation; a second scan opens none."""
    one = tenant()
    with one.writing():
        pool = planted(one)
    first, second = scanned(one), scanned(one, after=timedelta(minutes=5))
    assert (first.run.opened, second.run.opened, second.run.still_open) == (1, 0, 1)
    with one.reading():
        row = Violation.objects.get()
        assert (row.kind, row.observed, row.allowed, row.pool_id) == ("over_allocation", 110, 100, pool.id)
        assert row.evidence["rights_lapsed"] == 20
        assert row.last_seen_at == NOW + timedelta(minutes=5)
        assert ScanRun.objects.values_list("input_digest", flat=True).distinct().count() == 1
    assert kinds(one) == ["violation.opened"]


def test_new_rights_close_it() -> None:
    """When rights for the missing ten are bought, the next scan resolves the violation and says that it was cured."""
    one = tenant()
    with one.writing():
        pool = planted(one)
    scanned(one)
    with one.writing():
        bought = licensing.entitlement(
            one.organization,
            product=pool.product,
            metric=pool.metric,
            quantity=10,
            model="perpetual",
            starts_at=days(-1),
            ends_at=None,
        )
        seats.source(pool, entitlement=bought)
    outcome = scanned(one, after=timedelta(hours=1))
    with one.reading():
        row = Violation.objects.get()
    assert (outcome.run.resolved, row.state, row.resolution) == (1, "resolved", "cured")
    assert kinds(one) == ["violation.opened", "violation.resolved"]


def test_one_pool_changes_its_kind_and_never_has_two() -> None:
    """When the last right lapses, over-allocation becomes expired use: one closes as replaced, one opens."""
    one = tenant()
    with one.writing():
        pool = planted(one)
    scanned(one)
    with one.writing():
        Entitlement.objects.filter(ends_at__isnull=True, pool_sources__pool=pool).update(
            state="revoked", revoked_at=NOW, revoked_by="somebody", revoked_reason="returned"
        )
    outcome = scanned(one, after=timedelta(hours=1))
    with one.reading():
        states = {(row.kind, row.state, row.resolution) for row in Violation.objects.all()}
    assert (outcome.run.opened, outcome.run.resolved) == (1, 1)
    assert states == {("over_allocation", "resolved", "replaced"), ("expired_use", "open", "")}


def test_a_pool_within_its_rights_is_silent() -> None:
    """100 seats on 100 rights are no violation."""
    one = tenant()
    with one.writing():
        planted(one, used=100)
    assert scanned(one).run.opened == 0


def test_people_in_charge_are_told_once_per_scan() -> None:
    """IT and compliance get one e-mail about what is new; a scan without news sends none."""
    one = tenant()
    it, _principal = member(one, "it_admin")
    member(one, "finance")
    with trail(organization_id=one.organization.id, actor=one.actor) as opened:
        planted(one)
        scan(trail=opened)
    with trail(organization_id=one.organization.id, actor=one.actor) as opened:
        scan(trail=opened)
        clock = opened.clock
    with one.reading():
        assert OutboxMessage.objects.count() == 1
    assert relay(organization_id=one.organization.id, clock=clock) == 1
    assert [(message.to, "100 are allowed" in message.body) for message in mail.outbox] == [([it.email], True)]


def test_rest_scans_and_lists() -> None:
    """POST /scans judges now; /violations lists what was found; other roles and visitors are refused."""
    one = tenant()
    with one.writing():
        planted(one)
    officer = signed_in(one, "compliance_officer")
    answer = officer.post("/api/v1/scans/")
    assert (answer.status_code, answer.json()["opened"]) == (201, 1)
    assert int(answer["Ledger-Entry"]) > 0
    listed = officer.get("/api/v1/violations/", {"state": "open"}).json()["results"]
    assert [row["observed"] for row in listed] == [110]
    assert signed_in(one, "member").get("/api/v1/violations/").status_code == 403
    assert signed_in(tenant(), "it_admin").get(f"/api/v1/violations/{listed[0]['id']}/").status_code == 404
    officer.logout()
    assert officer.get("/api/v1/violations/").status_code == 401


def test_an_owner_must_work_here() -> None:
    """A violation is assigned to a member of the organisation; an account of another one is refused and named."""
    one = tenant()
    with one.writing():
        planted(one)
    scanned(one)
    officer = signed_in(one, "compliance_officer")
    with one.reading():
        row = Violation.objects.get()
    stranger, _principal = member(tenant(), "it_admin")
    refused = officer.post(
        f"/api/v1/violations/{row.id}/assign/", {"owner": str(stranger.id)}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "OWNER_UNKNOWN")
    colleague, _principal = member(one, "it_admin")
    taken = officer.post(
        f"/api/v1/violations/{row.id}/assign/", {"owner": str(colleague.id)}, content_type="application/json"
    )
    assert (taken.status_code, taken.json()["owner"]) == (200, str(colleague.id))
    with scope(one.organization.id):
        assert "violation.assigned" in [event.kind for event in events()]
