"""What the broker wakes: a sign of life, and a sweep in which no step holds up another."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from jobs import operations, tasks
from jobs.models import Heartbeat
from jobs.ports import bindings
from kernel.clock import Clock
from tests.factories.tenants import tenant

pytestmark = pytest.mark.django_db


def test_a_tick_sweeps_every_organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves a sign of life and asks for one sweep for each organisation."""
    asked: list[str] = []
    ids = [tenant().organization.id for _ in range(2)]
    monkeypatch.setattr(bindings, "organizations", lambda: ids)
    monkeypatch.setattr(tasks.sweep, "delay", lambda *, organization_id: asked.append(organization_id))
    tasks.tick()
    tasks.tick()
    assert asked == [str(one) for one in ids] * 2
    assert Heartbeat.objects.filter(name="scheduler").count() == 1


def test_every_step_of_a_sweep_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though each step fails, all are taken, in order, and an error is raised for the log."""
    taken: list[str] = []

    def failing(name: str) -> Any:
        def step(*args: object, **kwargs: object) -> None:
            taken.append(name)
            raise ZeroDivisionError(name)

        return step

    def each_minute(organization_id: UUID, clock: Clock) -> None:
        failing("checkpoint")()

    monkeypatch.setattr(bindings, "each_minute", (each_minute,))
    for name in ("relay", "requeue_lost", "catch_up"):
        monkeypatch.setattr(operations, name, failing(name))
    monkeypatch.setattr(tasks, "forget_old", failing("forget_old"))
    with pytest.raises(ZeroDivisionError):
        tasks.sweep(organization_id=str(tenant().organization.id))
    assert taken == ["checkpoint", "relay", "requeue_lost", "catch_up", "forget_old"]


def test_a_sweep_of_a_quiet_organisation_passes() -> None:
    """The real steps, as composed: a checkpoint is signed and published, and a second sweep finds nothing to do."""
    one = tenant()
    for _ in range(2):
        tasks.sweep(organization_id=str(one.organization.id))


def test_a_wake_up_call_goes_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sweep asks again for what waits; messages that no worker took in time vanish instead of piling up."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.carry_out, "apply_async", lambda **options: sent.append(options))
    organization_id, run_id = uuid4(), uuid4()
    tasks.wake_run(organization_id, run_id)
    assert sent == [
        {"kwargs": {"organization_id": str(organization_id), "run_id": str(run_id)}, "expires": tasks.WAKE_EXPIRES}
    ]
