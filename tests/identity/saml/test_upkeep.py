"""What is forgotten when it is over, and what is said when libraries do not fit."""

import sys
from datetime import timedelta

import pytest

from identity.checks import signature_libraries
from identity.models import SamlConsumedAssertion, SamlPendingRequest
from identity.operations.saml_requests import use_once
from identity.schedules import forget
from kernel.clock import FixedClock, SystemClock
from tests.factories.tenants import tenant
from tests.identity.saml.forge import connected, signed, trial


@pytest.mark.django_db
def test_requests_and_used_assertions_are_forgotten_when_they_are_over():
    """Not before: a used assertion is remembered for longer than it could be accepted."""
    one = tenant()
    connection = connected(one)
    trial(one, connection)
    now = SystemClock().now()
    with one.writing() as trail:
        use_once(connection=connection, message_id="x", until=now, trail=trail)

    def left(after: timedelta) -> tuple[int, int]:
        forget(one.organization.id, FixedClock(now + after))
        with one.reading():
            return SamlPendingRequest.objects.count(), SamlConsumedAssertion.objects.count()

    assert left(timedelta(seconds=91)) == (1, 1)
    assert left(timedelta(minutes=15)) == (1, 0)
    assert left(timedelta(minutes=21)) == (0, 0)


def test_the_check_is_silent_where_the_libraries_fit():
    """As in this installation."""
    assert signature_libraries(None) == []


def test_the_check_warns_where_they_do_not(monkeypatch):
    """A warning: the site starts all the same."""
    monkeypatch.setitem(sys.modules, "xmlsec", None)
    assert [finding.id for finding in signature_libraries(None)] == ["identity.W001"]


@pytest.mark.django_db
def test_without_the_library_single_sign_on_is_refused_and_nothing_else(monkeypatch):
    """403 and an entry; the page of the sign-in is there as ever."""
    one = tenant()
    attempt = trial(one, connected(one))
    message = signed(attempt.said())
    monkeypatch.setitem(sys.modules, "onelogin.saml2.response", None)
    assert attempt.post(message).status_code == 403
    assert attempt.browser.get("/accounts/sign-in/").status_code == 200
