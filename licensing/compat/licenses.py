"""Licences as clients of Keygen ask for them: who am I, is it valid, what does it carry, and a file for offline use."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kernel.clock import DatabaseClock
from kernel.errors import InvalidInput
from licensing.compat.answering import Answer, Ask
from licensing.compat.callers import Caller, asked_scope, asked_ttl, body_of, caller_of, caller_with, own_license, text
from licensing.compat.documents import entitlement_resources, file_resource, instant, license_resource, word_of
from licensing.compat.files import ENCRYPTED, LICENSE_FILE, PLAIN, signed_file
from licensing.keyring import signer_of
from licensing.models import License, ValidationOrigin
from licensing.operations import CheckOut, IssuedCertificate, check_out, ensure_signing_key, first_validation
from licensing.queries.license_facts import license_behind
from licensing.rest.client_calls import key_digests, note
from licensing.rules.activating import with_finding
from licensing.rules.codes import Code, ObligationCode
from licensing.rules.decision import NOT_FOUND, decide
from licensing.rules.facts import ValidationScope
from licensing.rules.outcome import Decision, Finding
from licensing.rules.statements import StatedMachine

ALGORITHMS = {ENCRYPTED: True, PLAIN: False}


def me(ask: Ask) -> Answer:
    """The licence of the key."""
    caller = caller_of(ask.request)
    return Answer({"data": license_resource(caller.license, key=caller.key, account=ask.account)})


def show(ask: Ask, license: str) -> Answer:
    """The same by its id."""
    caller = caller_of(ask.request)
    return Answer({"data": license_resource(own_license(caller, license), key=caller.key, account=ask.account)})


def entitlements(ask: Ask, license: str) -> Answer:
    """The features that it carries now."""
    row = own_license(caller_of(ask.request), license)
    return Answer({"data": entitlement_resources(row, at=DatabaseClock().now(), account=ask.account)})


def validate_key(ask: Ask) -> Answer:
    """No account needed: the key stands in the body. One that nobody issued is answered 200 with NOT_FOUND."""
    given = body_of(ask.request)
    key = text(given, "meta", "key")
    caller = caller_with(key)
    if caller is None:
        _note(ask, key_digests(key)[0], NOT_FOUND, ask.writing.clock.now(), ValidationScope())
        return Answer({"data": None, "meta": _verdict(NOT_FOUND, ask.writing.clock.now(), given)})
    return _validated(ask, caller, given)


def validate(ask: Ask, license: str) -> Answer:
    """The licence of the key, by its id."""
    caller = caller_of(ask.request)
    own_license(caller, license)
    return _validated(ask, caller, body_of(ask.request))


def check_out_license(ask: Ask, license: str) -> Answer:
    """A file for any machine of the holder of this key, encrypted under the key unless it is asked for in the open."""
    caller, encrypted = caller_of(ask.request), is_encrypted(ask.request)
    row = own_license(caller, license)
    asked = CheckOut(ttl=asked_ttl(ask.request), holder=bytes(caller.row.digest), key_revoked_at=caller.row.revoked_at)
    issued = check_out(license_id=row.id, asked=asked, trail=ask.writing)
    meta = file_meta(issued, encrypted)
    document = {
        "data": license_resource(row, key=caller.key, account=ask.account),
        "included": entitlement_resources(row, at=issued.row.issued_at, account=ask.account),
        "meta": {**meta, "jti": str(issued.row.jti)},
    }
    signer = signer_of(ensure_signing_key(trail=ask.writing))
    file = signed_file(LICENSE_FILE, document=document, secret=caller.key if encrypted else None, signer=signer)
    of = [("license", "licenses", str(row.id))]
    resource = file_resource(
        kind=LICENSE_FILE.type, id=str(issued.row.jti), certificate=file, meta=meta, account=ask.account, of=of
    )
    return Answer({"data": resource})


def is_encrypted(request: HttpRequest) -> bool:
    """What `encrypt` and `algorithm` of the query ask for. Raises InvalidInput where they contradict each other or ask
    for something else than Ed25519."""
    encrypt, algorithm = request.GET.get("encrypt", ""), request.GET.get("algorithm", "")
    wanted = encrypt.lower() in {"1", "true"}
    if not algorithm:
        return wanted
    if algorithm not in ALGORITHMS or (encrypt and ALGORITHMS[algorithm] is not wanted):
        raise InvalidInput(
            _("One of these is needed: %(known)s.") % {"known": ", ".join(ALGORITHMS)}, pointer="/algorithm"
        )
    return ALGORITHMS[algorithm]


def file_meta(issued: IssuedCertificate, encrypted: bool) -> dict[str, Any]:
    """When the file was issued and until when it holds; the same stands in the file and beside it."""
    issued_at, ends = issued.row.issued_at, issued.row.expires_at or issued.row.issued_at
    return {
        "algorithm": ENCRYPTED if encrypted else PLAIN,
        "issued": instant(issued_at),
        "expiry": instant(ends),
        "ttl": int(ends.timestamp()) - int(issued_at.timestamp()),
    }


def _validated(ask: Ask, caller: Caller, given: Any) -> Answer:
    scope, machine = asked_scope(given)
    decision, at = _decided(ask, caller, scope, machine)
    device = machine.fingerprints[0] if machine else ""
    _note(ask, caller.digests[0], decision, at, scope, license_id=caller.license.id, device=device)
    row = License.objects.select_related("license_type", "product").get(id=caller.license.id)
    return Answer(
        {
            "data": license_resource(row, key=caller.key, account=ask.account),
            "meta": _verdict(decision, at, given),
        }
    )


def _decided(
    ask: Ask, caller: Caller, scope: ValidationScope, machine: StatedMachine | None
) -> tuple[Decision, datetime]:
    """As `POST /api/v1/validate` decides; such clients take a machine without an activation for a reason of its own,
    by which they know that they have to activate it."""
    at = ask.writing.clock.now()
    fingerprints = machine.fingerprints if machine else ()
    known = license_behind(digests=caller.digests, version=scope.version, fingerprints=fingerprints, at=at)
    if known is None:
        return NOT_FOUND, at
    decision = decide(known.facts, scope, at)
    if machine is not None and known.facts.activation is None:
        return with_finding(decision, Finding(Code.NOT_ACTIVATED, "activation")), at
    if any(duty.code is ObligationCode.START_TERM for duty in decision.obligations):
        return first_validation(license_id=known.license_id, digests=caller.digests, asked=scope, trail=ask.writing)
    return decision, at


def _note(
    ask: Ask,
    key_digest: bytes,
    decision: Decision,
    at: datetime,
    scope: ValidationScope,
    license_id: UUID | None = None,
    device: str = "",
) -> None:
    """Recorded in the organisation's own book, also when nobody there issued the key: the address names it."""
    note(
        ask.request,
        organization_id=ask.organization.id,
        license_id=license_id,
        key_digest=key_digest,
        at=at,
        code=decision.code.value,
        origin=ValidationOrigin.ONLINE,
        asked=scope,
        device=device,
    )


def _verdict(decision: Decision, at: datetime, given: Any) -> dict[str, Any]:
    scope = given.get("meta", {}).get("scope") if isinstance(given.get("meta"), dict) else None
    return {
        "ts": instant(at),
        "valid": decision.valid,
        "detail": "is valid" if decision.valid else f"is not valid ({decision.code.value})",
        "code": word_of(decision.code),
        "scope": scope,
    }
