"""Machines as clients of Keygen know them: our activations, activated, pinged, released, and certified for offline use.

A machine is called by its fingerprint, which is its id as well: we store a digest of it alone, and such a client sends
the id with each request. By the id of the activation it is found too, and then called by that.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from kernel.clock import DatabaseClock
from kernel.errors import InvalidInput, NotFound, Refusal
from licensing.compat.answering import Answer, Ask
from licensing.compat.callers import (
    Caller,
    asked_ttl,
    body_of,
    caller_of,
    machine_of,
    member,
    own_license,
    stated_machine,
    text,
)
from licensing.compat.documents import entitlement_resources, file_resource, license_resource, machine_resource
from licensing.compat.files import MACHINE_FILE, signed_file
from licensing.compat.licenses import file_meta, is_encrypted
from licensing.keyring import signer_of
from licensing.models import Activation, CertificateKind
from licensing.operations import ActivationAnswer, CheckOut, activate, check_out, deactivate, ensure_signing_key, ping
from licensing.rules.activating import ActivationRefusal
from licensing.rules.codes import Code
from licensing.rules.facts import ValidationScope

MOST_LISTED = 100


class MachineLimitExceeded(Refusal):
    """The licence is activated on as many machines as it allows."""

    code = "MACHINE_LIMIT_EXCEEDED"
    status = 422


class FingerprintTaken(Refusal):
    """The machine is activated already, by this licence or another within the same uniqueness."""

    code = "FINGERPRINT_TAKEN"
    status = 422


class MachineHeartbeatDead(Refusal):
    """The machine was silent for too long and has to be activated again."""

    code = "MACHINE_HEARTBEAT_DEAD"
    status = 422


class KeygenLicenseExpired(Refusal):
    """The licence is over: nothing is activated."""

    code = "LICENSE_EXPIRED"
    status = 403


class KeygenLicenseSuspended(Refusal):
    """The licence is suspended or revoked: nothing is activated."""

    code = "LICENSE_SUSPENDED"
    status = 403


class KeygenLicenseNotAllowed(Refusal):
    """The licence is not valid for another reason, which the details name."""

    code = "LICENSE_NOT_ALLOWED"
    status = 403


def create(ask: Ask) -> Answer:
    """Activates the caller's licence on a machine."""
    caller, given = caller_of(ask.request), body_of(ask.request)
    fingerprint = text(given, "data", "attributes", "fingerprint")
    if not fingerprint.strip():
        raise InvalidInput(_("A fingerprint is needed."), pointer="/data/attributes/fingerprint")
    named = text(given, "data", "relationships", "license", "data", "id")
    own_license(caller, named or str(caller.license.id))
    label = text(given, "data", "attributes", "name") or text(given, "data", "attributes", "hostname")
    machine = stated_machine(
        fingerprint,
        components=_components(given),
        platform=text(given, "data", "attributes", "platform"),
        label=label,
    )
    answer = activate(
        license_id=caller.license.id,
        digests=caller.digests,
        scope=ValidationScope(),
        machine=machine,
        trail=ask.writing,
    )
    if answer.refusal is not None:
        raise _refusal(answer)
    if answer.row is None or answer.row.first_seen_at < answer.at:
        raise FingerprintTaken(_("The machine is activated already."), pointer="/data/attributes/fingerprint")
    return Answer({"data": _shown(ask, caller, answer.row, fingerprint)}, 201)


def listed(ask: Ask, license: str = "") -> Answer:
    """The machines of the caller's licence, newest first, at most 100; each called by the id of its activation."""
    caller = caller_of(ask.request)
    if license:
        own_license(caller, license)
    rows = Activation.objects.live().filter(license=caller.license).order_by("-first_seen_at")[:MOST_LISTED]
    at = DatabaseClock().now()
    return Answer({"data": [_shown(ask, caller, row, str(row.id), at) for row in rows]})


def show(ask: Ask, machine: str) -> Answer:
    """One machine of the caller's licence."""
    caller = caller_of(ask.request)
    found = machine_of(caller, machine)
    return Answer({"data": _shown(ask, caller, found.row, found.name)})


def remove(ask: Ask, machine: str) -> Answer:
    """Gives the machine's place back."""
    caller = caller_of(ask.request)
    found = machine_of(caller, machine)
    deactivate(
        license_id=caller.license.id,
        digests=caller.digests,
        scope=ValidationScope(),
        machine=found.stated,
        trail=ask.writing,
    )
    return Answer(None, 204)


def ping_machine(ask: Ask, machine: str) -> Answer:
    """A heartbeat."""
    caller = caller_of(ask.request)
    found = machine_of(caller, machine)
    answer = ping(
        license_id=caller.license.id,
        digests=caller.digests,
        scope=ValidationScope(),
        machine=found.stated,
        trail=ask.writing,
    )
    if answer.refusal is not None or answer.row is None:
        raise _refusal(answer)
    return Answer({"data": _shown(ask, caller, answer.row, found.name)})


def check_out_machine(ask: Ask, machine: str) -> Answer:
    """A file for this machine, encrypted under key and fingerprint unless it is asked for in the open."""
    caller, encrypted = caller_of(ask.request), is_encrypted(ask.request)
    found = machine_of(caller, machine)
    if not found.is_plain:
        raise InvalidInput(_("Call the machine by its fingerprint: the file is made for it."), pointer="/machine")
    asked = CheckOut(
        ttl=asked_ttl(ask.request),
        fingerprint=found.name,
        key_revoked_at=caller.row.revoked_at,
        kind=CertificateKind.ACTIVATION,
    )
    issued = check_out(license_id=caller.license.id, asked=asked, trail=ask.writing)
    meta = file_meta(issued, encrypted)
    document = {
        "data": _shown(ask, caller, found.row, found.name),
        "included": [
            license_resource(caller.license, key=caller.key, account=ask.account),
            *entitlement_resources(caller.license, at=issued.row.issued_at, account=ask.account),
        ],
        "meta": {**meta, "jti": str(issued.row.jti)},
    }
    secret = caller.key + found.name if encrypted else None
    signer = signer_of(ensure_signing_key(trail=ask.writing))
    file = signed_file(MACHINE_FILE, document=document, secret=secret, signer=signer)
    of = [("machine", "machines", found.name), ("license", "licenses", str(caller.license.id))]
    resource = file_resource(
        kind=MACHINE_FILE.type, id=str(issued.row.jti), certificate=file, meta=meta, account=ask.account, of=of
    )
    return Answer({"data": resource})


def _components(given: object) -> tuple[str, ...]:
    rows = member(given, "data", "relationships", "components", "data") or []
    if not isinstance(rows, list) or len(rows) > MOST_LISTED:
        raise InvalidInput(_("A list of components is needed."), pointer="/data/relationships/components/data")
    return tuple(filter(None, (text(row, "attributes", "fingerprint") for row in rows)))


def _shown(ask: Ask, caller: Caller, row: Activation, name: str, at: datetime | None = None) -> dict[str, object]:
    at = at or DatabaseClock().now()
    return machine_resource(row, license=caller.license, name=name, at=at, account=ask.account)


def _refusal(answer: ActivationAnswer) -> Refusal:
    match answer.refusal:
        case ActivationRefusal.LIMIT_REACHED | ActivationRefusal.TRANSFERS_EXHAUSTED:
            return MachineLimitExceeded(_("The licence allows no further machine."), pointer="/data")
        case ActivationRefusal.FINGERPRINT_IN_USE:
            return FingerprintTaken(_("The machine is activated already."), pointer="/data/attributes/fingerprint")
        case ActivationRefusal.HEARTBEAT_LOST:
            return MachineHeartbeatDead(_("The machine was silent for too long."), pointer="/data")
        case ActivationRefusal.NO_ACTIVATION:
            return NotFound(_("The requested machine was not found."))
        case _:
            return _not_valid(answer.decision.code)


def _not_valid(code: Code) -> Refusal:
    details = {"validation_code": code.value}
    if code is Code.EXPIRED:
        return KeygenLicenseExpired(_("The licence has expired."), details=details)
    if code in {Code.SUSPENDED, Code.REVOKED, Code.PAUSED}:
        return KeygenLicenseSuspended(_("The licence is suspended."), details=details)
    return KeygenLicenseNotAllowed(_("The licence is not valid now."), details=details)
