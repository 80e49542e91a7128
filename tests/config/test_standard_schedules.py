"""What is scheduled for every organisation from its first day on, and for those that an earlier release made."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_celery_beat.models import PeriodicTask

from audit.queries import events
from config.doctor import Level, examine
from config.standard_schedules import EVERYWHERE, WITH_LICENCES, standard_schedules
from identity.models import Organization
from identity.operations import create_organization
from identity.operations.organizations import TimeZoneUnknown
from jobs.models import Schedule
from jobs.operations import change_schedule
from jobs.ports import bindings
from kernel.clock import DatabaseClock
from licensing.models import Metric
from tests.factories.tenants import Tenant, tenant

pytestmark = pytest.mark.django_db
NOT_STANDARD: dict[str, str] = {}
"""Kind of schedule → why no organisation begins with it."""


def furnish(*given: str) -> str:
    out = StringIO()
    call_command("furnish_organizations", *given, stdout=out)
    return out.getvalue()


def stored(house: Tenant) -> dict[str, Schedule]:
    with house.reading():
        return {row.kind: row for row in Schedule.objects.all()}


def emptied(house: Tenant) -> None:
    """As an earlier release left it."""
    with house.writing():
        PeriodicTask.objects.filter(id__in=Schedule.objects.values("periodic_task_id")).delete()
        Schedule.objects.all().delete()


def test_every_kind_is_standard_or_says_why_not():
    """A kind of schedule that nobody sets up would never run."""
    standard = {one.kind for one in (*EVERYWHERE, *WITH_LICENCES)}
    assert standard | set(NOT_STANDARD) == set(bindings.scheduled)
    assert not standard & set(NOT_STANDARD)


@pytest.mark.parametrize(("kind", "wanted"), [("buyer", 7), ("vendor", 7), ("both", 7), ("platform", 3)])
def test_a_new_organisation_has_its_nights_planned(kind, wanted):
    """By its own clock, on record, and in the scheduler's own table; the platform has no licences to look after."""
    row = create_organization(slug="fjord", name="Fjord", kind=kind, time_zone="Europe/Oslo", clock=DatabaseClock())
    house = Tenant(row)
    rows = stored(house)
    assert len(rows) == wanted == len(EVERYWHERE) + (0 if kind == "platform" else len(WITH_LICENCES))
    for one in rows.values():
        task = PeriodicTask.objects.get(id=one.periodic_task_id)
        assert (task.enabled, task.task) == (True, "jobs.run_schedule")
        assert json.loads(task.kwargs) == {"organization_id": str(row.id), "schedule_id": str(one.id)}
        assert (task.crontab.hour, str(task.crontab.timezone)) == (one.hour, "Europe/Oslo")
    with house.reading():
        assert events().filter(kind="schedule.created").count() == wanted


def test_an_earlier_organisation_is_completed_once():
    """What it lacks is added; what it has set its own way stays; the second call finds nothing missing."""
    old, new = tenant(slug="old"), tenant(slug="new")
    emptied(old)
    moved = stored(new)["compliance.scan"]
    with new.writing() as trail:
        change_schedule(schedule_id=moved.id, hour="5", enabled=False, trail=trail)
    assert furnish() == "new: nothing was missing\nold: completed\n"
    assert set(stored(old)) == set(bindings.scheduled)
    assert stored(new)["compliance.scan"].hour == "5"
    assert not stored(new)["compliance.scan"].enabled
    assert furnish("--organization", "old") == "old: nothing was missing\n"
    with old.reading():
        assert Metric.objects.count() == Metric.objects.values("code").distinct().count()


def test_an_organisation_that_does_not_exist_is_named():
    """Like every other command does."""
    with pytest.raises(CommandError, match="ORGANIZATION_UNKNOWN"):
        furnish("--organization", "nobody")


def test_the_doctor_finds_what_is_missing():
    """With the kinds and the command that adds them."""
    house = tenant(slug="halden")
    assert not [found for found in examine() if "lacks schedules" in found.says]
    emptied(house)
    [found] = [found for found in examine() if "lacks schedules" in found.says]
    assert (found.level, found.cure) == (Level.WARNING, "manage.py furnish_organizations")
    assert "compliance.scan" in found.says


@pytest.mark.parametrize("name", ["Atlantis/Centre", "", "../etc/passwd", "x" * 5000])
def test_a_time_zone_that_no_clock_knows_is_refused(name):
    """Before anything is stored; and an organisation that has one from earlier gets its nights by UTC."""
    with pytest.raises(TimeZoneUnknown):
        create_organization(slug="fjord", name="Fjord", kind="buyer", time_zone=name, clock=DatabaseClock())
    assert not Organization.objects.filter(slug="fjord").exists()
    house = tenant()
    emptied(house)
    Organization.objects.filter(id=house.organization.id).update(time_zone=name)
    with house.writing() as trail:
        standard_schedules(trail=trail)
    assert {row.time_zone for row in stored(house).values()} == {"UTC"}
