"""What the throttle of the sign-in keeps of visitors: no name, no whole address, nothing beyond 30 days."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.conf import settings
from django.test import Client

from identity.privacy import user_digest
from identity.sweeping import sweep_sign_ins
from kernel.clock import DatabaseClock, FixedClock
from tests.factories.tenants import PASSWORD, member, tenant

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
TYPED = "A password that somebody mistyped"


AGENT, ACCEPT = "Browser/7 (of somebody)", "text/html;q=0.7"


def visit(email: str, password: str = PASSWORD, address: str = "203.0.113.77", agent: str = AGENT) -> Client:
    """A visitor who sends the form as a browser does, with its token."""
    browser = Client(
        HTTP_HOST="127.0.0.1",
        REMOTE_ADDR=address,
        HTTP_USER_AGENT=agent,
        HTTP_ACCEPT=ACCEPT,
        enforce_csrf_checks=True,
    )
    browser.get(SIGN_IN)
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    browser.post(SIGN_IN, {"username": email, "password": password, "csrfmiddlewaretoken": token, "next": "/people/"})
    return browser


def stored(models: Iterable[Any]) -> str:
    return repr([list(model.objects.values_list()) for model in models])


@pytest.mark.parametrize(("address", "kept"), [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::3", "2001:db8:1::")])
def test_a_refused_sign_in_keeps_a_network_and_a_digest(address, kept):
    """The row holds the truncated address and the keyed digest; neither the name nor the address, the password, the
    form's token, where the visitor was going or what the browser says of itself is stored in any column."""
    email = member(tenant(), "viewer")[0].email
    browser = visit(email, TYPED, address)
    row = AccessAttempt.objects.get()
    assert (row.ip_address, row.username) == (kept, user_digest(None, {"username": email.upper()}))
    everything = stored(apps.get_app_config("axes").get_models())
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    for secret in (email, TYPED, address, token, "/people/", AGENT, ACCEPT):
        assert secret not in everything


def test_another_browser_is_counted_with_the_first():
    """One row for a name from a network, whatever the browsers call themselves, and the limit holds across them."""
    email = member(tenant(), "viewer")[0].email
    for turn in range(settings.AXES_FAILURE_LIMIT):
        visit(email, TYPED, agent=f"Browser/{turn}")
    assert AccessAttempt.objects.get().failures_since_start == settings.AXES_FAILURE_LIMIT
    refused = Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="Browser/new")
    assert refused.post(SIGN_IN, {"username": email, "password": PASSWORD}).status_code == 429


def test_browsers_that_an_earlier_release_stored_are_forgotten():
    """The sweep removes such a row as soon as it no longer locks anybody out, and leaves one without a browser."""
    swept, clock = tenant(), FixedClock(DatabaseClock().now())
    for name, agent in (("lately", AGENT), ("before", AGENT), ("plain", "")):
        row = AccessAttempt.objects.create(username=name, user_agent=agent, failures_since_start=1)
        moment = clock.now() - timedelta(minutes=1 if name == "lately" else 16)
        AccessAttempt.objects.filter(id=row.id).update(attempt_time=moment)
    sweep_sign_ins(swept.organization.id, clock)
    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {"lately", "plain"}
    clock.advance(timedelta(minutes=15))
    sweep_sign_ins(swept.organization.id, clock)
    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {"plain"}


def test_a_sign_in_leaves_nothing_with_the_library():
    """Who signed in stands in the ledger and in the list of sessions; the library's own log would name people."""
    visit(member(tenant(), "viewer")[0].email)
    assert stored(apps.get_app_config("axes").get_models()) == repr([[], [], [], []])


@pytest.mark.parametrize("platform", [True, False])
def test_attempts_are_forgotten_after_thirty_days(platform):
    """The sweep of each minute leaves what is 29 days old and removes what is 31; a log of sign-ins that an earlier
    release left is removed whole. An installation without a platform organisation forgets as well."""
    swept = tenant("platform") if platform else tenant()
    clock = FixedClock(DatabaseClock().now())
    for days in (29, 31):
        for model, more in ((AccessAttempt, {"failures_since_start": 1}), (AccessFailureLog, {})):
            row = model.objects.create(username=f"{days} days", **more)
            model.objects.filter(id=row.id).update(attempt_time=clock.now() - timedelta(days=days))
    AccessLog.objects.create(username="kim@example.org")
    sweep_sign_ins(swept.organization.id, clock)
    for model in (AccessAttempt, AccessFailureLog):
        assert list(model.objects.values_list("username", flat=True)) == ["29 days"]
    assert not AccessLog.objects.exists()
    clock.advance(timedelta(days=2))
    sweep_sign_ins(swept.organization.id, clock)
    assert not AccessAttempt.objects.exists()


def test_another_organisation_s_minute_sweeps_nothing():
    """Where there is a platform organisation the work is done once a minute, not once for each organisation."""
    tenant("platform")
    clock = FixedClock(DatabaseClock().now() + timedelta(days=40))
    AccessAttempt.objects.create(username="old", failures_since_start=1)
    sweep_sign_ins(tenant().organization.id, clock)
    assert AccessAttempt.objects.exists()
