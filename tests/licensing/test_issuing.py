"""What the vendor's operations promise: terms, rights, keys, states, certificates, and one ledger entry for each."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from audit.models import Event
from audit.operations import trail as opened_trail
from identity.models import CredentialRoute
from kernel.clock import FixedClock
from kernel.trail import run_in_trail
from kernel.vault import VaultError, vault
from licensing.armour import read_armour
from licensing.keyring import sealing_place
from licensing.models import Certificate, Entitlement, License, LicenseKey, LicenseType, SigningKey
from licensing.operations import (
    CertificateRefused,
    EntitlementDoesNotFit,
    LicenseStatusConflict,
    NewLicense,
    NewLicenseType,
    RightsExhausted,
    create_license_type,
    ensure_signing_key,
    issue_certificate,
    issue_key,
    issue_license,
    reinstate_license,
    revoke_key,
    revoke_license,
    suspend_license,
)
from licensing.operations.licenses import LicenseeBarred
from licensing.rules.key_format import normalise
from licensing.signing import Signer, TokenKind
from tests.factories import licensing
from tests.factories.tenants import tenant
from tests.licensing.lives import approved
from tests.licensing.vendors import Vendor, vendor, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


def right(lumen: Vendor, **columns) -> Entitlement:
    with lumen.house.reading():
        return licensing.entitlement(lumen.house.organization, product=lumen.product, **columns)


def read(lumen: Vendor, row):
    """The row as it stands now."""
    with lumen.house.reading():
        return type(row).objects.get(id=row.id)


def test_a_term_counts_from_the_first_day_in_calendar_months(lumen: Vendor) -> None:
    """Twelve months from 29 February end on 28 February; grace is added in days."""
    start = datetime(2028, 2, 29, tzinfo=UTC)
    license = lumen.license(lumen.license_type("subscription"), valid_from=start)
    assert license.expires_at == datetime(2029, 2, 28, tzinfo=UTC)
    assert license.grace_until == datetime(2029, 3, 14, tzinfo=UTC)


def test_without_a_first_day_a_term_counts_from_the_trails_clock(lumen: Vendor) -> None:
    """The clock that the trail carries decides, to the microsecond."""
    kind, now = lumen.license_type("subscription"), datetime(2026, 5, 31, 8, 30, 0, 123456, tzinfo=UTC)
    house = lumen.house
    with opened_trail(organization_id=house.organization.id, actor=house.actor, clock=FixedClock(now)) as trail:
        license = issue_license(license=NewLicense(license_type=kind, licensee=lumen.customer), trail=trail)
    assert (license.created_at, license.expires_at) == (now, now.replace(year=2027))


@pytest.mark.parametrize("model", ["perpetual", "trial"])
def test_no_end_is_stored_where_none_is_known(lumen: Vendor, model: str) -> None:
    """A perpetual licence never ends, and a trial that counts from its first use has not begun."""
    assert lumen.license(lumen.license_type(model)).expires_at is None


def test_licences_take_rights_until_none_is_left(lumen: Vendor) -> None:
    """7 of 10, then 4 more are refused with the figures and an entry, 3 fit; revoking gives rights back."""
    kind, bought = lumen.license_type(), right(lumen, quantity=5, rights_per_unit=2)
    first = lumen.license(kind, quantity=7, entitlement=bought)
    with pytest.raises(RightsExhausted) as refusal:
        run_in_trail(
            lambda trail: issue_license(
                license=NewLicense(license_type=kind, licensee=lumen.customer, quantity=4, entitlement=bought),
                trail=trail,
            ),
            actor=lumen.house.actor,
        )
    assert refusal.value.details == {"rights": 10, "issued": 7, "asked": 4, "overdraft": 0}
    with lumen.house.reading():
        assert Event.objects.latest("sequence").kind == "license.refused"
    lumen.license(kind, quantity=3, entitlement=bought)
    assert read(lumen, bought).issued == 10
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", first.id, reason="cancelled")
        revoke_license(license_id=first.id, reason="cancelled", approval=approval, trail=trail)
    assert read(lumen, bought).issued == 3


def test_overdraft_and_unlimited_rights_reach_further(lumen: Vendor) -> None:
    """An overdraft is part of what may be issued; an unlimited right never ends."""
    kind = lumen.license_type()
    lumen.license(kind, quantity=12, entitlement=right(lumen, quantity=10, overdraft=2))
    lumen.license(kind, quantity=1_000_000, entitlement=right(lumen, quantity=None, unlimited=True))


def test_a_right_that_does_not_fit_is_refused(lumen: Vendor) -> None:
    """Another product, a draft, a right that has ended: nothing is issued under it."""
    kind = lumen.license_type()
    with lumen.house.reading():
        foreign = licensing.entitlement(lumen.house.organization)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    for misfit in (
        foreign,
        right(lumen, state="draft"),
        right(lumen, starts_at=past, ends_at=past + timedelta(days=30)),
    ):
        with pytest.raises(EntitlementDoesNotFit):
            lumen.license(kind, entitlement=misfit)
    with lumen.house.reading():
        assert License.objects.count() == 0


def test_a_barred_customer_gets_no_licence(lumen: Vendor) -> None:
    """The bar on the party is looked at before anything is written."""
    with lumen.house.reading():
        barred = licensing.party(
            lumen.house.organization,
            kind="licensee",
            barred_at=datetime(2026, 1, 1, tzinfo=UTC),
            barred_by="somebody",
            barred_reason="sanctions",
        )
    with pytest.raises(LicenseeBarred), lumen.house.writing() as trail:
        issue_license(license=NewLicense(license_type=_type(lumen, trail), licensee=barred), trail=trail)


def _type(lumen: Vendor, trail) -> LicenseType:
    return create_license_type(
        license_type=NewLicenseType(code="any", name="Any", product=lumen.product, model="perpetual"), trail=trail
    )


def test_a_licence_keeps_the_version_that_it_was_issued_under(lumen: Vendor) -> None:
    """A new version of the type changes nothing for licences issued before."""
    kind = lumen.license_type("subscription")
    license = lumen.license(kind)
    wanted = NewLicenseType(
        code=kind.code, name=kind.name, product=lumen.product, model="subscription", duration_months=24
    )
    with lumen.house.writing() as trail:
        following = create_license_type(license_type=wanted, supersedes=kind, trail=trail)
    assert (following.version, read(lumen, kind).superseded_at is not None) == (2, True)
    assert read(lumen, license).license_type_id == kind.id


def test_the_key_itself_is_nowhere_in_the_database(lumen: Vendor) -> None:
    """After issuing, validating and revoking no column of any table holds the key in any spelling."""
    license = lumen.license()
    with lumen.house.writing() as trail:
        issued = issue_key(license_id=license.id, trail=trail)
    with lumen.house.writing() as trail:
        revoke_key(key_id=issued.row.id, trail=trail)
    canonical = normalise(issued.key)
    spellings = {form.encode() for key in (issued.key, canonical) for form in (key, key.lower())}
    with lumen.house.reading():
        stored = b"\n".join(_everything())
    assert issued.row.prefix.encode() in stored
    assert [form for form in spellings if form in stored] == []
    assert issued.key not in repr(issued)


def _everything():
    """Every value of every table that this organisation reaches, as bytes."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with transaction.atomic():
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                for row in cursor.fetchall():
                    yield from (bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row)


def test_a_key_is_found_by_its_route_from_the_same_transaction(lumen: Vendor) -> None:
    """Digest of the row and digest of the route are one; a rolled-back issue leaves neither."""
    license = lumen.license()
    with lumen.house.writing() as trail:
        row = issue_key(license_id=license.id, trail=trail).row
    assert CredentialRoute.objects.get(digest=bytes(row.digest)).organization_id == lumen.house.organization.id
    with lumen.house.writing() as trail:
        issue_key(license_id=license.id, trail=trail)
        trail.abandon()
    with lumen.house.reading():
        assert (LicenseKey.objects.count(), CredentialRoute.objects.count()) == (1, 1)


def test_each_organisation_begins_with_one_signing_key(lumen: Vendor) -> None:
    """Drawn with the organisation, the same one afterwards; its name is the thumbprint, its private half is sealed."""
    with lumen.house.writing() as trail:
        key = ensure_signing_key(trail=trail)
    with lumen.house.reading():
        assert SigningKey.objects.get() == key
    seed = vault().decrypt(bytes(key.sealed_private), aad=sealing_place(lumen.house.organization.id, key.id))
    assert (key.kid, bytes(key.public)) == (Signer(seed).kid, Signer(seed).public)
    assert seed not in bytes(key.sealed_private)
    with pytest.raises(VaultError):
        vault().decrypt(bytes(key.sealed_private), aad=sealing_place(tenant().organization.id, key.id))


def test_certificates_count_upwards_and_verify(lumen: Vendor) -> None:
    """Each certificate of a licence has the next sequence; only the digest of its token is kept."""
    license = lumen.license(lumen.license_type("subscription"))
    for expected in (1, 2):
        with lumen.house.writing() as trail:
            issued = issue_certificate(license_id=license.id, trail=trail)
        claims = verified(read_armour(issued.file), kind=TokenKind.LICENSE, slug="lumen", aud="lumen-cad").claims
        assert (claims["seq"], claims["jti"]) == (expected, str(issued.row.jti))
        assert bytes(issued.row.token_digest) == hashlib.sha256(issued.token.encode()).digest()
        assert issued.row.expires_at == datetime.fromtimestamp(claims["exp"], UTC)


def test_a_certificate_begins_a_term_that_counts_from_first_use(lumen: Vendor) -> None:
    """The certificate's end is stored on the licence, so that the next certificate does not begin anew."""
    license = lumen.license(lumen.license_type("trial"))
    ends = set()
    for _ in range(2):
        with lumen.house.writing() as trail:
            ends.add(issue_certificate(license_id=license.id, trail=trail).row.expires_at)
    begun = read(lumen, license)
    assert begun.expires_at - begun.first_validated_at == timedelta(days=30)
    assert ends == {begun.expires_at.replace(microsecond=0)}


def test_what_is_not_valid_is_not_certified(lumen: Vendor) -> None:
    """Suspended, ended, or with a term that has yet to begin elsewhere: refused, and no row."""
    suspended = lumen.license(lumen.license_type("perpetual"))
    with lumen.house.writing() as trail:
        suspend_license(license_id=suspended.id, reason="unpaid", trail=trail)
    ended = lumen.license(lumen.license_type("subscription"), valid_from=datetime(2020, 1, 1, tzinfo=UTC))
    unbegun = lumen.license(lumen.license_type("trial", expiry_basis="first_activation"))
    for license in (suspended, ended, unbegun):
        with pytest.raises(CertificateRefused), lumen.house.writing() as trail:
            issue_certificate(license_id=license.id, trail=trail)
    with lumen.house.reading():
        assert Certificate.objects.count() == 0


def test_a_revoked_licence_gets_no_key(lumen: Vendor) -> None:
    """Revoking is for good."""
    license = lumen.license()
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", license.id, reason="ended")
        revoke_license(license_id=license.id, reason="ended", approval=approval, trail=trail)
    with pytest.raises(LicenseStatusConflict), lumen.house.writing() as trail:
        issue_key(license_id=license.id, trail=trail)


@pytest.mark.requirement("REQ-167")
def test_every_step_leaves_one_entry_and_reasons_stay_outside(lumen: Vendor) -> None:
    """The ledger tells each step of a licence's life by one entry; the words of a reason are in none of them."""
    license = lumen.license(lumen.license_type("trial"))
    reason = "Mrs Holm did not pay"
    with lumen.house.writing() as trail:
        key = issue_key(license_id=license.id, trail=trail).row
    with lumen.house.writing() as trail:
        issue_certificate(license_id=license.id, trail=trail)
    for step in (suspend_license, reinstate_license):
        with lumen.house.writing() as trail:
            step(license_id=license.id, reason=reason, trail=trail)
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", license.id, reason=reason)
        revoke_license(license_id=license.id, reason=reason, approval=approval, trail=trail)
    with lumen.house.writing() as trail:
        revoke_key(key_id=key.id, trail=trail)
    with lumen.house.reading():
        entries = list(Event.objects.order_by("sequence"))
    assert [entry.kind for entry in entries[-9:]] == [
        "license_type.created",
        "license.issued",
        "license_key.issued",
        "license.term_started",
        "certificate.issued",
        "license.suspended",
        "license.reinstated",
        "license.revoked",
        "license_key.revoked",
    ]
    assert not any("Holm" in entry.body for entry in entries)
