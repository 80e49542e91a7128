"""A vendor with a product, a customer and licences made by the operations, and questions put to the live view."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from licensing.jwk import read_jwks
from licensing.models import License, LicenseType, Party, Product
from licensing.operations import MachineRules, NewLicense, NewLicenseType, create_license_type, issue_key, issue_license
from licensing.signing import TokenKind, VerifiedToken, verify
from tests.factories import licensing
from tests.factories.tenants import Tenant, tenant

TERMS: dict[str, dict[str, Any]] = {
    "perpetual": {},
    "subscription": {"duration_months": 12, "grace_days": 14},
    "trial": {"duration_days": 30, "expiry_basis": "first_validation"},
    "floating": {},
    "node_locked": {"duration_months": 12},
    "site": {},
}


@dataclass(frozen=True)
class Vendor:
    """An organisation that sells one product to one customer."""

    house: Tenant
    product: Product
    customer: Party

    @property
    def slug(self) -> str:
        return self.house.organization.slug

    def license_type(self, model: str = "subscription", **columns: Any) -> LicenseType:
        values = {"code": f"cad-{model.replace('_', '-')}", "name": f"CAD {model}", **TERMS[model], **columns}
        with self.house.writing() as trail:
            return create_license_type(
                license_type=NewLicenseType(product=self.product, model=model, **values), trail=trail
            )

    def license(self, license_type: LicenseType | None = None, **columns: Any) -> License:
        kind = license_type or self.license_type()
        with self.house.writing() as trail:
            return issue_license(license=NewLicense(license_type=kind, licensee=self.customer, **columns), trail=trail)

    def key(self, license: License) -> str:
        with self.house.writing() as trail:
            return issue_key(license_id=license.id, trail=trail).key

    def on_machines(self, most: int | None = 3, **rules: Any) -> tuple[License, str]:
        """A node-locked licence for so many machines, with a key; `rules` are those of MachineRules, `kind` are columns
        of the type."""
        kind = rules.pop("kind", {})
        limits = {} if most is None else {"activations": most}
        wanted = self.license_type("node_locked", machines=MachineRules(**rules), **kind)
        license = self.license(wanted, limits=limits)
        return license, self.key(license)

    def keyed(self, model: str, **columns: Any) -> tuple[License, str]:
        """A licence of this model with a key."""
        license = self.license(self.license_type(model), **columns)
        return license, self.key(license)


def vendor(slug: str = "") -> Vendor:
    house = tenant("vendor", slug=slug)
    with house.writing():
        product = licensing.product(house.organization, code="lumen-cad")
        customer = licensing.party(house.organization, kind="licensee", name="Fjord Design")
    return Vendor(house, product, customer)


def ask(key: object, *, browser: Client | None = None, **members: Any) -> Any:
    """The response of the live view to a question about this key."""
    body = {"key": key, "nonce": "bm9uY2U", **members}
    return (browser or Client(HTTP_HOST="127.0.0.1")).post("/api/v1/validate", body, content_type="application/json")


def ask_for(step: str, key: object, machine: str = "laptop", *, browser: Client | None = None, **members: Any) -> Any:
    """The response of the live view to activate, ping or deactivate, for the machine with this fingerprint."""
    scope = {"fingerprint": machine, **members.pop("scope", {})}
    words = {"machine": members.pop("machine_words")} if "machine_words" in members else {}
    body = {"key": key, "nonce": "bm9uY2U", "scope": scope, **words, **members}
    client = browser or Client(HTTP_HOST="127.0.0.1")
    return client.post(f"/api/v1/activations/{step}", body, content_type="application/json")


def published(slug: str = "") -> dict[str, Any]:
    """The key set that the live view publishes."""
    query = {"organization": slug} if slug else {}
    answer = Client(HTTP_HOST="127.0.0.1").get("/.well-known/licensing-jwks.json", query)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def verified(token: str, *, kind: TokenKind, slug: str = "", **expected: str) -> VerifiedToken:
    """The token, checked against the published keys alone."""
    return verify(token, kind=kind, keys=read_jwks(published(slug)), at=datetime.now(UTC), expect=expected)
