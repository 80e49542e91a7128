"""Schedules: the only writer of the scheduler's own table, and "once per period" whoever calls."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from celery.schedules import ParseException, crontab_parser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_celery_beat.models import CrontabSchedule, PeriodicTask, PeriodicTasks

from jobs.models import Schedule, ScheduleRun
from jobs.ports import Outcome, bindings
from jobs.rules.periods import Times, latest_due
from kernel.clock import Clock
from kernel.errors import InvalidInput, JsonValue
from kernel.scope import scope
from kernel.trail import Trail

TASK = "jobs.run_schedule"
# Longer than any task may run (CELERY_TASK_TIME_LIMIT).
TAKEN_UP_AGAIN = timedelta(hours=1)
CRONTAB = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone")
FIELDS = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year", "time_zone", "enabled", "parameters")


class ScheduleTimesInvalid(InvalidInput):
    """The crontab fields or the time zone cannot be read."""

    code = "SCHEDULE_TIMES_INVALID"


@dataclass(frozen=True, kw_only=True)
class NewSchedule:
    """A schedule as the house sets it up: crontab fields, and the parameters that its kind understands."""

    kind: str
    name: str
    hour: str
    minute: str = "0"
    day_of_month: str = "*"
    month_of_year: str = "*"
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)


def create_schedule(*, kind: str, name: str, trail: Trail, **fields: object) -> Schedule:
    """Adds a schedule and its mirrored row; raises ScheduleTimesInvalid, or ValueError for a kind nobody offers."""
    if kind not in bindings.scheduled:
        raise ValueError(f"config.composition binds no schedule called {kind}")
    row = Schedule(organization_id=trail.organization_id, kind=kind, name=name, created_at=trail.clock.now(), **fields)
    times_of(row)
    row.periodic_task_id = _mirror(row)
    row.save()
    trail.record("schedule.created", subject=row, details={"kind": kind, **_described(row)})
    return row


def ensure_schedules(*, wanted: Sequence[NewSchedule], time_zone: str, trail: Trail) -> list[Schedule]:
    """Adds those of a kind that the organisation has none of, and returns them; what it has stays as it was set.
    The number of queries does not grow with the number that is wanted.
    """
    present = set(Schedule.objects.values_list("kind", flat=True))
    rows = [_row(one, time_zone, trail) for one in wanted if one.kind not in present]
    if not rows:
        return []
    crontabs = _crontabs(rows)
    tasks = PeriodicTask.objects.bulk_create(
        PeriodicTask(name=_task_name(row), task=TASK, crontab=crontabs[_crontab_of(row)], kwargs=_kwargs(row))
        for row in rows
    )
    # The library notes changes of single rows by a signal, of many rows by nothing.
    PeriodicTasks.update_changed()
    for row, task in zip(rows, tasks, strict=True):
        row.periodic_task_id = int(task.pk)
    Schedule.objects.bulk_create(rows)
    for row in rows:
        trail.record("schedule.created", subject=row, details={"kind": row.kind, **_described(row)})
    return rows


def _row(wanted: NewSchedule, time_zone: str, trail: Trail) -> Schedule:
    row = Schedule(
        organization_id=trail.organization_id,
        kind=wanted.kind,
        name=wanted.name,
        minute=wanted.minute,
        hour=wanted.hour,
        day_of_month=wanted.day_of_month,
        month_of_year=wanted.month_of_year,
        time_zone=time_zone,
        parameters=dict(wanted.parameters),
        created_at=trail.clock.now(),
    )
    times_of(row)
    return row


def change_schedule(*, schedule_id: UUID, trail: Trail, **fields: object) -> Schedule:
    """Changes times or the switch; what does not change leaves no entry."""
    row = Schedule.objects.select_for_update().get(id=schedule_id)
    before = _described(row)
    for name, value in fields.items():
        if name not in FIELDS:
            raise ValueError(f"{name} is not a field of a schedule's times")
        setattr(row, name, value)
    times_of(row)
    if _described(row) != before:
        _mirror(row)
        row.save(update_fields=list(FIELDS))
        trail.record("schedule.changed", subject=row, details={"before": before, "after": _described(row)})
    return row


def run_period(*, organization_id: UUID, schedule_id: UUID, clock: Clock) -> Outcome | None:
    """Runs the schedule for the period that is due now, once; None when that period has been taken up already.

    A period that was taken up and never finished, because the worker died or the work failed, is taken up again after
    TAKEN_UP_AGAIN, until the next one is due.
    """
    with scope(organization_id):
        schedule = Schedule.objects.filter(id=schedule_id, enabled=True).first()
        if schedule is None:
            return None
        now = clock.now()
        due = latest_due(times_of(schedule), at=now, zone=ZoneInfo(schedule.time_zone))
        if due is None or due < schedule.created_at:
            return None
        run_id = _take_up(schedule, due.isoformat(), now)
        if run_id is None:
            return None
    outcome = bindings.scheduled[schedule.kind](
        organization_id=organization_id, parameters=schedule.parameters, clock=clock
    )
    with scope(organization_id):
        ScheduleRun.objects.filter(id=run_id).update(finished_at=clock.now(), outcome=outcome)
    return outcome


def _take_up(schedule: Schedule, period: str, now: datetime) -> UUID | None:
    """The run to carry out, or None when somebody else has it or had it."""
    try:
        with transaction.atomic():
            return ScheduleRun.objects.create(
                organization_id=schedule.organization_id, schedule=schedule, period=period, started_at=now
            ).id
    except IntegrityError:
        given_up = ScheduleRun.objects.filter(
            schedule=schedule, period=period, finished_at__isnull=True, started_at__lte=now - TAKEN_UP_AGAIN
        )
        run_id: UUID | None = given_up.values_list("id", flat=True).first()
        return run_id if given_up.update(started_at=now) else None


def catch_up(*, organization_id: UUID, clock: Clock) -> int:
    """Runs what the scheduler missed, the latest period of each schedule once; returns how many ran. One that fails
    stops no other; its error is raised at last."""
    with scope(organization_id):
        ids = list(Schedule.objects.filter(enabled=True).values_list("id", flat=True))
    ran: list[Outcome | None] = []

    def run(schedule_id: UUID) -> None:
        ran.append(run_period(organization_id=organization_id, schedule_id=schedule_id, clock=clock))

    with ExitStack() as rest:
        for schedule_id in reversed(ids):
            rest.callback(run, schedule_id)
    return sum(outcome is not None for outcome in ran)


def times_of(schedule: Schedule) -> Times:
    """The schedule's fields as sets; raises ScheduleTimesInvalid."""
    try:
        ZoneInfo(schedule.time_zone)
        return Times(
            minutes=frozenset(crontab_parser(60).parse(schedule.minute)),
            hours=frozenset(crontab_parser(24).parse(schedule.hour)),
            weekdays=frozenset(crontab_parser(7).parse(schedule.day_of_week)),
            days=frozenset(crontab_parser(31, 1).parse(schedule.day_of_month)),
            months=frozenset(crontab_parser(12, 1).parse(schedule.month_of_year)),
        )
    except (ParseException, ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ScheduleTimesInvalid(
            _("These times cannot be read: %(reason)s. Use crontab fields such as 0, */15 or 1-5.") % {"reason": error}
        ) from error


def _described(row: Schedule) -> dict[str, JsonValue]:
    described: dict[str, JsonValue] = {name: getattr(row, name) for name in FIELDS if name != "parameters"}
    return {**described, "parameters": json.dumps(row.parameters, sort_keys=True)}


def _mirror(row: Schedule) -> int:
    task, _created = PeriodicTask.objects.update_or_create(
        name=_task_name(row),
        defaults={
            "task": TASK,
            "crontab": _crontabs([row])[_crontab_of(row)],
            "enabled": row.enabled,
            "kwargs": _kwargs(row),
        },
    )
    return int(task.pk)


def _task_name(row: Schedule) -> str:
    return f"{row.organization_id}:{row.id}"


def _kwargs(row: Schedule) -> str:
    return json.dumps({"organization_id": str(row.organization_id), "schedule_id": str(row.id)})


def _crontab_of(row: Schedule) -> tuple[str, ...]:
    """The fields of the scheduler's table in the order of CRONTAB."""
    return row.minute, row.hour, row.day_of_week, row.day_of_month, row.month_of_year, row.time_zone


def _crontabs(rows: Sequence[Schedule]) -> dict[tuple[str, ...], CrontabSchedule]:
    """The scheduler's rows of these times; those that nobody uses yet are added."""
    wanted = {_crontab_of(row) for row in rows}
    nearly = CrontabSchedule.objects.filter(
        hour__in={row.hour for row in rows}, timezone__in={row.time_zone for row in rows}
    )
    found = {tuple(str(getattr(one, name)) for name in CRONTAB): one for one in nearly.order_by("-pk")}
    missing = sorted(wanted - set(found))
    added = CrontabSchedule.objects.bulk_create(
        CrontabSchedule(**dict(zip(CRONTAB, times, strict=True))) for times in missing
    )
    return {**found, **dict(zip(missing, added, strict=True))}
