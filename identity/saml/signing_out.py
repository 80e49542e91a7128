"""Requests and answers of single log-out: only signed ones, only from this provider, only to this address.

They come by redirection, signed in the address, or by POST, signed in themselves; beyond that nothing differs.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from identity.operations.saml_requests import MessageRefused
from identity.rules.single_sign_on import DRIFT, is_early, is_over, moment_of
from identity.saml import inspecting
from identity.saml.consuming import Trust
from identity.saml.enveloped import verified
from identity.saml.inspecting import PROTOCOL, SPACES
from identity.saml.messages import SUCCESS, verified_query

LONGEST_WAY = 5 * DRIFT
"""How old a message may be that says itself no end."""


@dataclass(frozen=True)
class SignOutRequest:
    message_id: str
    name_id: str
    session_indexes: list[str]
    valid_until: datetime


def redirected(query: str, field: str, trust: Trust) -> Any:
    """The root of a message in an address. Raises MessageRefused."""
    return inspecting.parsed(verified_query(query, field, trust.certificates))


def posted(text: str, trust: Trust) -> Any:
    """The root of a message in a form. Raises MessageRefused."""
    return verified(text, trust.certificates)


def read_request(root: Any, *, trust: Trust, at: datetime) -> SignOutRequest:
    """Whom the provider wants signed out. Raises MessageRefused."""
    _check(root, "LogoutRequest", trust, at)
    names = root.xpath("a:NameID", namespaces=SPACES)
    if len(names) != 1 or not (names[0].text or "").strip():
        raise MessageRefused(_("The message names nobody."), why="name_id_missing")
    end = moment_of(root.get("NotOnOrAfter")) if root.get("NotOnOrAfter") is not None else None
    if root.get("NotOnOrAfter") is not None and (end is None or is_over(end, at=at)):
        raise MessageRefused(_("The message is too old."), why="expired")
    indexes = [node.text.strip() for node in root.xpath("p:SessionIndex", namespaces=SPACES) if node.text]
    return SignOutRequest(root.get("ID"), names[0].text.strip(), indexes, end or at + LONGEST_WAY)


def read_answer(root: Any, *, trust: Trust, at: datetime) -> str:
    """The ID of our request that the provider answers. Raises MessageRefused where it did not carry it out."""
    _check(root, "LogoutResponse", trust, at)
    codes = root.xpath("p:Status/p:StatusCode/@Value", namespaces=SPACES)
    if codes != [SUCCESS]:
        raise MessageRefused(_("Your identity provider did not sign you out."), why="wrong_status")
    return root.get("InResponseTo") or ""


def _check(root: Any, name: str, trust: Trust, at: datetime) -> None:
    issuers = [(node.text or "").strip() for node in root.xpath("a:Issuer", namespaces=SPACES)]
    issued = moment_of(root.get("IssueInstant"))
    if root.tag != f"{{{PROTOCOL}}}{name}" or root.get("Version") != "2.0" or not root.get("ID"):
        raise MessageRefused(_("The message is no request to sign out."), why="not_a_sign_out")
    if issuers != [trust.idp_entity_id]:
        raise MessageRefused(_("The message is from another identity provider."), why="wrong_issuer")
    if root.get("Destination") != trust.slo_url:
        raise MessageRefused(_("The message is meant for another address."), why="wrong_destination")
    if issued is None or is_early(issued, at=at) or is_over(issued + LONGEST_WAY, at=at):
        raise MessageRefused(_("The message is too old."), why="expired")
