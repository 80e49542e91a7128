"""Keys that were bought elsewhere: stored encrypted, shown for a reason, and never anywhere else."""

import logging
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from kernel.pages import PROVED
from licensing.models import LicenseKey
from licensing.operations import (
    BoughtKeyExists,
    BoughtKeyInvalid,
    KeyRevoked,
    StatedReasonMissing,
    issue_key,
    reissue_key,
    reveal_bought_key,
    store_bought_key,
)
from tests.factories import licensing
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.licensing.vendors import ask, vendor

pytestmark = pytest.mark.django_db
KEY = "QX7T-55PLM-ZZK31-0B4NW-PRIV8"


@pytest.fixture
def halden() -> Tenant:
    return tenant("buyer", slug="halden")


def stored(halden: Tenant, key: str = KEY) -> LicenseKey:
    with halden.writing() as trail:
        right = licensing.entitlement(halden.organization, product=licensing.product(halden.organization))
        return store_bought_key(entitlement_id=right.id, key=key, trail=trail)


def test_a_key_rests_sealed_and_comes_back_for_a_reason(halden: Tenant) -> None:
    """The columns hold neither the key nor a part that tells it; the reveal has its entry in the ledger."""
    row = stored(halden)
    assert KEY.encode() not in bytes(row.ciphertext or b"") + bytes(row.digest)
    assert row.prefix == KEY[:6]
    with halden.writing() as trail:
        assert reveal_bought_key(key_id=row.id, reason="new laptop", trail=trail) == KEY
    with halden.reading():
        kinds = [event.kind for event in Event.objects.order_by("sequence")][-2:]
        written = " ".join(str(event.__dict__) for event in Event.objects.all())
    assert kinds == ["license_key.stored", "license_key.revealed"]
    assert KEY not in written


@pytest.mark.parametrize(("key", "prefix"), [("12345", "1"), ("abc", ""), ("x" * 4_000, "xxxxxx")])
def test_the_part_in_the_open_is_a_quarter_at_most(halden: Tenant, key: str, prefix: str) -> None:
    """A short key is not given away by its beginning."""
    assert stored(halden, key).prefix == prefix


@pytest.mark.parametrize("key", ["", "   ", "a\0b", "a\x1b[0m", "x" * 4_001])
def test_what_is_no_key_is_refused(halden: Tenant, key: str) -> None:
    """Empty, endless, or with control characters: nothing is stored."""
    with pytest.raises(BoughtKeyInvalid):
        stored(halden, key)


def test_a_key_is_stored_once_and_shown_for_a_reason_only(halden: Tenant) -> None:
    """The same key beside another right is found by its digest; without a reason nothing is shown or recorded."""
    row = stored(halden)
    with pytest.raises(BoughtKeyExists):
        stored(halden, f" {KEY} ")
    with pytest.raises(StatedReasonMissing), halden.writing() as trail:
        reveal_bought_key(key_id=row.id, reason=" ", trail=trail)
    with halden.reading():
        assert "license_key.revealed" not in {event.kind for event in Event.objects.all()}


def test_a_bought_key_validates_nothing(halden: Tenant) -> None:
    """It belongs to somebody else's server: ours does not know it."""
    tenant("platform", slug="platform")
    stored(halden)
    assert ask(KEY).json()["code"] == "NOT_FOUND"


def test_no_output_shows_a_bought_key(halden: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    """Lists, search, REST, GraphQL, export of the ledger, log and the statements of the pages: the key is in none."""
    operator = signed_in(halden, "it_admin")
    with halden.reading():
        right = licensing.entitlement(halden.organization, product=licensing.product(halden.organization))
    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        answer = operator.post("/admin/licensing/licensekey/add/", {"entitlement": str(right.id), "key": KEY})
        assert answer.status_code == 302
        again = operator.post("/admin/licensing/licensekey/add/", {"entitlement": str(right.id), "key": KEY})
        assert again.status_code == 409
        said.append(again.content.decode())
        with halden.reading():
            row = LicenseKey.objects.get()
        for path in (
            "/admin/licensing/licensekey/",
            f"/admin/licensing/licensekey/?q={KEY}",
            reverse("admin:licensing_licensekey_change", args=[row.id]),
            reverse("admin:licensing_licensekey_reveal", args=[row.id]),
            reverse("admin:licensing_entitlement_change", args=[right.id]),
            "/api/v1/license-keys/",
            f"/api/v1/license-keys/{row.id}/",
            f"/api/v1/entitlements/{right.id}/",
        ):
            with CaptureQueriesContext(connection) as queries:
                shown = operator.get(path)
            said.append(re.sub(re.escape(f'value="{KEY}"'), "", shown.content.decode()))
            if "?q=" not in path:
                said.extend(query["sql"] for query in queries)
        query = {"query": '{ __type(name: "LicenseKey") { name } }'}
        assert operator.post("/graphql/", query, content_type="application/json").json()["data"]["__type"] is None
    said.append(caplog.text)
    pieces = [piece for piece in said if KEY in piece and "?q=" not in piece and f"q={KEY}" not in piece]
    assert pieces == []


def test_the_page_shows_it_after_a_proof_and_a_reason(halden: Tenant) -> None:
    """Once stated, the key stands in a field that no cache keeps; 403 for others, 404 elsewhere, no proof a form."""
    row = stored(halden)
    path = reverse("admin:licensing_licensekey_reveal", args=[row.id])
    operator = signed_in(halden, "it_admin")
    assert operator.post(path, {"reason": ""}).status_code == 200
    shown = operator.post(path, {"reason": "new laptop"})
    assert (shown.status_code, shown["Cache-Control"], KEY in shown.content.decode()) == (200, "no-store", True)
    for role in ("auditor", "procurement", "member"):
        assert signed_in(halden, role).post(path, {"reason": "x"}).status_code == 403
    assert signed_in(tenant("buyer"), "it_admin").post(path, {"reason": "x"}).status_code == 404
    assert Client(HTTP_HOST="127.0.0.1").post(path, {"reason": "x"}).status_code == 302
    session = operator.session
    session[PROVED] = 0
    session.save()
    unproved = operator.post(path, {"reason": "x"})
    assert (unproved.status_code, KEY in unproved.content.decode()) == (302, False)


def test_a_key_that_we_issued_cannot_be_shown(halden: Tenant) -> None:
    """It is stored nowhere: the page of a bought key does not find it."""
    lumen = vendor("lumen")
    license = lumen.license()
    lumen.key(license)
    with lumen.house.writing() as trail, pytest.raises(LicenseKey.DoesNotExist):
        reveal_bought_key(key_id=LicenseKey.objects.get().id, reason="x", trail=trail)


def test_a_reissued_key_replaces_the_old_one() -> None:
    """The new one validates, the old one is revoked with the reason, and is not reissued twice."""
    lumen = vendor("lumen")
    license = lumen.license()
    with lumen.house.writing() as trail:
        old = issue_key(license_id=license.id, trail=trail)
    with lumen.house.writing() as trail:
        new = reissue_key(key_id=old.row.id, reason="posted in a forum", trail=trail)
    assert (ask(old.key).json()["code"], ask(new.key).json()["code"]) == ("REVOKED", "VALID")
    with lumen.house.reading():
        assert LicenseKey.objects.get(id=old.row.id).revoked_reason == "posted in a forum"
    with pytest.raises(KeyRevoked), lumen.house.writing() as trail:
        reissue_key(key_id=old.row.id, reason="again", trail=trail)
    with lumen.house.reading():
        assert LicenseKey.objects.count() == 2


def test_keys_are_reissued_over_rest() -> None:
    """201 with the new key once; 400 without a reason, 401, 403 and 404 as everywhere."""
    lumen = vendor("lumen")
    license = lumen.license()
    lumen.key(license)
    with lumen.house.reading():
        path = f"/api/v1/license-keys/{LicenseKey.objects.get().id}/reissue/"

    def post(browser: Client, body: Any) -> Any:
        return browser.post(path, body, content_type="application/json")

    operator = signed_in(lumen.house, "vendor_ops")
    assert post(operator, {}).status_code == 400
    assert post(Client(HTTP_HOST="127.0.0.1"), {"reason": "x"}).status_code == 401
    assert post(signed_in(lumen.house, "support"), {"reason": "x"}).status_code == 403
    assert post(signed_in(vendor().house, "vendor_ops"), {"reason": "x"}).status_code == 404
    given = post(operator, {"reason": "leaked"})
    assert (given.status_code, given["Cache-Control"]) == (201, "no-store")
    assert ask(given.json()["key"]).json()["valid"] is True


def test_bought_keys_are_sealed_again_under_a_new_key(halden: Tenant) -> None:
    """The walk over the vault's columns knows this one."""
    stored(halden)
    call_command("rotate_keys")
