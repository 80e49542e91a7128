"""Background runs: started once, claimed by one worker, taken up again when the worker died."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from jobs.models import JobRun, RunState
from jobs.operations import carry_out, requeue_lost, start_run
from jobs.operations.runs import LOST_AFTER, MOST_ATTEMPTS
from jobs.ports import Outcome, Payload, Progress, bindings
from kernel.clock import FixedClock
from kernel.errors import Conflict
from tests.factories.tenants import Tenant, tenant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Nope(Conflict):
    """What a work refuses with."""

    code = "NOPE"


class Work:
    """A work that notes its calls and does what a test asks for."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.does: Callable[[Progress], Outcome] = lambda progress: {"rows": 7}

    def __call__(
        self, *, organization_id: UUID, parameters: Payload, requested_by_account: UUID | None, progress: Progress
    ) -> Outcome:
        self.calls.append({"organization_id": organization_id, "parameters": dict(parameters)})
        return self.does(progress)


@pytest.fixture
def one() -> Tenant:
    return tenant()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    work = Work()
    monkeypatch.setattr(bindings, "work", {"test": work})
    return work


def started(one: Tenant, key: str = "k") -> JobRun:
    with one.writing() as opened:
        run, _new = start_run(kind="test", key=key, parameters={"a": 1}, trail=opened, wake=lambda *_: None)
    return run


def stored(one: Tenant, run: JobRun) -> JobRun:
    with one.reading():
        return JobRun.objects.get(id=run.id)


def carried(one: Tenant, run: JobRun, clock: FixedClock) -> Outcome | None:
    return carry_out(organization_id=one.organization.id, run_id=run.id, clock=clock)


def taken_up(one: Tenant, run: JobRun, at: datetime) -> None:
    """As a worker leaves it that dies in the middle."""
    with one.reading():
        JobRun.objects.filter(id=run.id).update(
            state=RunState.RUNNING, started_at=at, heartbeat_at=at, attempts=run.attempts + 1
        )


def test_starting_twice_is_one_run(one: Tenant, work: Work) -> None:
    """A second start with the same key returns the first run and wakes nobody."""
    woken: list[UUID] = []
    runs = []
    for _ in range(2):
        with one.writing() as opened:
            runs.append(
                start_run(
                    kind="test", key="k", parameters={}, trail=opened, wake=lambda _org, run_id: woken.append(run_id)
                )
            )
    assert [new for _run, new in runs] == [True, False]
    assert runs[0][0].id == runs[1][0].id


def test_a_worker_is_woken_after_the_commit(one: Tenant, work: Work, django_capture_on_commit_callbacks: Any) -> None:
    """Before it the row is not to be seen; a rollback wakes nobody."""
    woken: list[UUID] = []
    with django_capture_on_commit_callbacks(execute=True), one.writing() as opened:
        run, _new = start_run(
            kind="test", key="k", parameters={}, trail=opened, wake=lambda _org, run_id: woken.append(run_id)
        )
        assert woken == []
    assert woken == [run.id]


def test_an_unknown_kind_is_a_mistake_of_the_program(one: Tenant, work: Work) -> None:
    """Nothing is stored that nobody could carry out."""
    with pytest.raises(ValueError, match="no work called other"), one.writing() as opened:
        start_run(kind="other", key="k", parameters={}, trail=opened, wake=lambda *_: None)


def test_a_run_is_carried_out_once(one: Tenant, work: Work, clock: FixedClock) -> None:
    """The second worker finds it done; the outcome, times and progress are on the row."""
    run = started(one)
    assert carried(one, run, clock) == {"rows": 7}
    assert carried(one, run, clock) is None
    assert work.calls == [{"organization_id": one.organization.id, "parameters": {"a": 1}}]
    row = stored(one, run)
    assert (row.state, row.result, row.progress, row.attempts) == (RunState.DONE, {"rows": 7}, 100, 1)
    assert row.started_at == row.finished_at == clock.now()


def test_progress_is_seen_from_outside(one: Tenant, work: Work, clock: FixedClock) -> None:
    """While the work goes on, percent, stage and heartbeat are stored."""
    run = started(one)
    seen: list[JobRun] = []

    def steps(progress: Progress) -> Outcome:
        clock.advance(timedelta(seconds=30))
        progress(40, "reading")
        seen.append(stored(one, run))
        return {}

    work.does = steps
    carried(one, run, clock)
    assert (seen[0].state, seen[0].progress, seen[0].stage) == (RunState.RUNNING, 40, "reading")
    assert seen[0].heartbeat_at == NOW + timedelta(seconds=30)


def test_a_refusal_ends_the_run_with_its_code(one: Tenant, work: Work, clock: FixedClock) -> None:
    """What a person can mend is told by code and words, and is no error of the program."""

    def refuse(progress: Progress) -> Outcome:
        raise Nope("That cannot be done.")

    work.does = refuse
    run = started(one)
    assert carried(one, run, clock) is None
    row = stored(one, run)
    assert (row.state, row.error_code, row.error) == (RunState.FAILED, "NOPE", "That cannot be done.")


def test_an_error_fails_the_run_and_reaches_the_log(one: Tenant, work: Work, clock: FixedClock) -> None:
    """The row names the kind of error only, which may not show personal data; the exception is raised on."""
    work.does = lambda progress: {"never": 1 // 0}
    run = started(one)
    with pytest.raises(ZeroDivisionError):
        carried(one, run, clock)
    row = stored(one, run)
    assert (row.state, row.error_code, row.error) == (RunState.FAILED, "INTERNAL", "ZeroDivisionError")


def test_a_worker_that_is_told_to_stop_leaves_the_run(one: Tenant, work: Work, clock: FixedClock) -> None:
    """Ctrl-C or a shutdown is no failure of the run: it is taken up again."""

    def stop(progress: Progress) -> Outcome:
        raise SystemExit(0)

    work.does = stop
    run = started(one)
    with pytest.raises(SystemExit):
        carried(one, run, clock)
    assert stored(one, run).state == RunState.RUNNING
    clock.advance(LOST_AFTER + timedelta(seconds=1))
    requeue_lost(organization_id=one.organization.id, clock=clock, wake=lambda *_: None)
    work.does = lambda progress: {}
    assert carried(one, run, clock) == {}


def test_lost_runs_are_queued_again_and_woken(one: Tenant, work: Work, clock: FixedClock) -> None:
    """A run whose heartbeat stopped five minutes ago goes back; one that is alive stays."""
    lost, alive = started(one, "lost"), started(one, "alive")
    taken_up(one, lost, NOW)
    clock.advance(LOST_AFTER + timedelta(seconds=1))
    taken_up(one, alive, clock.now())
    with one.reading():
        JobRun.objects.update(created_at=NOW)
    woken: list[UUID] = []
    assert (
        requeue_lost(organization_id=one.organization.id, clock=clock, wake=lambda _org, run_id: woken.append(run_id))
        == 1
    )
    assert woken == [lost.id]
    assert stored(one, lost).state == RunState.QUEUED
    assert stored(one, alive).state == RunState.RUNNING


def test_a_run_that_is_lost_again_and_again_fails(one: Tenant, work: Work, clock: FixedClock) -> None:
    """After three attempts whose workers died it is the run that kills them."""
    run = started(one)

    def die(progress: Progress) -> Outcome:
        raise SystemExit(1)

    work.does = die
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            carried(one, run, clock)
        clock.advance(LOST_AFTER + timedelta(seconds=1))
        requeue_lost(organization_id=one.organization.id, clock=clock, wake=lambda *_: None)
    row = stored(one, run)
    assert (row.state, row.error_code, row.attempts) == (RunState.FAILED, "WORKER_LOST", MOST_ATTEMPTS)


def test_a_worker_that_was_given_up_cannot_overwrite_its_successor(one: Tenant, work: Work, clock: FixedClock) -> None:
    """A worker without heartbeat loses the run to another one; when it ends at last, its word counts no more."""
    run = started(one)

    def slow(progress: Progress) -> Outcome:
        clock.advance(LOST_AFTER + timedelta(seconds=1))
        requeue_lost(organization_id=one.organization.id, clock=clock, wake=lambda *_: None)
        work.does = lambda progress: {"by": "second"}
        assert carried(one, run, clock) == {"by": "second"}
        progress(50, "still at it")
        raise Nope("too late")

    work.does = slow
    carried(one, run, clock)
    row = stored(one, run)
    assert (row.state, row.result, row.progress, row.error_code) == (RunState.DONE, {"by": "second"}, 100, "")


def test_a_finished_run_has_its_time(one: Tenant, work: Work) -> None:
    """The database refuses a finished run without a time, and progress beyond 100."""
    run = started(one)
    for wrong in ({"state": RunState.DONE}, {"progress": 101}):
        with one.reading(), pytest.raises(IntegrityError), transaction.atomic():
            JobRun.objects.filter(id=run.id).update(**wrong)
