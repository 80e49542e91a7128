"""Who asks, and about what: the licence key in a request, and the parts of its body."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput, NotFound, Refusal
from kernel.rest.problems import BodyTooLarge
from licensing.keyring import peppers
from licensing.models import Activation, License, LicenseKey
from licensing.queries.activations import activation_of
from licensing.queries.license_facts import RELATED
from licensing.rest.client_calls import key_digests
from licensing.rules.facts import ValidationScope
from licensing.rules.statements import MachineDigests, StatedMachine, machine_digests

LARGEST_BODY = 65_536
LONGEST_TEXT = 500
MOST_MEMBERS = 50


class KeyRefused(Refusal):
    """The request has no licence key, or one that this organisation never issued."""

    code = "LICENSE_INVALID"
    status = 401


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The holder of a licence key. `row` is read with what its facts need; `key` is as it was typed."""

    row: LicenseKey
    license: License
    key: str = field(repr=False)
    digests: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine as the request calls it: `name` is a fingerprint, or the id of the activation (`is_plain` False)."""

    row: Activation
    name: str
    is_plain: bool
    stated: StatedMachine


def caller_of(request: HttpRequest) -> Caller:
    """`Authorization: License <key>`, or Basic with the user `license`. Raises KeyRefused."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    key = value.strip() if scheme.lower() == "license" else _basic(value) if scheme.lower() == "basic" else ""
    found = caller_with(key) if key else None
    if found is None:
        raise KeyRefused(_("Send a licence key of this organisation: Authorization: License <key>."))
    return found


def caller_with(key: str) -> Caller | None:
    """The licence behind a key of the open organisation."""
    digests = tuple(key_digests(key))
    rows = LicenseKey.objects.select_related(*(f"license__{name}" for name in RELATED))
    row = rows.filter(digest__in=digests, license__isnull=False).first()
    if row is None or row.license is None:
        return None
    return Caller(row=row, license=row.license, key=key, digests=digests)


def own_license(caller: Caller, named: str) -> License:
    """The caller's licence, by its id or its key. Raises NotFound for any other: a key opens one licence."""
    if named not in {str(caller.license.id), caller.key}:
        raise NotFound(_("The requested licence was not found."))
    return caller.license


def machine_of(caller: Caller, named: str) -> Machine:
    """A live machine of the caller's licence, by fingerprint or id. Raises NotFound."""
    stated = stated_machine(named)
    row = activation_of(license_id=caller.license.id, fingerprints=stated.fingerprints)
    if row is not None:
        return Machine(row=row, name=named, is_plain=True, stated=stated)
    row = _by_id(caller, named)
    if row is None:
        raise NotFound(_("The requested machine was not found."))
    digests = MachineDigests(
        pepper_version=row.pepper_version, fingerprint=row.fingerprint, components=dict(row.components)
    )
    return Machine(row=row, name=named, is_plain=False, stated=StatedMachine(spellings=(digests,)))


def stated_machine(
    fingerprint: str, *, components: tuple[str, ...] = (), platform: str = "", label: str = ""
) -> StatedMachine:
    """A machine in digests. Such clients state components without names when they validate: each is its own name."""
    named = {hashlib.sha256(value.encode()).hexdigest()[:16]: value for value in components}
    digests = machine_digests(fingerprint=fingerprint, components=named, peppers=peppers())
    return StatedMachine(spellings=digests, platform=platform, label=label)


def body_of(request: HttpRequest) -> Mapping[str, Any]:
    """The JSON object of the body, {} when there is none. Raises InvalidInput and BodyTooLarge."""
    body = request.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge(_("The body is larger than this address reads."))
    try:
        given = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("The body is not JSON in UTF-8."), pointer="/") from error
    if not isinstance(given, dict):
        raise InvalidInput(_("The body has to be a JSON object."), pointer="/")
    return given


def member(given: Any, *path: str) -> Any:
    """What stands at the end of a path of members; None when any of them is missing."""
    for name in path:
        given = given.get(name) if isinstance(given, dict) else None
    return given


def text(given: Any, *path: str) -> str:
    """A text at the end of a path, "" when it is missing. Raises InvalidInput for anything else, and beyond 500."""
    value = member(given, *path)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\0" in value:
        raise InvalidInput(
            _("A text of at most %(most)d characters is needed.") % {"most": LONGEST_TEXT}, pointer="/" + "/".join(path)
        )
    return value


def texts(given: Any, *path: str) -> tuple[str, ...]:
    """A list of texts at the end of a path, () when it is missing."""
    value = member(given, *path) or []
    if not isinstance(value, list) or len(value) > MOST_MEMBERS or not all(isinstance(one, str) for one in value):
        raise InvalidInput(_("A list of texts is needed."), pointer="/" + "/".join(path))
    return tuple(text({"one": one}, "one") for one in value)


def asked_scope(given: Any) -> tuple[ValidationScope, StatedMachine | None]:
    """`meta.scope` of a validation, and the machine that it names."""
    machine = None
    named = texts(given, "meta", "scope", "fingerprints")
    fingerprint = text(given, "meta", "scope", "fingerprint") or (named[0] if named else "")
    scope = ValidationScope(
        product=text(given, "meta", "scope", "product") or None,
        version=text(given, "meta", "scope", "version") or None,
        features=frozenset(texts(given, "meta", "scope", "entitlements")),
    )
    if fingerprint:
        machine = stated_machine(fingerprint, components=texts(given, "meta", "scope", "components"))
        scope = machine.asked(scope)
    return scope, machine


def asked_ttl(request: HttpRequest) -> timedelta | None:
    """`ttl` in seconds, from the query. Raises InvalidInput."""
    value = request.GET.get("ttl", "")
    if not value:
        return None
    if not value.isascii() or not value.isdecimal() or not 0 < len(value) < 12:
        raise InvalidInput(_("A whole number of seconds is needed."), pointer="/ttl")
    return timedelta(seconds=int(value))


def _by_id(caller: Caller, named: str) -> Activation | None:
    try:
        key = UUID(named)
    except ValueError:
        return None
    return Activation.objects.live().filter(license=caller.license, id=key).first()


def _basic(value: str) -> str:
    try:
        user, _colon, key = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return key if user == "license" else ""
