"""Background work in the name of one organisation cannot be led to rows of another by what its payload says."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from celery import current_app

from jobs.ports import bindings
from kernel.clock import DatabaseClock
from tests.architecture.source import APPS, none
from tests.isolation.houses import House, house, is_uuid

pytestmark = pytest.mark.django_db
Counted = Callable[[str, int], None]

FOR_ALL = {"jobs.tick": "asks for the organisations and wakes one task for each; reads no row of any"}
"""Task → why it names no organisation."""


def _tasks() -> dict[str, Any]:
    return {name: task for name, task in current_app.tasks.items() if name.split(".")[0] in APPS}


def _payload(hidden: House) -> dict[str, str]:
    """Every name that a payload has used or could use, each with a row of the hidden house."""
    words = {key: ids[0] for label, ids in hidden.rows.items() if ids for key in (label.split(".")[1],)}
    return {
        **words,
        "batch": words["importbatch"],
        "package": words["auditpackage"],
        "scope": "product",
        "scope_id": words["product"],
        "every": "month",
        "organization_id": str(hidden.tenant.organization.id),
    }


def _tried(work: Callable[[], Any]) -> None:
    """Whether it fails does not matter here, and rows that were guessed make some of it fail."""
    with suppress(Exception):
        work()


def test_every_task_names_its_organization() -> None:
    """Keyword-only, the organisation among them: a task cannot be called without saying for whom."""
    wrong = []
    for name, task in _tasks().items():
        parameters = inspect.signature(task.run).parameters
        if any(one.kind is not inspect.Parameter.KEYWORD_ONLY for one in parameters.values()):
            wrong.append(f"{name}: positional parameters")
        if "organization_id" not in parameters and name not in FOR_ALL:
            wrong.append(f"{name}: no organization_id, and not in FOR_ALL of tests/isolation/test_tasks.py")
    none(wrong)


def test_no_task_reaches_rows_of_another(counted: Counted) -> None:
    """Every task, kind of work and kind of schedule, run for one organisation with the other's ids: nothing of the
    other has changed."""
    home, hidden = house(marked=False), house(marked=True)
    before, ours, clock = hidden.digests(), home.tenant.organization.id, DatabaseClock()
    payload = _payload(hidden)
    ran = 0
    for name, task in _tasks().items():
        if name in FOR_ALL:
            continue
        named = [one for one in inspect.signature(task.run).parameters if one.endswith("_id")]
        for keys in filter(None, ([key for key in keys if is_uuid(key)] for keys in hidden.rows.values())):
            ids = dict.fromkeys(named, keys[0])
            _tried(lambda task=task, ids=ids: task.run(**{**ids, "organization_id": str(ours)}))  # type: ignore[misc]
        ran += 1
    for kind in bindings.work.values():
        _tried(
            lambda kind=kind: kind(  # type: ignore[misc]
                organization_id=ours, parameters=payload, requested_by_account=None, progress=lambda *_: None
            )
        )
    for each in bindings.scheduled.values():
        _tried(lambda each=each: each(organization_id=ours, parameters=payload, clock=clock))  # type: ignore[misc]
    after = hidden.digests()
    none(label for label in after if after[label] != before[label])
    counted("tasks", ran)
    counted("kinds of work and schedules", len(bindings.work) + len(bindings.scheduled))
