"""The admin page that replaces a key, by the list: works, anonymous, wrong role, other organisation, bad input,
queries."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from licensing.models import LicenseKey
from licensing.operations import revoke_license
from tests.factories.tenants import signed_in
from tests.licensing.lives import approved
from tests.licensing.vendors import Vendor, ask, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def stored(lumen: Vendor) -> list[LicenseKey]:
    with lumen.house.reading():
        return list(LicenseKey.objects.order_by("issued_at"))


def page_of(key: LicenseKey) -> str:
    return reverse("admin:licensing_license_change", args=[key.license_id])


def address(key: LicenseKey) -> str:
    return reverse("admin:licensing_license_reissue_key", args=[key.license_id, key.id])


def test_a_lost_key_is_replaced(lumen: Vendor, operator: Client) -> None:
    """The new key stands once on a page that nobody caches and validates; the old one is refused, and the history says
    why."""
    license, old = lumen.keyed("subscription")
    [row] = stored(lumen)
    assert address(row) in operator.get(page_of(row)).content.decode()
    assert row.prefix in operator.get(address(row)).content.decode()
    shown = operator.post(address(row), {"reason": "posted in a <forum>"})
    (new,) = re.findall(r'<input class="secret"[^>]* value="([^"]+)" readonly', shown.content.decode())
    assert (shown.status_code, shown["Cache-Control"]) == (200, "no-store")
    assert f"It replaces the key {row.prefix}…" in shown.content.decode()
    assert (ask(old).json()["code"], ask(new).json()["code"]) == ("REVOKED", "VALID")
    assert ask(new).json()["sub"] == str(license.id)
    page = operator.get(page_of(row)).content.decode()
    assert "posted in a &lt;forum&gt;" in page
    assert (new in page, address(row) in page) == (False, False)


def test_a_key_is_replaced_for_a_reason_and_once(lumen: Vendor, operator: Client) -> None:
    """The form comes back with a sentence, and no key is drawn."""
    lumen.keyed("subscription")
    [row] = stored(lumen)
    assert "This field is required" in operator.post(address(row), {"reason": " "}).content.decode()
    assert len(stored(lumen)) == 1
    assert operator.post(address(row), {"reason": "lost"}).status_code == 200
    again = operator.post(address(row), {"reason": "lost"})
    assert (again.status_code, "was revoked before" in again.content.decode()) == (409, True)
    assert len(stored(lumen)) == 2


def test_a_revoked_licence_gets_no_key(lumen: Vendor, operator: Client) -> None:
    """Its page does not offer it, and the form is refused."""
    license, _key = lumen.keyed("subscription")
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", license.id, reason="ended")
        revoke_license(license_id=license.id, reason="ended", approval=approval, trail=trail)
    [row] = stored(lumen)
    assert address(row) not in operator.get(page_of(row)).content.decode()
    assert operator.post(address(row), {"reason": "lost"}).status_code == 409


def test_who_may_not(lumen: Vendor, operator: Client) -> None:
    """Visitors go to the sign-in, support is refused, another vendor finds nothing; nor is the key found at the address
    of another licence."""
    kind = lumen.license_type()
    license, other = lumen.license(kind), lumen.license(kind)
    lumen.key(license)
    [row] = stored(lumen)
    visitor = Client(HTTP_HOST="127.0.0.1").get(address(row), follow=True)
    assert visitor.request["PATH_INFO"] == "/accounts/sign-in/"
    support, stranger = signed_in(lumen.house, "support"), signed_in(vendor().house, "vendor_ops")
    assert address(row) not in support.get(page_of(row)).content.decode()
    elsewhere = reverse("admin:licensing_license_reissue_key", args=[other.id, row.id])
    for browser, path, status in (
        (support, address(row), 403),
        (stranger, address(row), 404),
        (operator, elsewhere, 404),
    ):
        assert browser.get(path).status_code == status
        assert browser.post(path, {"reason": "x"}).status_code == status
    assert [key.revoked_at for key in stored(lumen)] == [None]


def test_the_queries_of_the_form(lumen: Vendor, operator: Client) -> None:
    """One key, or five: the form costs the same."""

    def cost(key: LicenseKey) -> int:
        with CaptureQueriesContext(connection) as told:
            assert operator.get(address(key)).status_code == 200
        return len(told)

    license, _key = lumen.keyed("subscription")
    [row] = stored(lumen)
    cost(row)
    few = cost(row)
    for _ in range(4):
        lumen.key(license)
    assert cost(row) == few
