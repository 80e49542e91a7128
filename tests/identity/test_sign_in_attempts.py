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


def visit(email: str, password: str = PASSWORD, address: str = "203.0.113.77") -> Client:
    """A visitor who sends the form as a browser does, with its token."""
    browser = Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR=address, enforce_csrf_checks=True)
    browser.get(SIGN_IN)
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    browser.post(SIGN_IN, {"username": email, "password": password, "csrfmiddlewaretoken": token, "next": "/people/"})
    return browser


def stored(models: Iterable[Any]) -> str:
    return repr([list(model.objects.values_list()) for model in models])


@pytest.mark.parametrize(("address", "kept"), [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::3", "2001:db8:1::")])
def test_a_refused_sign_in_keeps_a_network_and_a_digest(address, kept):
    """The row holds the truncated address and the keyed digest; neither the name nor the address, the password, the
    form's token or where the visitor was going is stored in any column."""
    email = member(tenant(), "viewer")[0].email
    browser = visit(email, TYPED, address)
    row = AccessAttempt.objects.get()
    assert (row.ip_address, row.username) == (kept, user_digest(None, {"username": email.upper()}))
    everything = stored(apps.get_app_config("axes").get_models())
    for secret in (email, TYPED, address, browser.cookies[settings.CSRF_COOKIE_NAME].value, "/people/"):
        assert secret not in everything


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
