"""Ordering, failing, trying again and handing out: what the operations refuse and what they record."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from babel.dates import format_date

from audit.models import SigningKey
from audit.queries import events
from jobs import tasks
from jobs.models import JobRun
from jobs.operations import carry_out
from jobs.ports import bindings
from kernel.clock import DatabaseClock, FixedClock
from reporting import work
from reporting.models import AuditPackage
from reporting.operations import PackageScope, build, building, hand_out, request_package, retry_package
from reporting.operations.building import PackageNotReady
from reporting.operations.handing_out import PackageFileMissing
from reporting.operations.ordering import (
    PackageLanguageUnknown,
    PackageNotFailed,
    PackageNotFound,
    PackagePeriodInvalid,
    PackageScopeUnknown,
)
from reporting.package_files import path_of
from reporting.packages.child import RenderingFailed
from reporting.packages.snapshot import Scope
from reporting.queries.packages import package_progress
from reporting.schedules import PackageScheduleInvalid, scheduled_package
from tests.factories import licensing, reporting
from tests.factories.tenants import Tenant, tenant

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()


def ordered(one: Tenant, **changes) -> AuditPackage:
    values = {
        "first": TODAY - timedelta(days=30),
        "last": TODAY,
        "scope": PackageScope(),
        "language": "en",
        "role": "Auditor",
        "wake": lambda organization, run: None,
        **changes,
    }
    with one.writing() as trail:
        return request_package(trail=trail, **values)


def carried_out(one: Tenant, package: AuditPackage):
    assert package.job_run_id is not None
    return carry_out(organization_id=one.organization.id, run_id=package.job_run_id, clock=DatabaseClock())


def reread(one: Tenant, package: AuditPackage) -> AuditPackage:
    with one.reading():
        return AuditPackage.objects.get(id=package.id)


def told(one: Tenant) -> list[tuple[str, dict]]:
    """Kinds and details of the ledger's entries about packages, in order."""
    with one.reading():
        return [
            (event.kind, json.loads(event.body)["details"])
            for event in events().filter(kind__startswith="audit_package.")
        ]


def test_an_order_is_a_row_a_run_and_an_entry():
    """Half-open days, the role of whoever asked, and who asked as a pseudonym."""
    one = tenant()
    package = ordered(one, first=date(2026, 7, 1), last=date(2026, 9, 30))
    assert (package.state, package.period_start, package.period_end) == (
        "queued",
        date(2026, 7, 1),
        date(2026, 10, 1),
    )
    assert (package.requested_by, package.requested_by_role) == (str(one.actor.pseudonym), "Auditor")
    with one.reading():
        run = JobRun.objects.get()
    assert (run.kind, run.parameters, run.id) == (
        work.BUILD_PACKAGE,
        {"package": str(package.id)},
        package.job_run_id,
    )
    [(kind, details)] = told(one)
    assert (kind, details["number"], details["scope"]) == ("audit_package.requested", package.number, "all")


@pytest.mark.parametrize(
    ("wrong", "refusal", "pointer"),
    [
        ({"first": TODAY, "last": TODAY - timedelta(days=1)}, PackagePeriodInvalid, "/last_day"),
        ({"first": TODAY + timedelta(days=2), "last": TODAY + timedelta(days=3)}, PackagePeriodInvalid, "/first_day"),
        ({"first": date.min, "last": TODAY}, PackagePeriodInvalid, "/first_day"),
        ({"last": date.max}, PackagePeriodInvalid, "/last_day"),
        ({"language": "xx"}, PackageLanguageUnknown, "/language"),
        ({"scope": PackageScope(Scope.PUBLISHER)}, PackageScopeUnknown, "/scope"),
        ({"scope": PackageScope(Scope.ALL, UUID(int=1))}, PackageScopeUnknown, "/scope"),
        ({"scope": PackageScope(Scope.LICENSEE)}, PackageScopeUnknown, "/scope"),
    ],
)
def test_a_wrong_order_leaves_nothing(wrong, refusal, pointer):
    """A refusal that points at the mistake; no row, no run, no entry."""
    one = tenant()
    with pytest.raises(refusal) as caught:
        ordered(one, **wrong)
    assert [error.pointer for error in caught.value.errors] == [pointer]
    with one.reading():
        assert not AuditPackage.objects.exists()
        assert not JobRun.objects.exists()
    assert told(one) == []


def test_a_publisher_next_door_is_unknown():
    """The scope names rows of the own organisation alone."""
    one, other = tenant(), tenant()
    with other.writing():
        foreign = licensing.publisher(other.organization)
    with pytest.raises(PackageScopeUnknown):
        ordered(one, scope=PackageScope(Scope.PUBLISHER, foreign.id))
    with one.writing():
        own = licensing.publisher(one.organization, name="Lumen")
    package = ordered(one, scope=PackageScope(Scope.PUBLISHER, own.id))
    assert package.scope == {"kind": "publisher", "id": str(own.id), "name": "Lumen"}


def test_a_failed_rendering_can_be_tried_again_from_the_same_facts(short_report, monkeypatch):
    """The package says why, the ledger too; the second try starts from the stored snapshot and comes to an end."""
    one = tenant()
    package = ordered(one)

    def broken(**arguments):
        raise RenderingFailed("no font")

    with monkeypatch.context() as patched:
        patched.setattr(building, "render_report", broken)
        assert carried_out(one, package) is None
    failed = reread(one, package)
    assert (failed.state, failed.error_code) == ("failed", "PACKAGE_RENDERING_FAILED")
    assert failed.snapshot_sha256
    with one.writing() as trail:
        again = retry_package(package_id=package.id, trail=trail, wake=lambda organization, run: None)
    assert again.job_run_id != package.job_run_id
    assert carried_out(one, again)["number"] == package.number
    ready = reread(one, package)
    assert (ready.state, ready.error_code, ready.snapshot_sha256) == ("ready", "", failed.snapshot_sha256)
    assert [kind.partition(".")[2] for kind, _details in told(one)] == ["requested", "failed", "requested", "built"]
    with pytest.raises(PackageNotFailed), one.writing() as trail:
        retry_package(package_id=package.id, trail=trail, wake=lambda organization, run: None)


def test_building_a_ready_package_again_changes_nothing(short_report):
    """A redelivered message finds the work done."""
    one = tenant()
    package = ordered(one)
    carried_out(one, package)
    before, entries = reread(one, package), told(one)
    build(package_id=package.id, actor=one.actor, progress=lambda percent, stage: None, clock=DatabaseClock())
    after = reread(one, package)
    assert (after.built_at, after.manifest_sha256) == (before.built_at, before.manifest_sha256)
    assert told(one) == entries


@pytest.mark.parametrize(
    ("error", "code"),
    [(OSError("no space left"), "PACKAGE_STORAGE_FAILED"), (ValueError("a mistake of ours"), "INTERNAL")],
)
def test_whatever_goes_wrong_leaves_the_package_as_failed(monkeypatch, error, code):
    """A full disk has a code of its own; a mistake of the program is raised on for the log as well."""
    one = tenant()
    package = ordered(one)

    def broken(content, *, organization_id):
        raise error

    monkeypatch.setattr(building, "store_snapshot", broken)
    if code == "INTERNAL":
        with pytest.raises(ValueError, match="mistake"):
            carried_out(one, package)
    else:
        carried_out(one, package)
    assert (reread(one, package).state, reread(one, package).error_code) == ("failed", code)


def test_an_unsigned_package_is_not_built():
    """Without an audit key nothing is handed out in the organisation's name."""
    one = tenant()
    package = ordered(one)
    with one.writing():
        SigningKey.objects.filter(retired_at__isnull=True).update(retired_at=DatabaseClock().now())
    carried_out(one, package)
    assert reread(one, package).error_code == "PACKAGE_SIGNING_FAILED"


def test_a_lost_worker_shows_and_can_be_tried_again():
    """The run was given up by the sweeper while the package still says that it is being built."""
    one = tenant()
    package = ordered(one)
    with one.writing():
        JobRun.objects.update(state="failed", error_code="WORKER_LOST", finished_at=DatabaseClock().now())
        AuditPackage.objects.update(state="building")
    with one.reading():
        found = package_progress(package.id)
    assert found is not None
    assert (found.state, found.error_code, found.can_retry) == ("failed", "WORKER_LOST", True)
    with one.writing() as trail:
        retry_package(package_id=package.id, trail=trail, wake=lambda organization, run: None)


def test_only_a_ready_package_is_handed_out():
    """Refused while it waits, when its file is gone, and when it belongs to somebody else; no entry is left."""
    one, other = tenant(), tenant()
    package = ordered(one)
    with other.writing():
        foreign = reporting.package(other.organization, **reporting.BUILT)
    with one.writing():
        lost = reporting.package(one.organization, **reporting.BUILT)
    for row, refusal in ((package, PackageNotReady), (lost, PackageFileMissing), (foreign, PackageNotFound)):
        with pytest.raises(refusal), one.writing() as trail:
            hand_out(package_id=row.id, trail=trail)
    assert [kind for kind, _details in told(one)] == ["audit_package.requested"]


def test_a_schedule_orders_the_month_that_is_over_in_the_house_of_its_clocks():
    """Half an hour after midnight in Oslo it is still yesterday in UTC: the month that counts is Oslo's."""
    one = tenant()
    with one.writing():
        type(one.organization).objects.filter(id=one.organization.id).update(time_zone="Europe/Oslo")
    clock = FixedClock(datetime(2026, 2, 28, 23, 30, tzinfo=UTC))
    outcome = scheduled_package(
        organization_id=one.organization.id, parameters={"every": "month", "language": "de"}, clock=clock
    )
    with one.reading():
        package = AuditPackage.objects.get(id=str(outcome["package"]))
    assert (package.period_start, package.period_end) == (date(2026, 2, 1), date(2026, 3, 1))
    assert package.language == "de"


@pytest.mark.parametrize(
    "parameters", [{}, {"every": "week"}, {"every": "month", "scope": "house"}, {"every": "month", "scope_id": "x"}]
)
def test_a_schedule_that_cannot_be_read_says_so(parameters):
    """A refusal with a code instead of a package of something else."""
    one = tenant()
    with pytest.raises(PackageScheduleInvalid):
        scheduled_package(organization_id=one.organization.id, parameters=parameters, clock=DatabaseClock())


def test_a_package_waits_in_a_queue_of_its_own(monkeypatch):
    """A run that was woken on the default queue is passed on to pdf, where it is carried out; others stay."""
    one = tenant()
    package = ordered(one)
    sent, done = [], []
    monkeypatch.setattr(tasks.carry_out, "apply_async", lambda **message: sent.append(message))
    monkeypatch.setattr("jobs.operations.carry_out", lambda **arguments: done.append(arguments["run_id"]))
    names = {"organization_id": str(one.organization.id), "run_id": str(package.job_run_id)}
    tasks.carry_out(**names)
    assert sent == [{"kwargs": {**names, "queue": "pdf"}, "queue": "pdf"}]
    assert done == []
    tasks.carry_out(**sent[0]["kwargs"])
    assert done == [package.job_run_id]
    assert len(sent) == 1
    monkeypatch.setattr(bindings, "queues", {})
    tasks.carry_out(**names)
    assert len(done) == 2


def test_the_launchers_worker_serves_the_queue_of_packages():
    """What `make run` starts listens where packages wait."""
    launcher = Path(work.__file__).parents[1] / "config/management/commands/launch.py"
    assert f'"celery,{work.QUEUE}"' in launcher.read_text(encoding="utf-8")


def test_facts_are_told_in_the_language_that_was_asked_for(short_report):
    """Sentences of the facts follow the order, not the worker; the role is what was handed over."""
    one = tenant()
    ends = datetime.now(UTC) + timedelta(days=200)
    with one.writing():
        licensing.entitlement(one.organization, ends_at=ends, starts_at=datetime.now(UTC) - timedelta(days=9))
    package = ordered(one, language="de", role="Prüfer")
    carried_out(one, package)
    stored = json.loads(path_of(reread(one, package).snapshot_file, organization_id=one.organization.id).read_bytes())[
        "sections"
    ]
    assert (stored["parameters"]["language"], stored["parameters"]["requested_by_role"]) == ("de", "Prüfer")
    last = (ends - timedelta(microseconds=1)).date()
    assert format_date(last, "d MMM y", locale="de") in stored["positions"][0]["why"][0]["text"]
