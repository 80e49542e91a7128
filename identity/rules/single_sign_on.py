"""What an assertion says about somebody, which roles follow from groups, and whose an address is."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from identity.rules.granting import OWNER

DRIFT: Final = timedelta(seconds=90)
"""How far the clocks of both sides may differ."""
EMAIL_NAME_ID: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
CLAIMS: Final = (
    "email",
    "user_name",
    "external_id",
    "given_name",
    "family_name",
    "department",
    "groups",
)
"""What may be read from attributes."""
WELL_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "email": (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "mail",
        "email",
    ),
    "user_name": (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
        "eduPersonPrincipalName",
        "userName",
        "login",
        "urn:oid:0.9.2342.19200300.100.1.1",
        "uid",
    ),
    "external_id": ("http://schemas.microsoft.com/identity/claims/objectidentifier", "externalId"),
    "given_name": (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        "urn:oid:2.5.4.42",
        "givenName",
        "firstName",
    ),
    "family_name": (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
        "urn:oid:2.5.4.4",
        "sn",
        "surname",
        "lastName",
    ),
    "department": ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/department", "department"),
    "groups": (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
        "http://schemas.xmlsoap.org/claims/Group",
        "memberOf",
        "groups",
    ),
}
"""Names that Entra ID, Okta, Keycloak and others use; asked in this order where the connection names none itself."""
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(\.{_LABEL})+")
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Claims:
    """Who somebody is, in our words; empty where the identity provider said nothing."""

    name_id: str
    email: str = ""
    user_name: str = ""
    external_id: str = ""
    given_name: str = ""
    family_name: str = ""
    department: str = ""
    groups: tuple[str, ...] = ()

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True)
class Roles:
    """`held` are all roles of a membership, `by_group` those among them that groups alone give."""

    held: tuple[str, ...]
    by_group: tuple[str, ...]


@dataclass(frozen=True)
class GroupOutcome:
    """The roles after a sign-in; `kept` stay although no group gives them any more, `refused` are not given although
    a group does."""

    roles: Roles
    kept: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def claims_of(
    name_id: str, name_id_format: str, attributes: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> Claims:
    """Reads the claims under the names of the connection, and under well-known ones where it has none."""
    found = {claim: _values(claim, attributes, names) for claim in CLAIMS}
    first = {claim: values[0].strip() if values else "" for claim, values in found.items() if claim != "groups"}
    if not first["email"] and (name_id_format == EMAIL_NAME_ID or domain_of(name_id)):
        first["email"] = name_id
    if not domain_of(first["email"]):
        first["email"] = ""
    return Claims(name_id=name_id, groups=tuple(sorted(set(found["groups"]))), **first)


def _values(claim: str, attributes: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> Sequence[str]:
    asked = (names[claim],) if names.get(claim) else WELL_KNOWN[claim]
    return next((attributes[name] for name in asked if attributes.get(name)), ())


def roles_by_group(groups: Collection[str], table: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The roles that these groups give, by a table of (group, role)."""
    return frozenset(role for group, role in table if group in groups)


def roles_after(
    *, held: Iterable[str], by_group: Iterable[str], now: Collection[str], default: str, withheld: Collection[str] = ()
) -> Roles:
    """The roles of a membership after a sign-in: what was granted by hand stays, what a group gave goes with it.

    A role that was granted by hand and is also given by a group counts as granted by hand. `withheld` are given by no
    group. Whoever would be left without any role gets the default until a group gives one; where that is withheld too,
    nothing is held.
    """
    by_hand = set(held) - set(by_group)
    given = set(now) - by_hand - set(withheld)
    if not by_hand and not given:
        given = {default} - set(withheld)
    return Roles(held=tuple(sorted(by_hand | given)), by_group=tuple(sorted(given)))


def ways_out(
    *, held: Collection[str], by_group: Collection[str], now: Collection[str], default: str, withheld: Collection[str]
) -> Iterator[GroupOutcome]:
    """What the groups say, and what comes next where that cannot hold; the first that may stand counts.

    The last owner stays one although no group says so any more; roles that may not be held together come to nobody, and
    then those stay that groups gave before and still give.
    """
    last = {OWNER} & set(by_group)
    for said in (set(now), set(now) & set(by_group)):
        for kept in (set(), last - said) if last - said else (set(),):
            roles = roles_after(held=held, by_group=by_group, now=said | kept, default=default, withheld=withheld)
            missing = set(now) - set(roles.held) - set(withheld)
            yield GroupOutcome(roles, kept=tuple(sorted(kept)), refused=tuple(sorted(missing)))


def domain_of(email: str) -> str:
    """The domain of an address in lower case, empty for what is no plain address."""
    local, _at, domain = email.strip().lower().rpartition("@")
    plain = local and "@" not in local and not any(sign.isspace() for sign in local)
    return domain if plain and is_domain(domain) else ""


def is_domain(text: str) -> bool:
    """A registrable-looking name in ASCII, with at least one dot, in lower case."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None


def moment_of(text: str | None) -> datetime | None:
    """An xs:dateTime with its zone; None for what is none."""
    found = _MOMENT.fullmatch(text or "")
    if found is None:
        return None
    fraction = (found[2] or "")[:7]
    try:
        return datetime.fromisoformat(found[1] + fraction + found[3].replace("Z", "+00:00"))
    except ValueError:
        return None


def is_over(end: datetime, *, at: datetime) -> bool:
    return end + DRIFT <= at


def is_early(start: datetime, *, at: datetime) -> bool:
    return start - DRIFT > at
