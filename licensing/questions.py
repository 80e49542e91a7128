"""What is asked about a licence: the scope that a client states, and what somebody supposes who wants to know why.

Fingerprints, components and users become digests here (licensing.rules.digests): the plain values go no further.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from licensing.keyring import peppers
from licensing.reading import Members, Reader
from licensing.rules.digests import subject_digest
from licensing.rules.facts import LicenseStatus, ValidationScope
from licensing.rules.what_if import AS_IT_IS, UNCHANGED, USERS, Moment, Unchanged, WhatIf

MOST_FEATURES = 50
MOST_FINGERPRINTS = 10
MOST_COMPONENTS = 20
MOST_AMOUNTS = 50
SCOPE_MEMBERS = frozenset(
    {
        "product", "version", "features", "country", "fingerprint", "fingerprints", "components", "user", "domain",
        "department", "vm", "lease", "client_at", "last_server_at",
    }
)  # fmt: skip
QUESTION_MEMBERS = frozenset({"scope", "at", "what_if"})
DATES = ("valid_from", "expires_at", "grace_until", "maintenance_until")
WHAT_IF_MEMBERS = frozenset({"status", "limits", "used", "seats", *DATES})


@dataclass(frozen=True)
class WhyQuestion:
    """Why would a validation with this scope say what it says: now (`at` is None) or at another moment, with the facts
    as they are or as they are supposed to be?"""

    scope: ValidationScope = field(default_factory=ValidationScope)
    at: datetime | None = None
    what_if: WhatIf = AS_IT_IS


def read_why(given: object) -> WhyQuestion:
    """Raises InvalidInput with all mistakes."""
    if not isinstance(given, Mapping):
        raise InvalidInput(_("The body has to be a JSON object."), pointer="/")
    reader = Reader()
    reader.unknown(given, QUESTION_MEMBERS, "")
    question = WhyQuestion(
        scope=read_scope(given, reader),
        at=reader.optional(given, "at", "", reader.instant),
        what_if=_what_if(reader.object(given, "what_if", ""), reader),
    )
    reader.finish()
    return question


def read_scope(question: Members, reader: Reader) -> ValidationScope:
    """The member `scope` of a question; what is left out is None. Mistakes are noted in the reader."""
    given, place = reader.object(question, "scope", ""), "/scope"
    reader.unknown(given, SCOPE_MEMBERS, place)
    digests = Digests()
    fingerprints = _fingerprints(given, reader, place)
    components = reader.optional(given, "components", place, lambda *at: _components(reader, *at))
    user = reader.optional(given, "user", place, reader.word)
    domain = reader.optional(given, "domain", place, reader.word)
    department = reader.optional(given, "department", place, reader.word)
    features = reader.optional(
        given, "features", place, lambda *at: reader.texts(*at, most=MOST_FEATURES, read=reader.text)
    )
    return ValidationScope(
        product=reader.optional(given, "product", place, reader.text),
        version=reader.optional(given, "version", place, reader.text),
        features=frozenset(features or ()),
        country=reader.optional(given, "country", place, reader.country),
        fingerprints=None if fingerprints is None else digests.of_machine(fingerprints),
        components=None
        if components is None
        else {name: digests.of("component", value) for name, value in components.items()},
        user=None if user is None else digests.of("user", user),
        domain=None if domain is None else domain.lower().removesuffix("."),
        department=None if department is None else department.lower(),
        virtual_machine=reader.optional(given, "vm", place, reader.truth),
        lease=reader.optional(given, "lease", place, reader.text),
        client_at=reader.optional(given, "client_at", place, reader.instant),
        last_server_at=reader.optional(given, "last_server_at", place, reader.instant),
        older=digests.older,
    )


class Digests:
    """Digests under the newest pepper, and in `older` those of the same values under the peppers before."""

    def __init__(self) -> None:
        self._newest, *self._before = peppers()
        self.older: dict[str, frozenset[str]] = {}

    def of(self, kind: str, value: str) -> str:
        digest = subject_digest(kind=kind, value=value, pepper=self._newest)
        if self._before:
            before = (subject_digest(kind=kind, value=value, pepper=pepper) for pepper in self._before)
            self.older[digest] = frozenset(before)
        return digest

    def of_machine(self, fingerprints: Iterable[str]) -> tuple[str, ...]:
        """Every spelling of every fingerprint, so that a row is found whichever pepper it was stored under."""
        digests = [self.of("fingerprint", one) for one in fingerprints]
        before = (spelling for one in digests for spelling in sorted(self.older.get(one, ())))
        return tuple(dict.fromkeys((*digests, *before)))


def _fingerprints(given: Members, reader: Reader, place: str) -> tuple[str, ...] | None:
    """One or several. A text without anything in it is stated and empty, which is a finding and no mistake."""
    one, several = given.get("fingerprint"), given.get("fingerprints")
    if one is not None and several is not None:
        reader.wrong(f"{place}/fingerprints", _("State either fingerprint or fingerprints."))
        return None
    if several is not None:
        return reader.texts(given, "fingerprints", place, most=MOST_FINGERPRINTS, read=reader.word)
    if isinstance(one, str) and not one.strip():
        return ()
    text = reader.optional(given, "fingerprint", place, reader.word)
    return None if text is None else (text,)


def _components(reader: Reader, given: Members, name: str, place: str) -> dict[str, str]:
    found, pointer = reader.object(given, name, place), f"{place}/{name}"
    if len(found) > MOST_COMPONENTS:
        reader.wrong(pointer, _("At most %(most)d components are read.") % {"most": MOST_COMPONENTS})
        return {}
    read = {one: reader.word(found, one, pointer) for one in found}
    return {one: value for one, value in read.items() if value is not None}


def _what_if(given: Members, reader: Reader) -> WhatIf:
    place = "/what_if"
    reader.unknown(given, WHAT_IF_MEMBERS, place)
    limits: dict[str, int | None] = _amounts(given, "limits", reader, nullable=True)
    if "seats" in given:
        if USERS in limits:
            reader.wrong(f"{place}/seats", _("State either seats or limits.users: they are the same."))
        limits[USERS] = reader.optional(given, "seats", place, reader.number)
    used = _amounts(given, "used", reader, nullable=False)
    dates: dict[str, Moment] = {name: _moment(given, name, reader) for name in DATES}
    return WhatIf(
        status=_status(given, reader),
        valid_from=dates["valid_from"],
        expires_at=dates["expires_at"],
        grace_until=dates["grace_until"],
        maintenance_until=dates["maintenance_until"],
        limits=limits,
        used={code: number for code, number in used.items() if number is not None},
    )


def _status(given: Members, reader: Reader) -> LicenseStatus | Unchanged:
    if "status" not in given:
        return UNCHANGED
    try:
        return LicenseStatus(given["status"])
    except ValueError:
        names = ", ".join(LicenseStatus)
        reader.wrong("/what_if/status", _("A status is one of %(names)s.") % {"names": names})
        return UNCHANGED


def _moment(given: Members, name: str, reader: Reader) -> Moment:
    return reader.optional(given, name, "/what_if", reader.instant) if name in given else UNCHANGED


def _amounts(given: Members, name: str, reader: Reader, *, nullable: bool) -> dict[str, int | None]:
    found, place = reader.object(given, name, "/what_if"), f"/what_if/{name}"
    if len(found) > MOST_AMOUNTS:
        reader.wrong(place, _("At most %(most)d amounts are read.") % {"most": MOST_AMOUNTS})
        return {}
    return {code: _amount(found, code, place, reader, nullable) for code in found}


def _amount(found: Mapping[str, Any], code: str, place: str, reader: Reader, nullable: bool) -> int | None:
    return None if nullable and found[code] is None else reader.number(found, code, place)
