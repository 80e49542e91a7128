"""The vendor's admin pages by the list: works, anonymous, wrong role, other organisation, bad input, queries."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from licensing.armour import read_armour
from licensing.models import License, LicenseKey, LicenseType
from licensing.operations import issue_certificate, revoke_license
from licensing.rules.key_format import normalise
from licensing.signing import TokenKind
from tests.factories import licensing
from tests.factories.tenants import signed_in
from tests.licensing.lives import approved
from tests.licensing.vendors import Vendor, ask, vendor, verified

pytestmark = pytest.mark.django_db
STEPS = (
    "activate", "suspend", "reinstate", "pause", "resume", "cancel", "keep", "renew", "record_renewal", "convert",
    "settle", "past_due", "quantity", "transfer", "revoke", "key", "certificate",
)  # fmt: skip


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def address(license: License, step: str = "change") -> str:
    return reverse(f"admin:licensing_license_{step}", args=[license.id])


def type_form(lumen: Vendor, **changes: Any) -> dict[str, Any]:
    return {
        "name": "CAD, a year", "code": "cad-yearly", "product": str(lumen.product.id), "model": "subscription",
        "duration_months": 12, "duration_days": 0, "expiry_basis": "creation", "grace_days": 0, "notice_days": 30,
        "expiry_strategy": "restrict", "trial_once": "none", "renewal_basis": "from_expiry",
        "dunning_restrict_days": 7, "dunning_suspend_days": 14,
        "features": "render\nexport from 2026-01-01 until 2030-01-01",
        "limits": "projects = 5", "territories": "no, se", "version_range": ">=2 <3", **changes,
    }  # fmt: skip


def test_a_type_is_defined_and_superseded_by_forms(lumen: Vendor, operator: Client) -> None:
    """What the form says is stored, the next version starts from it, and the old one offers no new version."""
    assert operator.post("/admin/licensing/licensetype/add/", type_form(lumen)).status_code == 302
    with lumen.house.reading():
        first = LicenseType.objects.get()
    assert [grant["code"] for grant in first.features] == ["render", "export"]
    assert (first.limits, first.territories) == ({"projects": 5}, ["NO", "SE"])
    path = reverse("admin:licensing_licensetype_version", args=[first.id])
    form = operator.get(path).content.decode()
    assert "export from 2026-01-01T00:00:00+00:00 until 2030-01-01T00:00:00+00:00" in form
    changed = {name: value for name, value in type_form(lumen, duration_months=24).items() if name != "code"}
    assert operator.post(path, changed).status_code == 302
    again = operator.post(path, changed)
    assert again.status_code == 409
    assert "newer version" in again.content.decode()
    with lumen.house.reading():
        assert LicenseType.objects.get(superseded_at__isnull=True).duration_months == 24


def test_a_licence_its_key_and_its_certificate(lumen: Vendor, operator: Client) -> None:
    """The key stands once in a field that can be selected and validates; the file verifies; nothing is cached."""
    form = {"license_type": str(lumen.license_type().id), "licensee": str(lumen.customer.id), "quantity": 3}
    assert operator.post("/admin/licensing/license/add/", form).status_code == 302
    with lumen.house.reading():
        license = License.objects.get()
    shown = operator.post(address(license, "key"))
    (key,) = re.findall(r'<input class="secret"[^>]* value="([^"]+)" readonly', shown.content.decode())
    assert shown["Cache-Control"] == "no-store"
    assert ask(key).json()["sub"] == str(license.id)
    page = operator.get(address(license)).content.decode()
    assert normalise(key)[:6] in page
    assert key not in page
    file = operator.post(address(license, "certificate"))
    assert file["Content-Disposition"] == f'attachment; filename="{license.number}-1.lic"'
    token = read_armour(file.content.decode())
    assert verified(token, kind=TokenKind.LICENSE, slug="lumen").claims["sub"] == str(license.id)


def test_states_change_with_a_reason(lumen: Vendor, operator: Client) -> None:
    """The page says state and reason, and offers the steps that fit it."""
    license = lumen.license()
    assert operator.post(address(license, "suspend"), {"reason": ""}).status_code == 200
    assert operator.post(address(license, "suspend"), {"reason": "invoice <4711>"}).status_code == 302
    page = operator.get(address(license)).content.decode()
    assert "invoice &lt;4711&gt;" in page
    assert address(license, "reinstate") in page
    assert address(license, "suspend") not in page
    refused = operator.post(address(license, "suspend"), {"reason": "again"})
    assert (refused.status_code, "Only an active licence" in refused.content.decode()) == (409, True)
    assert operator.post(address(license, "revoke"), {"reason": "ended"}).status_code == 409
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", license.id, reason="ended")
        revoke_license(license_id=license.id, reason="ended", approval=approval, trail=trail)
    page = operator.get(address(license)).content.decode()
    assert not any(address(license, step) in page for step in STEPS)


def test_a_key_is_revoked_on_its_own_page(lumen: Vendor, operator: Client) -> None:
    """The key of one licence cannot be revoked at the address of another."""
    license, other = lumen.license(lumen.license_type("perpetual")), lumen.license(lumen.license_type("trial"))
    lumen.key(license)
    with lumen.house.reading():
        key = LicenseKey.objects.get()
    assert operator.post(reverse("admin:licensing_license_revoke_key", args=[other.id, key.id])).status_code == 404
    assert operator.post(reverse("admin:licensing_license_revoke_key", args=[license.id, key.id])).status_code == 302
    with lumen.house.reading():
        assert LicenseKey.objects.get().revoked_at is not None


def test_rights_that_are_exhausted_are_said_beside_the_field(lumen: Vendor, operator: Client) -> None:
    """The form comes back with what was typed, and nothing was issued."""
    kind = lumen.license_type()
    with lumen.house.reading():
        right = licensing.entitlement(lumen.house.organization, product=lumen.product, quantity=2)
    form = {
        "license_type": str(kind.id), "licensee": str(lumen.customer.id), "quantity": 3,
        "entitlement": str(right.id), "version_range": ">=2",
    }  # fmt: skip
    answer = operator.post("/admin/licensing/license/add/", form)
    assert answer.status_code == 409
    assert "3 more do not fit" in answer.content.decode()
    assert "&gt;=2" in answer.content.decode()
    with lumen.house.reading():
        assert License.objects.count() == 0


@pytest.mark.parametrize("step", ["change", *STEPS])
def test_who_may_not(lumen: Vendor, operator: Client, step: str) -> None:
    """Visitors go to the sign-in; support looks and does nothing; another vendor finds nothing."""
    license = lumen.license()
    path = address(license, step)
    visitor = Client(HTTP_HOST="127.0.0.1").get(path, follow=True)
    assert visitor.request["PATH_INFO"] == "/accounts/sign-in/"
    support, stranger = signed_in(lumen.house, "support"), signed_in(vendor().house, "vendor_ops")
    assert support.get(path).status_code == (200 if step == "change" else 403)
    assert stranger.get(path).status_code == (302 if step == "change" else 404)
    if step == "change":
        assert not any(address(license, one) in support.get(path).content.decode() for one in STEPS)
        return
    for browser, status in ((support, 403), (stranger, 404)):
        assert browser.post(path, {"reason": "x"}).status_code == status
    with lumen.house.reading():
        assert License.objects.get().status == "active"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"features": "render soon"}, "write a code"),
        ({"features": "render until tomorrow"}, "dates cannot be read"),
        ({"features": "Render"}, "lower-case"),
        ({"limits": "projects: 5"}, "write a code"),
        ({"territories": "Norway"}, "two capital letters"),
        ({"version_range": "newest"}, "a range looks like"),
        ({"duration_months": 0}, "needs a term"),
        ({"code": "CAD yearly"}, "lower-case letters"),
        ({"name": "a\0b"}, "Null characters"),
        ({"product": "01900000-0000-7000-8000-000000000000"}, "valid choice"),
    ],
)
def test_bad_types_are_said_beside_the_field(
    lumen: Vendor, operator: Client, changes: dict[str, Any], said: str
) -> None:
    """The form comes back with a sentence, and no type is defined."""
    answer = operator.post("/admin/licensing/licensetype/add/", type_form(lumen, **changes))
    assert answer.status_code in {200, 400}
    assert said in answer.content.decode()
    with lumen.house.reading():
        assert LicenseType.objects.count() == 0


def test_pages_cost_the_same_queries_however_much_there_is(lumen: Vendor, operator: Client) -> None:
    """One key and one certificate, or five of each; one licence in the list, or four."""
    kind = lumen.license_type("perpetual")
    license = lumen.license(kind)
    counts: dict[str, list[int]] = {"page": [], "list": []}
    for more in (1, 4):
        for _ in range(more):
            lumen.key(license)
            with lumen.house.writing() as trail:
                issue_certificate(license_id=license.id, trail=trail)
            lumen.license(kind)
        for name, path in (("page", address(license)), ("list", "/admin/licensing/license/")):
            with CaptureQueriesContext(connection) as queries:
                assert operator.get(path).status_code == 200
            counts[name].append(len(queries))
    assert counts["page"][0] == counts["page"][1] <= 22
    assert counts["list"][0] == counts["list"][1] <= 16
