"""Signing in by the company: who comes in, with which roles, linked how, and until when."""

import pytest

from identity.operations.saml_accounts import confirm_link
from tests.factories.tenants import Tenant, member, tenant
from tests.identity.saml.forge import connected, signed, trial

pytestmark = pytest.mark.django_db
OWN = "/api/v1/organizations/"


def linked(one: Tenant, connection, name_id="subject-1", *roles):
    account, _principal = member(one, *(roles or ("viewer",)))
    with one.writing() as trail:
        confirm_link(connection=connection, name_id=name_id, account=account, trail=trail)
    return account


def test_a_linked_account_comes_in():
    """An honest answer to a request of this browser opens the organisation of the connection."""
    one = tenant()
    connection = connected(one)
    linked(one, connection)
    attempt = trial(one, connection, next="/it/seats/")
    answer = attempt.post(signed(attempt.said()))
    assert (answer.status_code, answer["Location"]) == (302, "/it/seats/")
    assert attempt.browser.get(OWN).json()["results"][0]["slug"] == one.organization.slug
