"""Schedules: mirrored to the scheduler's own table, run once per period, caught up once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from audit.models import Event
from jobs.models import Schedule, ScheduleRun
from jobs.operations import catch_up, change_schedule, create_schedule, run_period
from jobs.operations.schedules import TAKEN_UP_AGAIN, ScheduleTimesInvalid
from jobs.ports import Outcome, Payload, bindings
from kernel.clock import Clock, FixedClock
from tests.factories.tenants import Tenant, tenant

pytestmark = pytest.mark.django_db
MADE = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Scan:
    """A scheduled work that notes when it was called."""

    def __init__(self) -> None:
        self.calls: list[datetime] = []
        self.does: Callable[[], Outcome] = lambda: {"opened": 1}

    def __call__(self, *, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
        self.calls.append(clock.now())
        return self.does()


@pytest.fixture
def one() -> Tenant:
    return tenant()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MADE)


@pytest.fixture
def scan(monkeypatch: pytest.MonkeyPatch) -> Scan:
    scan = Scan()
    monkeypatch.setattr(bindings, "scheduled", {"scan": scan, "other": Scan()})
    return scan


def made(one: Tenant, name: str = "nightly", kind: str = "scan", **fields: object) -> Schedule:
    with one.writing() as opened:
        row = create_schedule(kind=kind, name=name, trail=opened, **fields)
        Schedule.objects.filter(id=row.id).update(created_at=MADE)
    return row


def run(one: Tenant, schedule: Schedule, clock: FixedClock) -> Outcome | None:
    return run_period(organization_id=one.organization.id, schedule_id=schedule.id, clock=clock)


def test_it_is_mirrored_to_the_scheduler(one: Tenant, scan: Scan) -> None:
    """The scheduler's row has the times in the schedule's zone, one fixed task, and nothing but ids to pass on."""
    row = made(one, hour="3", minute="15", day_of_week="1-5", time_zone="Europe/Berlin")
    task = PeriodicTask.objects.get(id=row.periodic_task_id)
    assert (task.task, task.enabled) == ("jobs.run_schedule", True)
    assert json.loads(task.kwargs) == {"organization_id": str(one.organization.id), "schedule_id": str(row.id)}
    crontab = task.crontab
    assert (crontab.minute, crontab.hour, crontab.day_of_week, str(crontab.timezone)) == (
        "15",
        "3",
        "1-5",
        "Europe/Berlin",
    )


def test_changes_reach_the_mirror(one: Tenant, scan: Scan) -> None:
    """Other times and the switch change the one mirrored row; the ledger has before and after."""
    row = made(one)
    with one.writing() as opened:
        change_schedule(schedule_id=row.id, trail=opened, hour="5", enabled=False)
    task = PeriodicTask.objects.get(id=row.periodic_task_id)
    assert (task.crontab.hour, task.enabled) == ("5", False)
    assert PeriodicTask.objects.filter(name=f"{one.organization.id}:{row.id}").count() == 1
    with one.reading():
        details = json.loads(Event.objects.get(kind="schedule.changed").body)["details"]
    assert (details["before"]["hour"], details["after"]["hour"]) == ("2", "5")


def test_no_change_leaves_no_entry(one: Tenant, scan: Scan) -> None:
    """Saving a form without touching it is nothing that happened."""
    row = made(one)
    with one.writing() as opened:
        change_schedule(schedule_id=row.id, trail=opened, hour="2", enabled=True)
    with one.reading():
        assert not Event.objects.filter(kind="schedule.changed").exists()


def test_equal_times_share_a_crontab(one: Tenant, scan: Scan) -> None:
    """The scheduler's table of times does not grow with the number of organisations."""
    made(one)
    made(tenant())
    assert CrontabSchedule.objects.filter(minute="0", hour="2", timezone="UTC").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"minute": "61"},
        {"hour": "24"},
        {"hour": ""},
        {"minute": "*/0"},
        {"day_of_month": "0"},
        {"month_of_year": "13"},
        {"day_of_week": "someday"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "Europe"},
        {"time_zone": "../etc/passwd"},
        {"time_zone": ""},
    ],
)
def test_times_that_cannot_be_read_are_refused(one: Tenant, scan: Scan, wrong: dict[str, str]) -> None:
    """With a code, and nothing is stored in either table."""
    with pytest.raises(ScheduleTimesInvalid), one.writing() as opened:
        create_schedule(kind="scan", name="wrong", trail=opened, **wrong)
    with one.reading():
        stored = set(Schedule.objects.values_list("periodic_task_id", flat=True))
        assert not Schedule.objects.filter(name="wrong").exists()
    assert set(PeriodicTask.objects.filter(task="jobs.run_schedule").values_list("id", flat=True)) == stored


def test_only_times_and_switch_can_be_changed(one: Tenant, scan: Scan) -> None:
    """A misspelt or foreign field is a mistake of the program, and so is a kind that nobody offers."""
    row = made(one)
    with pytest.raises(ValueError, match="kind is not a field"), one.writing() as opened:
        change_schedule(schedule_id=row.id, trail=opened, kind="other")
    with pytest.raises(ValueError, match="no schedule called theft"):
        made(one, kind="theft")


def test_a_period_runs_once(one: Tenant, scan: Scan, clock: FixedClock) -> None:
    """Two schedulers, a redelivery and the tick may all call: the first one runs it, the next day's is another."""
    row = made(one)
    clock.set(datetime(2026, 11, 21, 2, 0, 5, tzinfo=UTC))
    assert run(one, row, clock) == {"opened": 1}
    assert run(one, row, clock) is None
    assert catch_up(organization_id=one.organization.id, clock=clock) == 0
    clock.advance(timedelta(days=1))
    assert run(one, row, clock) == {"opened": 1}
    with one.reading():
        rows = list(ScheduleRun.objects.order_by("period"))
    assert [row.period for row in rows] == ["2026-11-21T02:00:00+00:00", "2026-11-22T02:00:00+00:00"]
    assert rows[0].outcome == {"opened": 1}
    assert rows[0].finished_at is not None


def test_missed_periods_are_caught_up_once(one: Tenant, scan: Scan, clock: FixedClock) -> None:
    """After three days without a scheduler the latest period runs, and only that."""
    made(one)
    clock.set(datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert catch_up(organization_id=one.organization.id, clock=clock) == 1
    assert catch_up(organization_id=one.organization.id, clock=clock) == 0
    assert len(scan.calls) == 1


def test_nothing_is_caught_up_from_before_the_schedule(one: Tenant, scan: Scan, clock: FixedClock) -> None:
    """A schedule made at noon has not missed the night before."""
    row = made(one)
    clock.advance(timedelta(hours=1))
    assert run(one, row, clock) is None
    assert scan.calls == []


def test_a_disabled_or_unknown_schedule_does_not_run(one: Tenant, scan: Scan, clock: FixedClock) -> None:
    """The scheduler may still hold a message for it."""
    row = made(one, enabled=False)
    clock.advance(timedelta(days=2))
    assert run(one, row, clock) is None
    assert run_period(organization_id=one.organization.id, schedule_id=uuid4(), clock=clock) is None
    assert run_period(organization_id=tenant().organization.id, schedule_id=row.id, clock=clock) is None


def test_a_period_that_was_never_finished_is_taken_up_again(one: Tenant, scan: Scan, clock: FixedClock) -> None:
    """Where the worker died or the work failed, the same period runs again after an hour, and then it is finished."""
    row = made(one)
    clock.set(datetime(2026, 11, 21, 2, 0, 5, tzinfo=UTC))

    def fail() -> Outcome:
        raise ZeroDivisionError

    scan.does = fail
    with pytest.raises(ZeroDivisionError):
        run(one, row, clock)
    assert run(one, row, clock) is None
    clock.advance(TAKEN_UP_AGAIN)
    scan.does = lambda: {"opened": 2}
    assert run(one, row, clock) == {"opened": 2}
    clock.advance(TAKEN_UP_AGAIN)
    assert run(one, row, clock) is None
    with one.reading():
        assert ScheduleRun.objects.get().outcome == {"opened": 2}


def test_one_failing_schedule_stops_no_other(
    one: Tenant, scan: Scan, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others of the organisation run in the same sweep, and the error still reaches the log."""
    ran: list[str] = []

    def failing(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
        raise ZeroDivisionError

    def noting(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
        ran.append(str(parameters["name"]))
        return {}

    monkeypatch.setattr(bindings, "scheduled", {"scan": failing, "other": noting})
    made(one, "first", "other", parameters={"name": "first"})
    made(one, "broken")
    made(one, "last", "other", parameters={"name": "last"})
    clock.advance(timedelta(days=1))
    with pytest.raises(ZeroDivisionError):
        catch_up(organization_id=one.organization.id, clock=clock)
    assert sorted(ran) == ["first", "last"]


def test_the_zone_decides_when_it_is_due(one: Tenant, scan: Scan, clock: FixedClock) -> None:
    """Two in the morning in Berlin is one in the morning in UTC in winter."""
    row = made(one, time_zone="Europe/Berlin")
    clock.set(datetime(2026, 11, 21, 0, 59, tzinfo=UTC))
    assert run(one, row, clock) is None
    clock.set(datetime(2026, 11, 21, 1, 0, tzinfo=UTC))
    assert run(one, row, clock) is not None
