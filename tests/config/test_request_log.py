"""What the log and the ledger say about requests."""

import logging
from uuid import UUID

import pytest
from django.test import Client

from audit.queries import events
from tests.factories.tenants import Tenant, signed_in, tenant

pytestmark = pytest.mark.django_db


def asked_in(one: Tenant, **headers: str) -> tuple[str, str]:
    """The id that the answer to a write carries, and the one in its ledger entry."""
    answer = signed_in(one, "owner").post(
        "/api/v1/people/", {"user_name": "kim"}, content_type="application/json", headers=headers
    )
    with one.reading():
        last = events().last()
    assert last is not None
    assert last.kind == "person.created"
    return str(answer["X-Request-ID"]), last.request_id


def test_queries_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The path is logged with the request's id; what somebody searched for is not."""
    with caplog.at_level(logging.INFO):
        answer = Client(HTTP_HOST="127.0.0.1").get("/healthz?q=Kim+Member")
    assert "GET /healthz" in caplog.text
    assert answer["X-Request-ID"] in caplog.text
    assert "Kim" not in caplog.text


def test_a_request_has_one_id_in_the_answer_and_in_the_ledger() -> None:
    """Drawn where nobody gave one, kept where a proxy did."""
    drawn, recorded = asked_in(tenant())
    assert str(UUID(drawn)) == recorded
    assert asked_in(tenant(), x_request_id="proxy-7.42") == ("proxy-7.42", "proxy-7.42")


@pytest.mark.parametrize("given", ["Kim Member was here", "x" * 65, "kim@example.org", "\xe4", "-"])
def test_words_from_outside_do_not_enter_the_ledger(given: str) -> None:
    """What is no id is replaced by one: the ledger keeps it for ever."""
    answered, recorded = asked_in(tenant(), x_request_id=given)
    assert str(UUID(answered)) == recorded
