"""Offline rights: certificates that are checked out, take a seat, and come back.

The seat is taken from the moment of the check-out until the certificate ends, unless its holder returns it or somebody
recalls it. Nobody can make a machine without a connection forget: what was returned or recalled stands on the
revocation list until its own end, for verifiers that have seen the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput, JsonValue, NotFound, Refusal
from kernel.principal import Approval
from kernel.trail import Personal, Trail
from licensing.keyring import peppers
from licensing.models import Activation, Certificate, CertificateKind, License, SigningKey
from licensing.operations.approvals import use_approval
from licensing.operations.certificates import IssuedCertificate, check_valid, signed_certificate, token_digest
from licensing.operations.license_states import locked_license
from licensing.operations.reasons import stated_reason
from licensing.queries.carried import carried_by
from licensing.queries.certificates import holders_of
from licensing.queries.license_facts import facts_of, offline_seats_of
from licensing.queries.signing_keys import VERIFIES
from licensing.rules.offline import PACE_WINDOW, fingerprint_digest, granted_ttl, most_an_hour
from licensing.rules.statements import machine_digests
from licensing.signing import TokenKind, kind_of, verify

LONGEST_FINGERPRINT = 500
HOLDER = "holder"
RECALL = "certificate.recall"
"""The kind of a change request that asks for a certificate to be recalled."""


class OfflineRefused(InvalidInput):
    """The licence type allows no offline certificates, or none for so long."""

    code = "OFFLINE_REFUSED"


class OfflineSeatsExhausted(Conflict):
    """Every seat of the licence for machines without a connection is taken until one of its certificates ends."""

    code = "OFFLINE_SEATS_EXHAUSTED"


class OfflineTooOften(Refusal):
    """This licence has sent out as many certificates as it may within an hour."""

    code = "OFFLINE_TOO_OFTEN"
    status = 429


class MachineNotActivated(Conflict):
    """The certificate of an activation is asked for, and the licence is not activated on this machine."""

    code = "MACHINE_NOT_ACTIVATED"


class CertificateNotOut(Conflict):
    """The certificate has ended, was returned or recalled before, or takes no seat that could be returned."""

    code = "CERTIFICATE_NOT_OUT"


@dataclass(frozen=True, kw_only=True)
class CheckOut:
    """What is asked for: `ttl` None takes the longest that the type allows; without a fingerprint, the one who asks
    (`holder`, any stable bytes of theirs: the digest of a key) holds the seat, and any machine may use the certificate.
    `key_revoked_at` is that of the key with which it was asked.

    Of the kind `activation` it certifies the live activation of that machine, whose place it keeps."""

    ttl: timedelta | None = None
    fingerprint: str = ""
    holder: bytes = b""
    key_revoked_at: datetime | None = None
    kind: CertificateKind = CertificateKind.LICENSE


def check_out(*, license_id: UUID, asked: CheckOut, trail: Trail) -> IssuedCertificate:
    """Signs a certificate with an end and takes a seat for it; who holds one already renews it and takes no second.

    Raises CertificateRefused, OfflineRefused, OfflineSeatsExhausted, MachineNotActivated and OfflineTooOften.
    """
    if len(asked.fingerprint) > LONGEST_FINGERPRINT:
        raise OfflineRefused(
            _("A fingerprint has at most %(most)d characters.") % {"most": LONGEST_FINGERPRINT}, pointer="/fingerprint"
        )
    if not asked.fingerprint and not asked.holder:
        raise OfflineRefused(_("Say which machine it is for, by its fingerprint."), pointer="/fingerprint")
    license = locked_license(license_id=license_id)
    now = trail.clock.now()
    check_valid(facts_of(license, key_revoked_at=asked.key_revoked_at, carried=carried_by(license, at=now)), now)
    ttl = _ttl(license, asked)
    fingerprint = fingerprint_digest(asked.fingerprint) if asked.fingerprint else None
    holder = asked.holder if fingerprint is None else bytes.fromhex(fingerprint)
    activation = None
    if asked.kind == CertificateKind.ACTIVATION:
        activation = _activation(license, asked)
    else:
        _check_seat(license, holder, is_bound=fingerprint is not None, now=now)
    _check_pace(license, now)
    return signed_certificate(
        license=license,
        at=now,
        trail=trail,
        until=now + ttl,
        holder=holder,
        fingerprint=fingerprint,
        activation=activation,
    )


def return_certificate(*, token: str, trail: Trail) -> Certificate:
    """The holder presents the certificate and gives the seat back. The token itself is the proof.

    Raises a subclass of TokenRefused for a token that does not verify now, NotFound for one that nobody issued, and
    CertificateNotOut for one that was returned before or takes no seat.
    """
    keys = {row.kid: bytes(row.public) for row in SigningKey.objects.filter(status__in=VERIFIES)}
    claims = verify(token, kind=_kind(token), keys=keys, at=trail.clock.now()).claims
    found = Certificate.objects.filter(token_digest=token_digest(token)).first()
    if found is None or str(found.jti) != claims["jti"]:
        raise NotFound(_("No certificate of this kind was issued here."))
    if found.holder is None:
        raise CertificateNotOut(_("This certificate states the licence as a whole: there is no seat to give back."))
    row = _out(found, trail)
    _close(row, at=trail.clock.now(), by=HOLDER, reason="")
    trail.record("certificate.returned", subject=row, details=_particulars(row))
    return row


def require_certificate_out(*, certificate: Certificate, at: datetime) -> None:
    """Raises CertificateNotOut for a certificate that was returned or recalled, or has ended by `at`."""
    if certificate.returned_at is not None:
        raise CertificateNotOut(_("This certificate was returned before."))
    if certificate.expires_at is not None and certificate.expires_at <= at:
        raise CertificateNotOut(_("This certificate has ended by itself."))


def recall_certificate(*, certificate_id: UUID, reason: str, approval: Approval, trail: Trail) -> Certificate:
    """Ends a certificate that its holder does not return, as somebody asked and somebody else approved; its seat is
    free at once.

    The machine may run on it until its end, or until it has seen the revocation list. Raises CertificateNotOut,
    StatedReasonMissing, Certificate.DoesNotExist, and what use_approval raises.
    """
    reason = stated_reason(reason)
    row = _out(Certificate.objects.get(id=certificate_id), trail)
    payload = {"certificate": str(row.id), "reason": reason}
    use_approval(approval=approval, kind=RECALL, license=row.license, payload=payload, trail=trail)
    _close(row, at=trail.clock.now(), by=str(trail.actor.pseudonym), reason=reason)
    trail.record(
        "certificate.recalled",
        subject=row,
        details={**_particulars(row), "request": str(approval.request_id)},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
    return row


def _kind(token: str) -> TokenKind:
    """Which of the two kinds that are checked out the token says it is; the signature is checked for that kind."""
    is_activation = kind_of(token) == TokenKind.ACTIVATION
    return TokenKind.ACTIVATION if is_activation else TokenKind.LICENSE


def _ttl(license: License, asked: CheckOut) -> timedelta:
    longest = timedelta(hours=license.license_type.offline_hours)
    ttl = granted_ttl(asked=asked.ttl, longest=longest)
    if ttl is None:
        hours = license.license_type.offline_hours
        raise OfflineRefused(
            _("This licence gives offline certificates for five minutes to %(hours)d hours.") % {"hours": hours}
            if hours
            else _("This licence gives no offline certificates."),
            pointer="/ttl",
            details={"longest_seconds": int(longest.total_seconds())},
        )
    return ttl


def _activation(license: License, asked: CheckOut) -> Activation:
    """The live activation of the machine, locked: it cannot end before its certificate is stored."""
    machines = machine_digests(fingerprint=asked.fingerprint, components={}, peppers=peppers())
    live = Activation.objects.live().select_for_update(no_key=True, of=("self",))
    found = live.filter(license=license, fingerprint__in=[one.fingerprint for one in machines]).first()
    if found is None:
        raise MachineNotActivated(_("This licence is not activated on this machine."), pointer="/fingerprint")
    return found


def _check_seat(license: License, holder: bytes, *, is_bound: bool, now: datetime) -> None:
    """Counted in new statements, under the lock on the licence. Where machines share their places with activations,
    certificates that are tied to no machine are counted among themselves."""
    seats, holders = offline_seats_of(license), holders_of(license_id=license.id, at=now)
    taken = len(holders)
    if seats.shared:
        taken = sum(one is is_bound for one in holders.values())
        taken += Activation.objects.live().filter(license=license).count() if is_bound else 0
    if seats.most is not None and holder not in holders and taken >= seats.most:
        raise OfflineSeatsExhausted(
            _("All %(seats)d offline seats of this licence are taken.") % {"seats": seats.most},
            details={"seats": seats.most, "taken": taken},
        )


def _check_pace(license: License, now: datetime) -> None:
    recent = Certificate.objects.filter(license=license, holder__isnull=False, issued_at__gt=now - PACE_WINDOW)
    most = most_an_hour(seats=offline_seats_of(license).most)
    issued = list(recent.order_by("-issued_at").values_list("issued_at", flat=True)[:most])
    if len(issued) == most:
        wait = max(1, int((issued[-1] + PACE_WINDOW - now).total_seconds()))
        raise OfflineTooOften(
            _("This licence sends out at most %(most)d certificates an hour; try again in %(wait)d seconds.")
            % {"most": most, "wait": wait},
            details={"retry_after": wait},
        )


def _out(found: Certificate, trail: Trail) -> Certificate:
    """The certificate once more, under the lock on its licence and its own. Raises CertificateNotOut."""
    license = locked_license(license_id=found.license_id)
    row = Certificate.objects.select_for_update(no_key=True, of=("self",)).get(id=found.id)
    row.license = license
    require_certificate_out(certificate=row, at=trail.clock.now())
    return row


def _close(row: Certificate, *, at: datetime, by: str, reason: str) -> None:
    row.returned_at, row.returned_by, row.return_reason = at, by, reason
    row.save(update_fields=["returned_at", "returned_by", "return_reason"])


def _particulars(row: Certificate) -> Mapping[str, JsonValue]:
    return {"license": str(row.license_id), "jti": str(row.jti), "sequence": row.sequence}
