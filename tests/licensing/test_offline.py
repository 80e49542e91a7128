"""Offline rights: checked out for a machine, counted against the licence, returned, recalled, and listed as revoked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.trail import Trail
from licensing.keyring import peppers
from licensing.models import Activation, Certificate, CertificateKind, License
from licensing.operations import (
    CertificateNotOut,
    CertificateRefused,
    Conditions,
    IssuedCertificate,
    MachineNotActivated,
    OfflineRefused,
    OfflineSeatsExhausted,
    OfflineTooOften,
    activate,
    issue_certificate,
    recall_certificate,
    release_activation,
    return_certificate,
    revoke_license,
    revoke_signing_key,
    suspend_license,
)
from licensing.queries.license_facts import license_behind
from licensing.rest.client_calls import key_digests
from licensing.rules.facts import ValidationScope
from licensing.rules.offline import fingerprint_digest
from licensing.rules.statements import StatedMachine, machine_digests
from licensing.signing import TokenKind, TokenRefused
from tests.factories.tenants import signed_in
from tests.licensing.lives import approved
from tests.licensing.offline_rights import out, post, visitor
from tests.licensing.vendors import Vendor, vendor, verified

pytestmark = pytest.mark.django_db
REVOCATIONS = "/.well-known/licensing-revocations.jwt"
HOUR = timedelta(hours=1)


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def license(lumen: Vendor) -> License:
    """Two seats, a year."""
    return lumen.license(quantity=2)


def recalled(issued: IssuedCertificate, reason: str, trail: Trail) -> Certificate:
    """Recalled with the approval of a second person."""
    approval = approved("certificate.recall", issued.row.license_id, certificate=str(issued.row.id), reason=reason)
    return recall_certificate(certificate_id=issued.row.id, reason=reason, approval=approval, trail=trail)


def revoked(slug: str = "lumen") -> dict[str, Any]:
    token = visitor().get(REVOCATIONS, {"organization": slug}).content.decode()
    return dict(verified(token, kind=TokenKind.REVOCATIONS, slug=slug, iss=slug).claims)


def test_a_certificate_is_tied_to_its_machine_and_ends(lumen: Vendor, license: License) -> None:
    """`fp` is the digest that the machine makes itself, `exp` what was asked for, and `seq` rises."""
    first, second = (out(lumen, license, ttl=HOUR) for _ in range(2))
    claims = verified(first.token, kind=TokenKind.LICENSE, slug="lumen", fp=fingerprint_digest("m-1")).claims
    assert claims["exp"] - claims["iat"] in {3599, 3600}
    assert "grace" not in claims
    assert verified(second.token, kind=TokenKind.LICENSE, slug="lumen").claims["seq"] == claims["seq"] + 1
    assert first.row.expires_at is not None
    assert int(first.row.expires_at.timestamp()) == claims["exp"]


def test_a_certificate_never_outlives_the_licence(lumen: Vendor) -> None:
    """The longest that the type allows is cut off at the end of the term and its grace."""
    license = lumen.license(lumen.license_type("trial", offline_hours=24 * 365))
    claims = verified(out(lumen, license).token, kind=TokenKind.LICENSE, slug="lumen").claims
    assert claims["exp"] - claims["iat"] <= 30 * 86_400


def test_seats_are_taken_until_the_end_or_the_return(lumen: Vendor, license: License) -> None:
    """Two machines take two seats, a third finds none; a renewal takes none; a return and an end each free one."""
    first = out(lumen, license, "m-1", ttl=HOUR)
    out(lumen, license, "m-2", ttl=2 * HOUR)
    out(lumen, license, "m-2", ttl=2 * HOUR)
    with pytest.raises(OfflineSeatsExhausted) as refused:
        out(lumen, license, "m-3")
    assert refused.value.details == {"seats": 2, "taken": 2}
    with lumen.house.writing() as trail:
        row = return_certificate(token=first.token, trail=trail)
    assert (row.returned_by, row.return_reason) == ("holder", "")
    out(lumen, license, "m-3", ttl=HOUR)
    with pytest.raises(OfflineSeatsExhausted):
        out(lumen, license, "m-4")
    with lumen.house.writing() as trail:
        Certificate.objects.update(issued_at=trail.clock.now() - 3 * HOUR, expires_at=trail.clock.now())
    out(lumen, license, "m-4")


def test_no_offline_seats_admit_nobody(lumen: Vendor) -> None:
    """A limit of 0 admits none, and the limit `offline` goes before the quantity."""
    kind = lumen.license_type(conditions=Conditions(limits={"offline": 0}))
    with pytest.raises(OfflineSeatsExhausted):
        out(lumen, lumen.license(kind, quantity=5))


@pytest.mark.requirement("REQ-042")
@pytest.mark.parametrize(
    ("hours", "ttl", "granted"),
    [
        (720, None, timedelta(hours=720)),
        (720, timedelta(hours=720), timedelta(hours=720)),
        (720, timedelta(hours=720, seconds=1), None),
        (720, timedelta(minutes=5), timedelta(minutes=5)),
        (720, timedelta(minutes=4), None),
        (0, None, None),
        (0, HOUR, None),
    ],
)
def test_the_type_bounds_how_long(lumen: Vendor, hours: int, ttl: timedelta | None, granted: timedelta | None) -> None:
    """What the client asks for, never more than the type allows; a type with 0 hours gives none."""
    license = lumen.license(lumen.license_type(offline_hours=hours))
    if granted is None:
        with pytest.raises(OfflineRefused):
            out(lumen, license, ttl=ttl)
        return
    row = out(lumen, license, ttl=ttl).row
    assert row.expires_at is not None
    assert granted - timedelta(seconds=1) <= row.expires_at - row.issued_at <= granted


def test_a_licence_has_a_pace(lumen: Vendor, license: License) -> None:
    """Twenty an hour; the twenty-first is told when to come again, and nothing is stored."""
    for _ in range(20):
        out(lumen, license)
    with pytest.raises(OfflineTooOften) as refused:
        out(lumen, license)
    assert 3_500 < int(str(refused.value.details["retry_after"])) <= 3_600
    with lumen.house.reading():
        assert Certificate.objects.count() == 20


def test_nothing_is_checked_out_of_a_licence_that_is_not_valid(lumen: Vendor, license: License) -> None:
    """Suspended: refused as a validation would refuse it."""
    with lumen.house.writing() as trail:
        suspend_license(license_id=license.id, reason="unpaid", trail=trail)
    with pytest.raises(CertificateRefused) as refused:
        out(lumen, license)
    assert refused.value.details["validation_code"] == "SUSPENDED"


def test_what_cannot_be_returned(lumen: Vendor, license: License) -> None:
    """Twice, a certificate of the whole licence, another vendor's, and an altered one."""
    issued = out(lumen, license)
    with lumen.house.writing() as trail:
        whole = issue_certificate(license_id=license.id, trail=trail).token
        return_certificate(token=issued.token, trail=trail)
    for token in (issued.token, whole):
        with pytest.raises(CertificateNotOut), lumen.house.writing() as trail:
            return_certificate(token=token, trail=trail)
    theirs = vendor("other")
    foreign = out(theirs, theirs.license())
    for token in (foreign.token, issued.token[:-1], issued.token[:-2] + "zw"):
        with pytest.raises(TokenRefused), lumen.house.writing() as trail:
            return_certificate(token=token, trail=trail)


def test_a_recall_needs_a_reason_and_frees_the_seat(lumen: Vendor) -> None:
    """The reason stays on the row, the list names the certificate until its end, and it is recalled once."""
    license = lumen.license(quantity=1)
    issued = out(lumen, license)
    with lumen.house.writing() as trail:
        row = recalled(issued, "machine lost", trail)
    assert (row.return_reason, row.returned_by not in {"", "holder"}) == ("machine lost", True)
    out(lumen, license, "m-2")
    assert issued.row.expires_at is not None
    assert revoked()["revoked"] == {str(issued.row.jti): int(issued.row.expires_at.timestamp())}
    with pytest.raises(CertificateNotOut), lumen.house.writing() as trail:
        recalled(issued, "again", trail)


def test_the_list_names_revoked_licences_and_keys(lumen: Vendor) -> None:
    """All certificates of a revoked licence and of a revoked key; those that hold are not there, nor what has ended."""
    assert (revoked()["revoked"], revoked()["kids"]) == ({}, [])
    gone, stays = lumen.license(), lumen.license(lumen.license_type("perpetual"))
    first, kept = out(lumen, gone), out(lumen, stays)
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", gone.id, reason="charged back")
        revoke_license(license_id=gone.id, reason="charged back", approval=approval, trail=trail)
    assert set(revoked()["revoked"]) == {str(first.row.jti)}
    with lumen.house.writing() as trail:
        key = revoke_signing_key(key_id=kept.row.signing_key_id, reason="drill", trail=trail)
    assert set(revoked()["revoked"]) == {str(first.row.jti), str(kept.row.jti)}
    assert revoked()["kids"] == [key.kid]
    with lumen.house.writing() as trail:
        now = trail.clock.now()
        Certificate.objects.update(issued_at=now - 2 * HOUR, expires_at=now - HOUR)
    assert revoked()["revoked"] == {}


def test_the_list_is_cacheable_and_never_another_kind(lumen: Vendor, license: License) -> None:
    """Minutes of max-age, the same bytes and 304 for who has them, another ETag after a recall, 404 for nobody."""
    answer = visitor().get(REVOCATIONS, {"organization": "lumen"})
    assert (answer["Cache-Control"], answer["Content-Type"]) == ("public, max-age=300", "application/jwt")
    again = visitor().get(REVOCATIONS, {"organization": "lumen"}, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    with pytest.raises(TokenRefused):
        verified(answer.content.decode(), kind=TokenKind.LICENSE, slug="lumen")
    issued = out(lumen, license)
    with lumen.house.writing() as trail:
        recalled(issued, "lost", trail)
    changed = visitor().get(REVOCATIONS, {"organization": "lumen"}, headers={"If-None-Match": answer["ETag"]})
    assert (changed.status_code, changed["ETag"] == answer["ETag"]) == (200, False)
    nobody = visitor().get(REVOCATIONS, {"organization": "nobody"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "NOT_FOUND")


def test_validation_knows_until_when_somebody_is_offline(lumen: Vendor, license: License) -> None:
    """The fact is the last end of what is out, None when all of it came back; no query more than before."""
    key = lumen.key(license)
    ends = []
    for machine, ttl in (("m-1", HOUR), ("m-2", 2 * HOUR)):
        ends.append(out(lumen, license, machine, ttl=ttl))
    for expected in (ends[1].row.expires_at, ends[0].row.expires_at, None):
        with lumen.house.reading(), CaptureQueriesContext(connection) as queries:
            known = license_behind(digests=key_digests(key), version=None, at=license.created_at)
        assert known is not None
        assert (known.facts.offline_until, len(queries)) == (expected, 4)
        if expected is not None:
            with lumen.house.writing() as trail:
                return_certificate(token=ends.pop().token, trail=trail)


def test_whoever_has_the_key_checks_out_and_in(lumen: Vendor, license: License) -> None:
    """No account: the key checks out, the file checks in; both answers are kept by no cache."""
    key = lumen.key(license)
    answer = post(visitor(), "check-out", {"key": key, "fingerprint": "m-1", "ttl": 3600})
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store"), answer.content
    assert verified(answer.json()["token"], kind=TokenKind.LICENSE, slug="lumen").claims["jti"] == answer.json()["jti"]
    back = post(visitor(), "check-in", {"certificate": answer.json()["file"]})
    assert (back.status_code, back.json()["jti"]) == (200, answer.json()["jti"])
    twice = post(visitor(), "check-in", {"certificate": answer.json()["token"]})
    assert (twice.status_code, twice.json()["code"]) == (409, "CERTIFICATE_NOT_OUT")
    unbound = [post(visitor(), "check-out", {"key": key}).json()["token"] for _ in range(3)]
    assert "fp" not in verified(unbound[0], kind=TokenKind.LICENSE, slug="lumen").claims
    with lumen.house.reading():
        assert Certificate.objects.filter(returned_at=None).values("holder").distinct().count() == 1


BAD: dict[str, tuple[str, Any, int, str]] = {
    "no key": ("check-out", {}, 400, "INVALID_INPUT"),
    "unknown key": ("check-out", {"key": "AAAA-BBBB"}, 404, "LICENSE_KEY_UNKNOWN"),
    "kind": ("check-out", {"key": "x", "kind": "lease"}, 400, "INVALID_INPUT"),
    "kind of list": ("check-out", {"key": "x", "kind": []}, 400, "INVALID_INPUT"),
    "unknown member": ("check-out", {"key": "x", "nonce": "y"}, 400, "INVALID_INPUT"),
    "ttl": ("check-out", {"key": "x", "ttl": "soon"}, 400, "INVALID_INPUT"),
    "ttl of nothing": ("check-out", {"key": "x", "ttl": 0}, 400, "INVALID_INPUT"),
    "NUL": ("check-out", {"key": "x", "fingerprint": "a\0b"}, 400, "INVALID_INPUT"),
    "list": ("check-out", [], 400, "INVALID_INPUT"),
    "no certificate": ("check-in", {}, 400, "INVALID_INPUT"),
    "no token": ("check-in", {"certificate": "hello"}, 400, "TOKEN_MALFORMED"),
    "issuer of nobody": ("check-in", {"certificate": "e30.eyJpc3MiOiJub2JvZHkifQ.AA"}, 404, "NOT_FOUND"),
    "issuer without a name": ("check-in", {"certificate": "e30.eyJpc3MiOiIifQ.AA"}, 404, "NOT_FOUND"),
    "half a file": ("check-in", {"certificate": "-----BEGIN SEATLEDGER LICENSE-----\n"}, 400, "TOKEN_MALFORMED"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_questions_are_refused(lumen: Vendor, name: str) -> None:
    """problem+json with a code; nothing is written."""
    path, body, status, code = BAD[name]
    answer = visitor().post(f"/api/v1/{path}", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert (visitor().get(f"/api/v1/{path}").status_code, visitor().get(f"/api/v1/{path}")["Allow"]) == (405, "POST")
    with lumen.house.reading():
        assert not Certificate.objects.exists()


def test_a_revoked_key_checks_nothing_out(lumen: Vendor, license: License) -> None:
    """The key's revocation refuses, although the licence is valid."""
    key = lumen.key(license)
    operator = signed_in(lumen.house, "vendor_ops")
    row = operator.get("/api/v1/license-keys/").json()["results"][0]
    assert post(operator, f"license-keys/{row['id']}/revoke/", {"reason": "leaked"}).status_code == 200
    answer = post(visitor(), "check-out", {"key": key, "fingerprint": "m-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "CERTIFICATE_REFUSED")


def activated(lumen: Vendor, license: License, machine: str) -> Activation | None:
    digests = [bytes(key.digest) for key in license.keys.all()]
    stated = StatedMachine(spellings=machine_digests(fingerprint=machine, components={}, peppers=peppers()))
    with lumen.house.writing() as trail:
        return activate(
            license_id=license.id, digests=digests, scope=ValidationScope(), machine=stated, trail=trail
        ).row


@pytest.fixture
def three(lumen: Vendor) -> License:
    """A licence for three machines, with a key."""
    license = lumen.license(lumen.license_type(conditions=Conditions(limits={"activations": 3})))
    lumen.key(license)
    with lumen.house.reading():
        return License.objects.prefetch_related("keys").get(id=license.id)


def test_an_activation_is_certified_for_its_machine(lumen: Vendor, three: License) -> None:
    """A kind of its own, which names the activation, takes no second place, and stands in for no other kind."""
    row = activated(lumen, three, "m-1")
    assert row is not None
    issued = out(lumen, three, "m-1", kind=CertificateKind.ACTIVATION)
    claims = verified(issued.token, kind=TokenKind.ACTIVATION, slug="lumen").claims
    assert (claims["act"], claims["fp"]) == (str(row.id), fingerprint_digest("m-1"))
    with pytest.raises(TokenRefused):
        verified(issued.token, kind=TokenKind.LICENSE, slug="lumen")
    with pytest.raises(MachineNotActivated):
        out(lumen, three, "m-2", kind=CertificateKind.ACTIVATION)
    out(lumen, three, "m-2")
    out(lumen, three, "m-3")
    with pytest.raises(OfflineSeatsExhausted):
        out(lumen, three, "m-4")
    with lumen.house.writing() as trail:
        assert return_certificate(token=issued.token, trail=trail).kind == "activation"


def test_machines_online_and_offline_share_the_places(lumen: Vendor, three: License) -> None:
    """With two offline one place is left to activate; the place of an ended activation stays with its certificate."""
    first, second = out(lumen, three, "m-1"), out(lumen, three, "m-2")
    kept = activated(lumen, three, "m-3")
    assert (kept is not None, activated(lumen, three, "m-4")) == (True, None)
    with lumen.house.writing() as trail:
        return_certificate(token=first.token, trail=trail)
    assert kept is not None
    certified = out(lumen, three, "m-3", kind=CertificateKind.ACTIVATION)
    with lumen.house.writing() as trail:
        release_activation(activation_id=kept.id, reason="laptop returned", trail=trail)
    assert activated(lumen, three, "m-5") is not None
    assert activated(lumen, three, "m-6") is None
    with lumen.house.writing() as trail:
        return_certificate(token=certified.token, trail=trail)
    assert activated(lumen, three, "m-6") is not None
    assert second.row.returned_at is None
