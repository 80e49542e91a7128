"""Seatledger's own plans: the platform sells them as licences, an organisation has what its certificate says."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from identity.ports import bindings
from kernel.errors import Misconfigured
from kernel.scope import scope
from licensing.models import LicenseType, Party, PlanCertificate
from licensing.operations import (
    NewAddOn,
    NewLicense,
    attach_add_on,
    ensure_signing_key,
    issue_certificate,
    issue_license,
)
from licensing.operations.plans import PlanInvalid, PlanTaken, offer_plans, store_plan
from licensing.plan import plan_includes, plan_keys
from licensing.rules.facts import FeatureGrant
from licensing.rules.plans import includes
from tests.factories import licensing
from tests.factories.tenants import Tenant, tenant
from tests.licensing.cases import NOW
from tests.licensing.vendors import published

pytestmark = pytest.mark.django_db


class Seller:
    """The platform's organisation with its plans, and a customer."""

    def __init__(self) -> None:
        self.house = tenant("platform", slug="platform")
        with self.house.writing() as trail:
            ensure_signing_key(trail=trail)
            self.types: dict[str, LicenseType] = {row.code: row for row in offer_plans(trail=trail)}
            self.customer: Party = licensing.party(self.house.organization, kind="licensee")

    def sell(self, code: str, *add_ons: str) -> str:
        """A certificate as a `.lic` file."""
        with self.house.writing() as trail:
            license = issue_license(
                license=NewLicense(license_type=self.types[code], licensee=self.customer), trail=trail
            )
            for one in add_ons:
                new = NewAddOn(license_id=license.id, name=one, features=(FeatureGrant(one),))
                attach_add_on(add_on=new, trail=trail)
            return issue_certificate(license_id=license.id, trail=trail).file


@pytest.fixture
def seller() -> Iterator[Seller]:
    """An installation that is sold: it knows the seller's published keys."""
    one = Seller()
    with override_settings(PLAN_KEYS=json.dumps(published())):
        yield one


def has(house: Tenant, *features: str) -> list[bool]:
    return [plan_includes(organization_id=house.organization.id, feature=one) for one in features]


def stored(house: Tenant, text: str) -> PlanCertificate:
    with house.writing() as trail:
        return store_plan(text=text, keys=plan_keys(), trail=trail)


def test_an_installation_that_nobody_sells_has_everything() -> None:
    """No keys, no certificate: sign-on and provisioning are there, and the port is bound to this answer."""
    house = tenant()
    assert has(house, "sso", "scim", "anything") == [True, True, True]
    assert bindings.plan is plan_includes


@pytest.mark.requirement("REQ-187")
@pytest.mark.parametrize(
    ("code", "add_ons", "sso", "scim"),
    [
        ("seatledger-professional", (), False, False),
        ("seatledger-professional", ("sso",), True, False),
        ("seatledger-professional", ("sso", "scim"), True, True),
        ("seatledger-enterprise", (), True, True),
        ("seatledger-government", (), True, True),
    ],
)
def test_a_plan_is_a_licence_of_the_platform(
    seller: Seller, code: str, add_ons: tuple[str, ...], sso: bool, scim: bool
) -> None:
    """Professional has the core, add-ons what they name, the others all; without a certificate there is the core."""
    house, neighbour = tenant(), tenant()
    assert has(house, "sso", "scim", "core") == [False, False, True]
    stored(house, seller.sell(code, *add_ons))
    assert has(house, "sso", "scim", "core") == [sso, scim, True]
    assert has(neighbour, "sso", "scim") == [False, False]
    with scope(house.organization.id):
        assert has(house, "sso") == [sso]


def test_a_later_certificate_replaces_the_one_before(seller: Seller) -> None:
    """Up and down: the newest says what there is; the rows before stay."""
    house = tenant()
    stored(house, seller.sell("seatledger-enterprise"))
    stored(house, seller.sell("seatledger-professional"))
    assert has(house, "sso") == [False]
    with house.reading():
        assert PlanCertificate.objects.count() == 2


def test_a_plan_belongs_to_one_organisation(seller: Seller) -> None:
    """A copy of its certificate is refused elsewhere, and accepted again by its owner."""
    house, file = tenant(), seller.sell("seatledger-enterprise")
    stored(house, file)
    stored(house, file)
    with pytest.raises(PlanTaken):
        stored(tenant(), file)


def test_only_the_sellers_signature_counts(seller: Seller) -> None:
    """A certificate of another vendor, a changed one and plain words are refused; a row that somebody wrote past the
    operation gives nothing."""
    other = tenant("vendor")
    with other.writing() as trail:
        ensure_signing_key(trail=trail)
        types = {row.code: row for row in offer_plans(trail=trail)}
        customer = licensing.party(other.organization, kind="licensee")
        license = issue_license(
            license=NewLicense(license_type=types["seatledger-enterprise"], licensee=customer), trail=trail
        )
        forged = issue_certificate(license_id=license.id, trail=trail)
    house = tenant()
    for text in (forged.file, forged.token, seller.sell("seatledger-enterprise")[:-80], "words", ""):
        with pytest.raises(PlanInvalid):
            stored(house, text)
    with house.writing():
        licensing.plan_certificate(house.organization, certificate=forged.token)
    assert has(house, "sso") == [False]


def test_a_feature_ends_with_its_second() -> None:
    """Up to, not at, the end that the certificate states; strange claims carry nothing."""
    end = int(NOW.timestamp())
    assert includes({"features": {"sso": end}}, "sso", NOW - timedelta(microseconds=1))
    assert not includes({"features": {"sso": end}}, "sso", NOW)
    strange: list[Any] = [{}, {"features": []}, {"features": {"sso": "always"}}, None]
    for claims in strange:
        assert not includes(claims, "sso", datetime.now(UTC))


@pytest.mark.parametrize("text", ["words", "[]", '{"keys": [{"kty": "RSA"}]}', "5"])
def test_a_wrong_key_set_stops_the_start(text: str) -> None:
    """With a sentence that names the variable."""
    with override_settings(PLAN_KEYS=text), pytest.raises(Misconfigured, match="SEATLEDGER_PLAN_KEYS"):
        plan_keys()


def test_the_command_offers_and_stores(seller: Seller, tmp_path: Path) -> None:
    """Offering twice adds nothing; a file becomes the plan; both at once or neither is a mistake."""
    call_command("plan", "--organization", "platform", "--offer")
    with seller.house.reading():
        assert LicenseType.objects.count() == 3
    house, file = tenant(), tmp_path / "plan.lic"
    file.write_text(seller.sell("seatledger-government"))
    call_command("plan", "--organization", house.organization.slug, str(file))
    assert has(house, "scim") == [True]
    for words in (("--offer", str(file)), (), (str(tmp_path / "nothing.lic"),)):
        with pytest.raises(CommandError):
            call_command("plan", "--organization", house.organization.slug, *words)
