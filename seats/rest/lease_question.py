"""The question of a check-out, heartbeat, check-in or borrowing: a key, what is asked of the licence, and who asks."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from licensing.reading import Members, Reader
from licensing.rules.facts import ValidationScope
from seats.operations.leases import StatedHolder

SCOPE_MEMBERS = frozenset({"product", "version", "features", "country"})
HOLDER_MEMBERS = ("user", "machine", "session", "department", "label")
STEP_MEMBERS: dict[str, frozenset[str]] = {
    "checkout": frozenset({"holder", "quantity"}),
    "heartbeat": frozenset({"lease"}),
    "checkin": frozenset({"lease"}),
    "borrow": frozenset({"lease", "ttl", "fingerprint"}),
}
MOST_FEATURES, MOST_SEATS = 64, 1_000_000


@dataclass(frozen=True, kw_only=True)
class LeaseQuestion:
    """`lease` is asked for by every step but the first; `ttl` is in whole seconds."""

    key: str = field(repr=False)
    nonce: str
    scope: ValidationScope
    holder: StatedHolder
    quantity: int
    lease: UUID
    ttl: timedelta | None
    fingerprint: str


def read_lease_question(body: bytes, *, step: str, country: str) -> LeaseQuestion:
    """`country` is that of the client's address, "" when unknown; it goes before the one that is stated.
    Raises InvalidInput with all mistakes."""
    given = lease_object(body)
    reader = _LeaseReader()
    reader.unknown(given, STEP_MEMBERS[step] | {"key", "nonce", "scope"}, "")
    scope = reader.object(given, "scope", "") if "scope" in given else {}
    reader.unknown(scope, SCOPE_MEMBERS, "/scope")
    features = reader.optional(
        scope, "features", "/scope", lambda *at: reader.texts(*at, most=MOST_FEATURES, read=reader.text)
    )
    stated = reader.optional(scope, "country", "/scope", reader.country)
    question = LeaseQuestion(
        key=reader.text(given, "key", "") or "",
        nonce=reader.text(given, "nonce", "") or "",
        scope=ValidationScope(
            product=reader.optional(scope, "product", "/scope", reader.text),
            version=reader.optional(scope, "version", "/scope", reader.text),
            features=frozenset(features or ()),
            country=country or (stated or "").upper() or None,
        ),
        holder=reader.holder(given) if step == "checkout" else StatedHolder(),
        quantity=reader.count(given, "quantity", most=MOST_SEATS) or 1,
        lease=reader.lease(given) if step != "checkout" else UUID(int=0),
        ttl=reader.seconds(given, "ttl"),
        fingerprint=reader.optional(given, "fingerprint", "", reader.word) or "",
    )
    reader.finish()
    return question


def lease_object(body: bytes) -> Members:
    """The body as a JSON object. Raises InvalidInput."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("The body is not JSON in UTF-8."), pointer="/") from error
    if not isinstance(given, dict):
        raise InvalidInput(_("The body has to be a JSON object."), pointer="/")
    return given


class _LeaseReader(Reader):
    def holder(self, given: Members) -> StatedHolder:
        found = self.object(given, "holder", "")
        self.unknown(found, frozenset(HOLDER_MEMBERS), "/holder")
        words = {name: self.optional(found, name, "/holder", self.word) or "" for name in HOLDER_MEMBERS}
        return StatedHolder(**words)

    def lease(self, given: Members) -> UUID:
        text = self.text(given, "lease", "") or ""
        try:
            return UUID(text)
        except ValueError:
            self.wrong("/lease", _("The id of a lease is needed."))
            return UUID(int=0)

    def count(self, given: Members, name: str, *, most: int) -> int | None:
        value = given.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            self.wrong(f"/{name}", _("A whole number from 1 to %(most)d is needed.") % {"most": most})
            return None
        return value

    def seconds(self, given: Members, name: str) -> timedelta | None:
        found = self.count(given, name, most=366 * 86_400)
        return None if found is None else timedelta(seconds=found)
