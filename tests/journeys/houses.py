"""What the journeys share: Halden Energy with the directory that its samples speak of, and hands on pages and REST."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_celery_beat.models import PeriodicTask

from config.celery import app
from identity.operations import NewPerson, create_device, create_person
from jobs.models import JobRun, Schedule
from jobs.operations import carry_out
from kernel.clock import Clock, DatabaseClock
from tests.factories.tenants import Tenant, tenant

SAMPLES = Path(__file__).parents[2] / "samples"
# The day for which samples/README.md states who has how many rights.
SAMPLES_SPEAK_OF = date(2026, 11, 22)
A_DATE = re.compile(rb"\b(\d{2}\.\d{2}\.\d{4}|\d{4}-\d{2}-\d{2})\b")


def halden(clock: Clock | None = None) -> Tenant:
    """The buyer, who joined at the clock's time, without anything."""
    return tenant("buyer", name="Halden Energy", clock=clock)


def peopled(house: Tenant) -> Tenant:
    """The same house with the people and devices of the samples in its directory."""
    with house.writing() as trail:
        for row in _rows("people.csv"):
            given, _space, family = row["Name"].rpartition(" ")
            person = NewPerson(
                user_name=row["User name"],
                given_name=given,
                family_name=family,
                email=row["E-mail"],
                department=row["Unit"],
                employee_number=row["Employee number"],
            )
            create_person(person=person, trail=trail)
        for row in _rows("devices.csv"):
            create_device(hostname=row["Host name"], serial=row["Serial number"], source="inventory", trail=trail)
    return house


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def sample(name: str) -> bytes:
    """The sample as it would be exported today: each date is moved by the days since the one it speaks of."""
    passed = date.today() - SAMPLES_SPEAK_OF  # noqa: DTZ011  # a day more or less does not matter here
    return A_DATE.sub(lambda found: _moved(found.group(), passed), (SAMPLES / name).read_bytes())


def _moved(written: bytes, by: timedelta) -> bytes:
    """The date so many days later, as it was written; a day that no calendar has stays."""
    form = "%d.%m.%Y" if b"." in written else "%Y-%m-%d"
    try:
        return (datetime.strptime(written.decode(), form) + by).strftime(form).encode()  # noqa: DTZ007  # a day, no instant
    except (ValueError, OverflowError):
        return written


def uploaded(browser: Client, kind: str, name: str, data: bytes) -> str:
    """Uploads a sheet on the page and returns the address of its dry run."""
    answer = browser.post(
        "/it/imports/", {"kind": kind, "source": "ERP export", "file": SimpleUploadedFile(name, data)}
    )
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def committed(house: Tenant, browser: Client, address: str) -> None:
    """Presses the button of the dry run and does what the worker would do."""
    assert browser.post(f"{address}commit/").status_code == 302
    work_off(house)


def work_off(house: Tenant) -> list[JobRun]:
    """Carries out every waiting run of the house, as a worker does; returns them as they ended."""
    with house.reading():
        waiting = list(JobRun.objects.filter(state="queued").order_by("id").values_list("id", flat=True))
    for run_id in waiting:
        carry_out(organization_id=house.organization.id, run_id=run_id, clock=DatabaseClock())
    with house.reading():
        runs = list(JobRun.objects.filter(id__in=waiting).order_by("id"))
    assert [(run.state, run.error) for run in runs] == [("done", "")] * len(runs)
    return runs


def scheduled(house: Tenant, name: str) -> PeriodicTask:
    """The scheduler's own row for the schedule of the house with this name."""
    with house.reading():
        schedule = Schedule.objects.get(name=name)
    return PeriodicTask.objects.get(pk=schedule.periodic_task_id)


def beat(row: PeriodicTask) -> None:
    """What a worker does with the message that the scheduler sends for this row."""
    app.tasks[row.task].apply(kwargs=json.loads(row.kwargs), throw=True)


def rest(browser: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    """The JSON that REST answers to a GET, or to a POST when there is a body; any other status than 2xx fails."""
    address = f"/api/v1/{path}"
    answer = browser.get(address) if body is None else browser.post(address, body, content_type="application/json")
    assert 200 <= answer.status_code < 300, (address, answer.status_code, answer.content)
    return answer.json()


def listed(browser: Client, path: str) -> list[dict[str, Any]]:
    """All rows of a REST list, page after page."""
    rows: list[dict[str, Any]] = []
    address: str | None = f"/api/v1/{path}"
    while address:
        answer = browser.get(address)
        assert answer.status_code == 200, (address, answer.content)
        page = answer.json()
        rows += page["results"]
        address = page["next"]
    return rows
