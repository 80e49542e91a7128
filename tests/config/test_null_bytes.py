"""A NUL in what a browser never sends is a bad request, not an error of the server."""

import pytest
from django.conf import settings
from django.test import Client

from tests.factories.tenants import signed_in, tenant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/admin/licensing/party/?kind=%00",
        "/admin/seats/seatpool/%00/history/",
        "/api/v1/people/?external_id=a%00b",
        "/healthz?%00",
        "/%00",
    ],
)
def test_no_address_takes_a_nul(address):
    """In the path or in the query, whoever asks for whatever: 400."""
    assert signed_in(tenant(), "owner").get(address).status_code == 400


def test_no_cookie_takes_a_nul():
    """A session's key with a NUL, written as cookies write it, does not reach the database."""
    browser = Client(HTTP_HOST="127.0.0.1", HTTP_COOKIE=f'{settings.SESSION_COOKIE_NAME}="abcdefgh\\000"')
    assert browser.get("/").status_code == 400
