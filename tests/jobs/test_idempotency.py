"""Kept answers: same key and body, same answer for a day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.response import Response

from audit.operations import trail
from jobs.answers import ALREADY_SHOWN, KeptAnswers
from jobs.models import IdempotencyKey
from jobs.operations.idempotency import KEPT, KeyInFlight, KeyReused, forget_old, keep_answer, kept_answer
from kernel.clock import FixedClock
from kernel.principal import system
from kernel.scope import organization_key
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.plugins.databases import CommittedDatabase

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DIGEST, OTHER = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def opened(one: Tenant, clock: FixedClock, task: str = "test") -> Any:
    organization_id = one.organization.id
    return trail(organization_id=organization_id, actor=system(organization_id, task), clock=clock)


def keep(one: Tenant, clock: FixedClock, key: str = "k", answer: Any = None) -> None:
    with opened(one, clock) as current:
        keep_answer(
            key=key, request_digest=DIGEST, status=201, answer=answer or {"id": "1"}, had_secret=False, trail=current
        )


@pytest.mark.django_db
def test_the_same_request_gets_the_same_answer(clock: FixedClock) -> None:
    """A new key has no answer; a kept one has status and body."""
    one = tenant()
    with opened(one, clock) as current:
        assert kept_answer(key="k", request_digest=DIGEST, trail=current) is None
    keep(one, clock)
    with opened(one, clock) as current:
        kept = kept_answer(key="k", request_digest=DIGEST, trail=current)
    assert kept is not None
    assert (kept.status, kept.answer) == (201, {"id": "1"})


@pytest.mark.django_db
def test_another_request_with_the_key_is_refused(clock: FixedClock) -> None:
    """Answering it with the first one's result would lie."""
    one = tenant()
    keep(one, clock)
    with pytest.raises(KeyReused) as refused, opened(one, clock) as current:
        kept_answer(key="k", request_digest=OTHER, trail=current)
    assert (refused.value.status, refused.value.code) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.django_db
def test_a_key_belongs_to_its_actor_and_organisation(clock: FixedClock) -> None:
    """Nobody gets an answer that somebody else was given."""
    one, other = tenant(), tenant()
    keep(one, clock)
    for where, who in ((one, "another task"), (other, "test")):
        with opened(where, clock, who) as current:
            assert kept_answer(key="k", request_digest=DIGEST, trail=current) is None


@pytest.mark.django_db
def test_an_answer_is_kept_for_a_day(clock: FixedClock) -> None:
    """After 24 hours the key is new again, also before the sweep has come by; the sweep removes what is old alone."""
    one = tenant()
    keep(one, clock)
    clock.advance(KEPT + timedelta(seconds=1))
    keep(one, clock, "younger")
    with opened(one, clock) as current:
        assert kept_answer(key="k", request_digest=OTHER, trail=current) is None
    keep(one, clock)
    clock.advance(timedelta(seconds=1))
    with one.reading():
        assert forget_old(organization_id=one.organization.id, now=clock.now()) == 0
        assert forget_old(organization_id=one.organization.id, now=clock.now() + KEPT) == 2
        assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_the_sweep_of_one_organisation_leaves_the_answers_of_others(clock: FixedClock) -> None:
    """Both are old enough to go; each goes with its own organisation's sweep."""
    one, other = tenant(), tenant()
    for house in (one, other):
        keep(house, clock)
    for house in (one, other):
        with house.reading():
            assert forget_old(organization_id=house.organization.id, now=clock.now() + KEPT * 2) == 1


@pytest.mark.django_db
def test_a_failed_change_keeps_no_answer(clock: FixedClock) -> None:
    """The answer stands in the transaction of the change that it reports."""
    one = tenant()
    with pytest.raises(ZeroDivisionError), opened(one, clock) as current:
        keep_answer(key="k", request_digest=DIGEST, status=201, answer={}, had_secret=False, trail=current)
        raise ZeroDivisionError
    with one.reading():
        assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_a_secret_is_shown_once(clock: FixedClock) -> None:
    """The kept answer has null in its place and a code that says why."""
    one, store = tenant(), KeptAnswers()
    answer = Response({"id": "1", "secret": "hush"}, status=201)
    with opened(one, clock) as current:
        store.keep(key="k", request_digest=DIGEST, response=answer, secret_fields=("secret",), trail=current)
    with opened(one, clock) as current:
        again = store.kept(key="k", request_digest=DIGEST, trail=current)
    assert again is not None
    assert again.data == {"id": "1", "secret": None, "code": ALREADY_SHOWN}
    assert again.headers["Idempotent-Replayed"] == "true"
    with one.reading():
        assert "hush" not in str(IdempotencyKey.objects.get().answer)


@pytest.mark.django_db
def test_over_rest_a_retry_creates_nothing() -> None:
    """A POST repeated with its key answers the same and leaves one row; another body is refused with 422."""
    one = tenant()
    browser = signed_in(one, "it_admin")
    answers = [
        browser.post(
            "/api/v1/people/",
            {"user_name": name},
            content_type="application/json",
            headers={"Idempotency-Key": "a-key"},
        )
        for name in ("zoe", "zoe", "max")
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert answers[0].json() == answers[1].json()
    assert answers[2].json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert "Idempotent-Replayed" not in answers[0]
    assert answers[1]["Idempotent-Replayed"] == "true"


@pytest.mark.postgres
def test_a_second_request_while_the_first_runs_is_told_so(committed_db: CommittedDatabase) -> None:
    """Two requests with one key at once: the second neither waits nor works, it is refused with 409."""
    one = tenant()
    with one.writing() as current:
        assert kept_answer(key="k", request_digest=DIGEST, trail=current) is None
        name, held = (
            organization_key(one.organization.id, "idempotency", current.actor.pseudonym, key) for key in ("k", "held")
        )
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
                assert cursor.fetchone() == (False,)
                cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [held])
                with pytest.raises(KeyInFlight):
                    kept_answer(key="held", request_digest=DIGEST, trail=current)
        finally:
            other.close()
