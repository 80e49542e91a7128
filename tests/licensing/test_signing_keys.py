"""Signing keys are replaced and withdrawn: what they signed verifies exactly as long as it should."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel.clock import DatabaseClock
from kernel.pages import PROVED
from licensing.models import SigningKey
from licensing.operations import (
    SigningKeyRevoked,
    StatedReasonMissing,
    issue_certificate,
    revoke_signing_key,
    rotate_signing_key,
)
from licensing.schedules import retire_signing_keys
from licensing.signing import TokenKind, UnknownKey
from tests.factories.tenants import signed_in
from tests.licensing.vendors import Vendor, published, vendor, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


def certified(lumen: Vendor, model: str = "subscription") -> str:
    license = lumen.license(lumen.license_type(model))
    with lumen.house.writing() as trail:
        return issue_certificate(license_id=license.id, trail=trail).token


def rotated(lumen: Vendor) -> SigningKey:
    with lumen.house.writing() as trail:
        return rotate_signing_key(trail=trail)


def keys(lumen: Vendor) -> dict[str, str]:
    with lumen.house.reading():
        return dict(SigningKey.objects.order_by("created_at", "id").values_list("kid", "status"))


class Later(DatabaseClock):
    """The clock of another day."""

    def __init__(self, days: int) -> None:
        super().__init__()
        self.ahead = timedelta(days=days)

    def now(self) -> Any:
        return super().now() + self.ahead


def test_the_drill_of_a_rotation(lumen: Vendor) -> None:
    """Old certificates verify, the new kid signs, and a revoked kid verifies nothing."""
    old = certified(lumen)
    before = verified(old, kind=TokenKind.LICENSE, slug="lumen").kid
    new = rotated(lumen)
    assert verified(old, kind=TokenKind.LICENSE, slug="lumen").kid == before
    young = certified(lumen, "perpetual")
    assert verified(young, kind=TokenKind.LICENSE, slug="lumen").kid == new.kid
    assert [key["kid"] for key in published("lumen")["keys"]] == [new.kid, before]
    with lumen.house.writing() as trail:
        revoke_signing_key(key_id=SigningKey.objects.get(kid=before).id, reason="laptop stolen", trail=trail)
    assert [key["kid"] for key in published("lumen")["keys"]] == [new.kid]
    with pytest.raises(UnknownKey):
        verified(old, kind=TokenKind.LICENSE, slug="lumen")
    assert verified(young, kind=TokenKind.LICENSE, slug="lumen").kid == new.kid


def test_revoking_the_key_that_signs_draws_another(lumen: Vendor) -> None:
    """No organisation is ever without a key; the reason stands on the row."""
    with lumen.house.writing() as trail:
        row = revoke_signing_key(key_id=SigningKey.objects.get().id, reason=" found in a log ", trail=trail)
    assert (row.status, row.revoked_reason, row.revoked_by != "") == ("revoked", "found in a log", True)
    assert sorted(keys(lumen).values()) == ["active", "revoked"]
    with pytest.raises(SigningKeyRevoked), lumen.house.writing() as trail:
        revoke_signing_key(key_id=row.id, reason="again", trail=trail)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_key_is_not_revoked_without_a_reason(lumen: Vendor, reason: str) -> None:
    """The key stays as it is."""
    with pytest.raises(StatedReasonMissing), lumen.house.writing() as trail:
        revoke_signing_key(key_id=SigningKey.objects.get().id, reason=reason, trail=trail)
    assert list(keys(lumen).values()) == ["active"]


@pytest.mark.parametrize(
    ("model", "days", "state"),
    [
        (None, 0, "retiring"),
        (None, 2, "retired"),
        ("subscription", 300, "retiring"),
        ("subscription", 366, "retiring"),  # grace of 14 days
        ("subscription", 381, "retired"),
        ("perpetual", 36_000, "retiring"),
    ],
)
def test_a_replaced_key_is_put_away_when_all_that_it_signed_has_ended(
    lumen: Vendor, model: str | None, days: int, state: str
) -> None:
    """Answers a day, certificates to their end, and one without an end for ever; then the published set drops it."""
    if model:
        certified(lumen, model)
    (old,) = keys(lumen)
    rotated(lumen)
    retire_signing_keys(lumen.house.organization.id, Later(days))
    assert keys(lumen)[old] == state
    assert (old in {key["kid"] for key in published("lumen")["keys"]}) is (state == "retiring")


def test_nothing_is_written_when_no_key_is_over(lumen: Vendor) -> None:
    """The work of each minute costs one query more than opening a scope, and no ledger entry."""
    with CaptureQueriesContext(connection) as queries:
        retire_signing_keys(lumen.house.organization.id, DatabaseClock())
    assert not any(query["sql"].startswith(("INSERT", "UPDATE")) for query in queries)


def test_the_command_rotates_and_revokes(lumen: Vendor) -> None:
    """Each key with its state; a key of nobody and a missing reason are said in a sentence."""
    (old,) = keys(lumen)
    out = StringIO()
    call_command("rotate_signing_key", organization="lumen", stdout=out)
    assert f"{old} retiring since" in out.getvalue()
    call_command("rotate_signing_key", organization="lumen", revoke=old, reason="drill", stdout=out)
    assert keys(lumen)[old] == "revoked"
    for wrong in ({"revoke": "nobody", "reason": "x"}, {"revoke": next(reversed(keys(lumen))), "reason": ""}):
        with pytest.raises(CommandError):
            call_command("rotate_signing_key", organization="lumen", stdout=out, **wrong)


def post(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(f"/api/v1/{path}/", body or {}, content_type="application/json")


def test_keys_over_rest_by_the_list(lumen: Vendor) -> None:
    """Rotated and revoked by who may; 401, 403, 404 and a proof for the others; no private half anywhere."""
    operator, support = signed_in(lumen.house, "vendor_ops"), signed_in(lumen.house, "support")
    stranger, visitor = signed_in(vendor().house, "vendor_ops"), Client(HTTP_HOST="127.0.0.1")
    new = post(operator, "signing-keys/rotate")
    assert (new.status_code, new.json()["status"]) == (201, "active"), new.content
    rows = operator.get("/api/v1/signing-keys/").json()["results"]
    assert {row["status"] for row in rows} == {"active", "retiring"}
    assert set(rows[0]) == {"id", "kid", "status", "created_at", "retired_at", "revoked_at"}
    path = f"signing-keys/{rows[-1]['id']}/revoke"
    assert post(operator, path, {"reason": ""}).status_code == 400
    assert (post(visitor, path).status_code, post(support, path, {"reason": "x"}).status_code) == (401, 403)
    assert post(stranger, path, {"reason": "x"}).status_code == 404
    assert post(operator, path, {"reason": "drill"}).json()["status"] == "revoked"
    again = post(operator, path, {"reason": "drill"})
    assert (again.status_code, again.json()["code"]) == (409, "SIGNING_KEY_REVOKED")
    session = operator.session
    session[PROVED] = 0
    session.save()
    for unproved in (post(operator, "signing-keys/rotate"), post(operator, path, {"reason": "x"})):
        assert (unproved.status_code, unproved.json()["code"]) == (403, "PROOF_NEEDED")


def test_keys_on_the_pages_of_the_admin(lumen: Vendor) -> None:
    """Replaced at a button, revoked with a reason; support looks, another vendor finds nothing."""
    operator, support = signed_in(lumen.house, "vendor_ops"), signed_in(lumen.house, "support")
    assert operator.get("/admin/licensing/signingkey/add/").status_code == 200
    assert operator.post("/admin/licensing/signingkey/add/").status_code == 302
    with lumen.house.reading():
        old = SigningKey.objects.get(status="retiring")
    path = reverse("admin:licensing_signingkey_revoke", args=[old.id])
    assert path in operator.get(reverse("admin:licensing_signingkey_change", args=[old.id])).content.decode()
    assert support.get(path).status_code == 403
    assert signed_in(vendor().house, "vendor_ops").post(path, {"reason": "x"}).status_code == 404
    assert operator.post(path, {"reason": ""}).status_code == 200
    assert operator.post(path, {"reason": "drill"}).status_code == 302
    listed = support.get("/admin/licensing/signingkey/").content.decode()
    assert old.kid in listed
    assert keys(lumen)[old.kid] == "revoked"
