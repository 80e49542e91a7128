"""Many at once on PostgreSQL, with real commits: one code brings one token, a replay is seen, one key is drawn."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from oauth2_provider.models import AccessToken, RefreshToken

from identity.models import TokenSigningKey
from identity.operations import IssuedClient
from tests.factories.oauth import TOKEN, app_client, asked, basic, code_for, exchanged, own_client, post
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.plugins.databases import CommittedDatabase

pytestmark = pytest.mark.postgres


def at_once(count: int, ask: Callable[[], Any]) -> list[Any]:
    """Asks so often in threads of their own, released together."""
    answers: list[Any] = [None] * count
    barrier = Barrier(count)

    def run(position: int) -> None:
        try:
            barrier.wait(timeout=20)
            answers[position] = ask()
        finally:
            connection.close()

    threads = [Thread(target=run, args=(position,)) for position in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def statuses(answers: list[Any]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def agreed() -> tuple[Tenant, IssuedClient, str]:
    cache.clear()
    one = tenant()
    client = app_client(one)
    return one, client, code_for(signed_in(one, "it_admin"), client)


def test_the_first_tokens_draw_one_key(committed_db: CommittedDatabase) -> None:
    """Whoever comes second takes the key of the first."""
    cache.clear()
    client = own_client(tenant())
    assert statuses(at_once(4, lambda: asked(client))) == [200] * 4
    assert TokenSigningKey.objects.count() == 1


@pytest.mark.parametrize("_round", range(5))
def test_a_code_that_comes_twice_at_once_serves_once(committed_db: CommittedDatabase, _round: int) -> None:
    """One gets a token, the other invalid_grant, and there is one token."""
    _one, client, code = agreed()
    answers = at_once(2, lambda: exchanged(client, code))
    assert statuses(answers) == [200, 400]
    assert AccessToken.objects.filter(application=client.row.id).count() == 1


@pytest.mark.parametrize("_round", range(5))
def test_a_refresh_token_that_comes_twice_at_once_is_a_replay(committed_db: CommittedDatabase, _round: int) -> None:
    """One gets a pair; the other is a replay and ends it: nobody knows which of them was the thief."""
    _one, client, code = agreed()
    first = exchanged(client, code).json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert statuses(at_once(2, lambda: post(TOKEN, form, **basic(client)))) == [200, 400]
    assert not AccessToken.objects.filter(application=client.row.id).exists()
    assert not RefreshToken.objects.filter(application=client.row.id, revoked=None).exists()
