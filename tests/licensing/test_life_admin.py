"""The admin pages of a licence's life: what they show, ask and do. Who may not is in test_issuing_admin."""

import csv
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from compliance.models import ChangeRequest
from licensing.models import License, LicenseType
from licensing.operations import NewLicenseType, create_license_type
from licensing.operations.conditions import Conditions
from licensing.rules.facts import FeatureGrant
from tests.factories import licensing
from tests.factories.tenants import signed_in
from tests.licensing.vendors import Vendor, ask, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def address(license: License, step: str = "change") -> str:
    return reverse(f"admin:licensing_license_{step}", args=[license.id])


def now(lumen: Vendor, license: License) -> Any:
    with lumen.house.reading():
        return License.objects.get(id=license.id)


def test_steps_follow_the_state_and_stand_in_the_timeline(lumen: Vendor, operator: Client) -> None:
    """Each step changes what is offered next, and its reason stands in the history and beside the title."""
    license = lumen.license()
    for step, reason, offered, gone in (
        ("pause", "season <over>", "resume", "pause"),
        ("resume", "season begins", "pause", "resume"),
        ("cancel", "not needed", "keep", "renew"),
        ("keep", "needed after all", "renew", "keep"),
        ("record_renewal", "order 12", "renew", "keep"),
        ("renew", "paid", "record_renewal", "resume"),
        ("past_due", "invoice 7", "settle", "past_due"),
        ("settle", "money is here", "past_due", "settle"),
    ):
        assert operator.post(address(license, step), {"reason": reason}).status_code == 302, step
        page = operator.get(address(license)).content.decode()
        assert reason.replace("<", "&lt;").replace(">", "&gt;") in page
        assert address(license, offered) in page
        assert f'href="{address(license, gone)}"' not in page
    assert "Fjord Design" in page
    assert now(lumen, license).expires_at.year == license.expires_at.year + 1  # type: ignore[union-attr]  # a subscription ends


def test_the_price_is_shown_before_units_change(lumen: Vendor, operator: Client) -> None:
    """The first sending says the price and changes nothing, the second with that price changes the units."""
    kind = lumen.license_type(unit_price=Decimal(120), currency="EUR", charge_period="year")
    license = lumen.license(kind, quantity=2)
    form = {"quantity": 4, "reason": "two more people"}
    shown = operator.post(address(license, "quantity"), form).content.decode()
    assert "240.00 EUR" in shown
    assert 'name="shown" value="240.00"' in shown
    assert now(lumen, license).quantity == 2
    assert operator.post(address(license, "quantity"), {**form, "shown": "1.00"}).status_code == 200
    assert operator.post(address(license, "quantity"), {**form, "shown": "240.00"}).status_code == 302
    assert now(lumen, license).quantity == 4


def test_handing_on_and_revoking_are_asked_for(lumen: Vendor, operator: Client) -> None:
    """Without a second person the page says what to do; with one a request is opened, and nothing is done yet."""
    license = lumen.license()
    with lumen.house.reading():
        other = licensing.party(lumen.house.organization, kind="licensee", name="Nordlys AS")
    alone = operator.post(address(license, "revoke"), {"reason": "returned"})
    assert (alone.status_code, "nobody else" in alone.content.decode()) == (409, True)
    signed_in(lumen.house, "approver")
    assert operator.post(address(license, "revoke"), {"reason": "returned"}).status_code == 302
    assert operator.post(address(license, "transfer"), {"reason": "sold", "licensee": str(other.id)}).status_code == 302
    assert (now(lumen, license).status, now(lumen, license).licensee_id) == ("active", lumen.customer.id)
    with lumen.house.reading():
        assert sorted(ChangeRequest.objects.values_list("kind", flat=True)) == ["license.revoke", "license.transfer"]


def test_many_licences_come_with_their_keys_in_a_file(lumen: Vendor, operator: Client) -> None:
    """Three licences, three keys that validate, one file that nobody caches; too many are refused."""
    form = {"license_type": str(lumen.license_type().id), "licensee": str(lumen.customer.id), "quantity": 1}
    path = reverse("admin:licensing_license_bulk")
    assert path in operator.get("/admin/licensing/license/").content.decode()
    file = operator.post(path, {**form, "count": 3})
    assert file["Cache-Control"] == "no-store"
    rows = list(csv.reader(file.content.decode().splitlines()))[1:]
    assert [ask(key).json()["valid"] for _number, _customer, key in rows] == [True] * 3
    assert operator.post(path, {**form, "count": 501}).status_code == 200
    with lumen.house.reading():
        assert License.objects.count() == 3
    assert signed_in(lumen.house, "support").get(path).status_code == 403


def test_a_draft_and_a_trial_by_form(lumen: Vendor, operator: Client) -> None:
    """A draft waits until it is put in force; a trial once for each e-mail domain needs an address."""
    kind = lumen.license_type("trial", trial_once="email_domain")
    form: dict[str, Any] = {"license_type": str(kind.id), "licensee": str(lumen.customer.id), "quantity": 1}
    assert "e-mail address is needed" in operator.post("/admin/licensing/license/add/", form).content.decode()
    form |= {"trial_email": "kim@example.org", "is_draft": "on"}
    assert operator.post("/admin/licensing/license/add/", form).status_code == 302
    with lumen.house.reading():
        license = License.objects.get()
    assert license.status == "draft"
    assert operator.post(address(license, "activate"), {"reason": "signed"}).status_code == 302
    assert now(lumen, license).status == "active"


def next_version(lumen: Vendor, before: LicenseType, **conditions: Any) -> LicenseType:
    with lumen.house.writing() as trail:
        return create_license_type(
            license_type=NewLicenseType(
                code=before.code,
                name=before.name,
                product=lumen.product,
                model=before.model,
                duration_months=12,
                grace_days=30,
                conditions=Conditions(**conditions),
            ),
            supersedes=before,
            trail=trail,
        )


def test_a_version_is_applied_to_existing_licences(lumen: Vendor, operator: Client) -> None:
    """The page says what is gained and lost before; applied, the licences carry it, revoked and newer ones do not."""
    first = lumen.license_type(conditions=Conditions(features=(FeatureGrant("export"),), limits={"projects": 5}))
    old = lumen.license(first)
    second = next_version(lumen, first, features=(FeatureGrant("render"),), limits={"projects": 8})
    new = lumen.license(second)
    path = reverse("admin:licensing_licensetype_apply", args=[second.id])
    assert path in operator.get(reverse("admin:licensing_licensetype_change", args=[second.id])).content.decode()
    page = operator.get(path).content.decode()
    for code in ("feature:render", "feature:export", "limit:projects 5 → 8", "grace 14 → 30"):
        assert code in page
    assert (old.number in page, new.number in page) == (True, False)
    assert operator.post(path, {"reason": "for all", "shown": "2"}).status_code == 409
    assert operator.post(path, {"reason": "for all", "shown": "1"}).status_code == 302
    assert now(lumen, old).license_type_id == second.id
    assert (now(lumen, old).grace_until - old.expires_at).days == 30
    assert signed_in(lumen.house, "support").get(path).status_code == 403
