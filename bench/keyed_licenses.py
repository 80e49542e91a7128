"""A vendor with licences and their keys, made by the operations of the product; and questions about them."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from django.db import connection

from audit.operations import trail
from bench.load import Answer, post
from identity.models import Organization
from identity.operations import create_organization
from kernel.clock import DatabaseClock
from kernel.database import as_owner
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail
from licensing.models import LicenseType
from licensing.operations import (
    Conditions,
    Named,
    NewFeature,
    NewLicense,
    NewLicenseType,
    create_feature,
    create_license_type,
    ensure_party,
    ensure_product,
)
from licensing.operations.bulk_issue import MOST_AT_ONCE, issue_licenses
from licensing.operations.releases import NewRelease, draft_release, publish_release
from licensing.queries.signing_keys import active_signing_key
from licensing.rules.facts import FeatureGrant
from licensing.signing import TokenKind, verify

PRODUCT, VERSION, FEATURE = "lumen-cad", "2.4.0", "render-3d"


@dataclass(frozen=True)
class KeyedLicenses:
    """The keys of a vendor's licences, and the public keys by which its answers are verified."""

    slug: str
    keys: list[str]
    public: dict[str, bytes]

    def questions(self) -> list[bytes]:
        """One request of POST /api/v1/validate for each licence, each with a nonce of its own."""
        asked = {"product": PRODUCT, "version": VERSION, "features": [FEATURE]}
        return [
            post("/api/v1/validate", orjson.dumps({"key": key, "nonce": self.nonce(number), "scope": asked}))
            for number, key in enumerate(self.keys)
        ]

    def nonce(self, number: int) -> str:
        return f"nonce-{number}"

    def check(self, answer: Answer) -> None:
        """Raises AssertionError unless the answer says VALID, and a subclass of TokenRefused unless the vendor signed
        it as the answer to this question."""
        told = orjson.loads(answer.body)
        expected = {"nonce": self.nonce(answer.request), "iss": self.slug}
        token = verify(told["token"], kind=TokenKind.DECISION, keys=self.public, at=datetime.now(UTC), expect=expected)
        assert token.claims["valid"] is True, token.claims
        assert token.claims == {name: value for name, value in told.items() if name != "token"}


def keyed_licenses(slug: str, count: int) -> KeyedLicenses:
    """A new vendor with so many licences of one type, each with a key, and statistics about them."""
    clock = DatabaseClock()
    organization = create_organization(slug=slug, name="Bench", kind="vendor", clock=clock)
    with _writing(organization) as opened:
        kind = _license_type(opened)
        customer = ensure_party(kind="licensee", name="Fjord Design", trail=opened)
    wanted, keys = NewLicense(license_type=kind, licensee=customer), list[str]()
    while len(keys) < count:
        with _writing(organization) as opened:
            issued = issue_licenses(license=wanted, count=min(MOST_AT_ONCE, count - len(keys)), trail=opened)
            keys += [one.key.key for one in issued]
    with scope(organization.id):
        row = active_signing_key()
    assert row is not None, "a new organisation has a key that signs"
    _analyse()
    return KeyedLicenses(slug, keys, {row.kid: bytes(row.public)})


def _writing(organization: Organization) -> AbstractContextManager[Trail]:
    return trail(organization_id=organization.id, actor=system(organization.id, "bench"))


def _license_type(opened: Trail) -> LicenseType:
    product, _edition = ensure_product(named=Named(publisher="Lumen", product="Lumen CAD", code=PRODUCT), trail=opened)
    create_feature(feature=NewFeature(product=product, code=FEATURE, name="Rendering"), trail=opened)
    release = draft_release(release=NewRelease(product=product, version=VERSION), trail=opened)
    publish_release(release_id=release.id, trail=opened)
    conditions = Conditions(features=(FeatureGrant(FEATURE),))
    return create_license_type(
        license_type=NewLicenseType(
            code="cad", name="CAD", product=product, model="subscription", duration_months=12, conditions=conditions
        ),
        trail=opened,
    )


def _analyse() -> None:
    """What autovacuum does within a minute: without statistics the planner guesses."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
