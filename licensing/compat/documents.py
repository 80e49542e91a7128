"""JSON:API documents in the words of Keygen: licences, machines, features, and errors."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from kernel.errors import Refusal
from licensing.models import Activation, License
from licensing.queries.carried import carried_by
from licensing.queries.license_facts import ACTIVATIONS, facts_of, limits_of
from licensing.rules.codes import Code
from licensing.rules.facts import LicenseStatus
from licensing.rules.heartbeats import is_silent
from licensing.rules.machines import HeartbeatRule
from licensing.rules.terms import in_utc

Resource = dict[str, Any]

WORDS: Mapping[Code, str] = {
    Code.REVOKED: "SUSPENDED",
    Code.PAUSED: "SUSPENDED",
    Code.NOT_YET_EFFECTIVE: "SUSPENDED",
    Code.PRODUCT_MISMATCH: "PRODUCT_SCOPE_MISMATCH",
    Code.USER_MISMATCH: "USER_SCOPE_MISMATCH",
    Code.FINGERPRINT_REQUIRED: "FINGERPRINT_SCOPE_REQUIRED",
    Code.FINGERPRINT_EMPTY: "FINGERPRINT_SCOPE_EMPTY",
    Code.FINGERPRINT_MISMATCH: "FINGERPRINT_SCOPE_MISMATCH",
    Code.COMPONENTS_MISMATCH: "COMPONENTS_SCOPE_MISMATCH",
    Code.NOT_ACTIVATED: "NO_MACHINE",
    Code.FEATURE_MISSING: "ENTITLEMENTS_MISSING",
    Code.VERSION_OUT_OF_RANGE: "VERSION_SCOPE_MISMATCH",
    Code.MAINTENANCE_LAPSED: "VERSION_SCOPE_MISMATCH",
    Code.RELEASE_YANKED: "VERSION_SCOPE_MISMATCH",
    Code.TOO_MANY_ACTIVATIONS: "TOO_MANY_MACHINES",
}
"""Our codes in the words of such clients; a code that is not here has the same name there, or none."""


def word_of(code: Code) -> str:
    """The code that a client of Keygen's knows; ours where it has none, which it takes for an invalid licence."""
    return WORDS.get(code, code.value)


def instant(at: datetime | None) -> str | None:
    """RFC 3339 with milliseconds, as such clients read it."""
    return None if at is None else in_utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def license_resource(row: License, *, key: str, account: str) -> Resource:
    """The licence for who presented `key`, which is repeated: it is stored nowhere."""
    status = LicenseStatus(row.status)
    suspended = status in {LicenseStatus.SUSPENDED, LicenseStatus.REVOKED}
    kind = row.license_type
    updated = row.revoked_at or row.suspended_at or row.first_validated_at or row.created_at
    return {
        "id": str(row.id),
        "type": "licenses",
        "attributes": {
            "name": row.number,
            "key": key,
            "expiry": instant(row.expires_at),
            "status": "SUSPENDED" if suspended else "ACTIVE",
            "uses": 0,
            "suspended": suspended,
            "scheme": None,
            "encrypted": False,
            "floating": row.model == "floating",
            "strict": False,
            "protected": True,
            "maxMachines": limits_of(row).get(ACTIVATIONS),
            "maxProcesses": None,
            "maxUsers": None,
            "maxCores": None,
            "maxUses": None,
            "requireHeartbeat": kind.heartbeat != HeartbeatRule.OFF,
            "requireCheckIn": False,
            "lastValidated": instant(row.first_validated_at),
            "permissions": [],
            "metadata": {},
            "created": instant(row.created_at),
            "updated": instant(updated),
        },
        "relationships": {
            "account": _to_one("accounts", account),
            "product": _to_one("products", str(row.product_id)),
            "policy": _to_one("policies", str(kind.id)),
        },
    }


def machine_resource(row: Activation, *, license: License, name: str, at: datetime, account: str) -> Resource:
    """An activation. `name` is how the client calls the machine: its fingerprint where the request states it, which is
    the id then as well, for only its digest is stored."""
    return {
        "id": name,
        "type": "machines",
        "attributes": {
            "fingerprint": name,
            "name": row.label or None,
            "platform": row.platform or None,
            "hostname": None,
            "ip": None,
            "cores": None,
            "requireHeartbeat": license.license_type.heartbeat != HeartbeatRule.OFF,
            "heartbeatStatus": _heartbeat(row, license, at),
            "heartbeatDuration": license.license_type.heartbeat_seconds,
            "lastHeartbeat": instant(row.last_ping_at),
            "metadata": {},
            "created": instant(row.first_seen_at),
            "updated": instant(row.last_seen_at),
        },
        "relationships": {
            "account": _to_one("accounts", account),
            "license": _to_one("licenses", str(license.id)),
            "product": _to_one("products", str(license.product_id)),
        },
    }


def entitlement_resources(row: License, *, at: datetime, account: str) -> list[Resource]:
    """The features that the licence carries at `at`, which are called entitlements there."""
    codes = sorted(
        {grant.code for grant in facts_of(row, carried=carried_by(row, at=at)).features if grant.period.holds_at(at)}
    )
    return [
        {
            "id": code,
            "type": "entitlements",
            "attributes": {
                "name": code,
                "code": code,
                "metadata": {},
                "created": instant(row.created_at),
                "updated": instant(row.created_at),
            },
            "relationships": {"account": _to_one("accounts", account)},
        }
        for code in codes
    ]


def file_resource(
    *, kind: str, id: str, certificate: str, meta: Mapping[str, Any], account: str, of: Iterable[tuple[str, str, str]]
) -> Resource:
    """An offline file as the answer that hands it out; `of` names its owners: relationship, type, id."""
    return {
        "id": id,
        "type": kind,
        "attributes": {"certificate": certificate, **meta},
        "relationships": {
            "account": _to_one("accounts", account),
            **{name: _to_one(type_, key) for name, type_, key in of},
        },
    }


def error_document(refusal: Refusal) -> Resource:
    """A refusal as JSON:API has it; the code is the refusal's own."""
    error: Resource = {"title": _title(refusal.status), "detail": refusal.message, "code": refusal.code}
    if refusal.errors and refusal.errors[0].pointer:
        error["source"] = {"pointer": refusal.errors[0].pointer}
    return {"errors": [error]}


def _to_one(type_: str, id: str) -> Resource:
    return {"data": {"type": type_, "id": id}}


def _heartbeat(row: Activation, license: License, at: datetime) -> str:
    if row.first_ping_at is None:
        return "NOT_STARTED"
    return "DEAD" if is_silent(license.license_type.machine_terms(bound=False), row.as_fact, at) else "ALIVE"


def _title(status: int) -> str:
    titles = {
        401: "Unauthorized",
        403: "Access denied",
        404: "Not found",
        422: "Unprocessable resource",
        429: "Too many requests",
    }
    return titles.get(status, "Bad request" if status < 500 else "Unavailable")
