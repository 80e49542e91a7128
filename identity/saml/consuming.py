"""`consume`: a response of an identity provider → who it speaks of, or a refusal. The library stands behind it alone.

The library is imported where it is used: it needs lxml and xmlsec to be built against one libxml2, and a mismatch
shall stop single sign-on (identity/checks.py says so) and not the site.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from identity.operations.saml_requests import MessageRefused
from identity.rules.single_sign_on import is_early, is_over, moment_of
from identity.saml import inspecting
from identity.saml.inspecting import ASSERTION, SPACES

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
LONGEST = 1000
"""Signs of a name or attribute value."""


@dataclass(frozen=True)
class KeyPair:
    certificate: str
    private_key: str


@dataclass(frozen=True)
class Trust:
    """Everything that decides whether a message is accepted: both sides' names, addresses and keys.

    `keys` are ours, the current one first; `certificates` are the provider's, each as good as the others. The provider
    takes messages about signing out by POST where `posts_slo` says so, else by redirection.
    """

    entity_id: str
    acs_url: str
    slo_url: str
    idp_entity_id: str
    idp_sso_url: str
    idp_slo_url: str
    posts_slo: bool
    certificates: tuple[str, ...]
    keys: tuple[KeyPair, ...]


@dataclass(frozen=True)
class Identity:
    """What a response that was accepted says. `in_response_to` is empty when the provider began by itself."""

    assertion_id: str
    name_id: str
    name_id_format: str
    attributes: Mapping[str, tuple[str, ...]]
    in_response_to: str
    session_index: str
    ends_at: datetime | None
    valid_until: datetime


def settings_of(trust: Trust, key: KeyPair) -> dict[str, Any]:
    """The library's settings: strict, only signed assertions, no deprecated algorithm, whatever the connection says."""
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": trust.entity_id,
            "assertionConsumerService": {"url": trust.acs_url, "binding": POST},
            "x509cert": key.certificate,
            "privateKey": key.private_key,
        },
        "idp": {
            "entityId": trust.idp_entity_id,
            "singleSignOnService": {"url": trust.idp_sso_url, "binding": REDIRECT},
            "x509certMulti": {"signing": list(trust.certificates)},
        },
        "security": {
            "wantAssertionsSigned": True,
            "wantAttributeStatement": False,
            "wantNameId": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "allowRepeatAttributeName": False,
        },
    }


def consume(response: str, *, trust: Trust, at: datetime) -> Identity:
    """Who the response speaks of. Raises MessageRefused for everything that is not exactly as it must be.

    Looks at one message alone; whether it answers a request of ours and is used for the first time is for the caller.
    """
    xml = inspecting.decoded(response)
    inspecting.response(inspecting.parsed(xml))
    document = _verified(response, trust)
    assertion = document.find(f"{{{ASSERTION}}}Assertion")
    _addressed(document, assertion, trust)
    confirmation = _confirmation(document, assertion, trust, at)
    ends = _session_end(assertion, at)
    name_id = _one(assertion, "a:Subject/a:NameID", "name_id_missing")
    return Identity(
        assertion_id=assertion.get("ID"),
        name_id=_text(name_id),
        name_id_format=name_id.get("Format") or "",
        attributes=_attributes(assertion),
        in_response_to=confirmation.get("InResponseTo") or "",
        session_index=(_one(assertion, "a:AuthnStatement", "no_authentication").get("SessionIndex") or "")[:LONGEST],
        ends_at=ends,
        valid_until=_moment(confirmation, "NotOnOrAfter"),
    )


def _verified(response: str, trust: Trust) -> Any:
    """The document whose assertion carries a valid signature of the provider, decrypted where it was encrypted."""
    compact = "".join(response.split())
    try:
        read = _opened(compact, trust)
        document = read.get_xml_document()
        # Before any signature is computed: anybody can encrypt for us, so what comes out is as foreign as the rest.
        inspecting.opened(document)
        read.is_valid(_request_data(trust.acs_url), raise_exceptions=True)
    except MessageRefused:
        raise
    # Whatever the library, lxml or xmlsec stumbles over: the answer is no.
    except Exception as error:
        raise MessageRefused(_("The message is not accepted."), why=_reason(error)) from error
    return document


def _opened(response: str, trust: Trust) -> Any:
    """The library's reading of the response, decrypted with the first of our keys that fits."""
    from onelogin.saml2.response import OneLogin_Saml2_Response
    from onelogin.saml2.settings import OneLogin_Saml2_Settings

    *first, last = trust.keys
    for key in first:
        with suppress(Exception):  # the key does not fit; the last one says so
            return OneLogin_Saml2_Response(OneLogin_Saml2_Settings(settings_of(trust, key)), response)
    return OneLogin_Saml2_Response(OneLogin_Saml2_Settings(settings_of(trust, last)), response)


REASONS = {
    5: "wrong_status",
    14: "not_by_schema",
    17: "no_conditions",
    19: "too_early",
    20: "expired",
    21: "no_authentication",
    24: "wrong_destination",
    26: "wrong_audience",
    29: "wrong_issuer",
    30: "session_over",
    31: "wrong_confirmation",
    33: "not_signed",
    34: "not_signed",
    42: "wrong_signature",
}
"""What the library's numbers of validation errors mean in our words."""


def _reason(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "library_missing"
    is_numbered = type(error).__name__ == "OneLogin_Saml2_ValidationError"
    return REASONS.get(getattr(error, "code", -1), "not_valid") if is_numbered else "not_readable"


def _request_data(url: str) -> dict[str, Any]:
    """The address of the receiver, from the settings and never from the headers of a request."""
    parts = urlsplit(url)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }


def _addressed(document: Any, assertion: Any, trust: Trust) -> None:
    """From this provider, to this address, for us."""
    issuers = [_text(node) for node in (document.find(f"{{{ASSERTION}}}Issuer"),) if node is not None]
    issuers.append(_text(_one(assertion, "a:Issuer", "wrong_issuer")))
    if set(issuers) != {trust.idp_entity_id}:
        raise MessageRefused(_("The message is from another identity provider."), why="wrong_issuer")
    if document.get("Destination") != trust.acs_url:
        raise MessageRefused(_("The message is meant for another address."), why="wrong_destination")
    restrictions = assertion.xpath("a:Conditions/a:AudienceRestriction", namespaces=SPACES)
    allowed = [{_text(node) for node in one.xpath("a:Audience", namespaces=SPACES)} for one in restrictions]
    if not allowed or any(trust.entity_id not in names for names in allowed):
        raise MessageRefused(_("The message is meant for another application."), why="wrong_audience")


def _confirmation(document: Any, assertion: Any, trust: Trust, at: datetime) -> Any:
    """The signed data that says where and until when, and in answer to what, this assertion may be brought."""
    conditions = _one(assertion, "a:Conditions", "no_conditions")
    data = _one(
        assertion, f"a:Subject/a:SubjectConfirmation[@Method='{BEARER}']/a:SubjectConfirmationData", "not_one_bearer"
    )
    if data.get("Recipient") != trust.acs_url:
        raise MessageRefused(_("The message is meant for another address."), why="wrong_recipient")
    ends = (_moment(data, "NotOnOrAfter"), _moment(conditions, "NotOnOrAfter"))
    if any(is_over(end, at=at) for end in ends):
        raise MessageRefused(_("The message is too old."), why="expired")
    starts = [_moment(node, "NotBefore") for node in (data, conditions) if node.get("NotBefore") is not None]
    if any(is_early(start, at=at) for start in starts):
        raise MessageRefused(_("The message is from the future; compare the clocks."), why="too_early")
    answered = {document.get("InResponseTo"), data.get("InResponseTo")}
    if document.get("InResponseTo") is not None and len(answered) != 1:
        raise MessageRefused(_("The message answers two different requests."), why="wrong_request")
    return data


def _session_end(assertion: Any, at: datetime) -> datetime | None:
    statement = _one(assertion, "a:AuthnStatement", "no_authentication")
    if statement.get("SessionNotOnOrAfter") is None:
        return None
    end = _moment(statement, "SessionNotOnOrAfter")
    if end <= at:
        raise MessageRefused(_("The session at the identity provider is over."), why="session_over")
    return end


def _attributes(assertion: Any) -> dict[str, tuple[str, ...]]:
    """Name → values; the friendly name serves too where it names no other attribute."""
    found: dict[str, tuple[str, ...]] = {}
    friendly: dict[str, tuple[str, ...]] = {}
    for node in assertion.xpath("a:AttributeStatement/a:Attribute", namespaces=SPACES):
        values = tuple(_text(one) for one in node.xpath("a:AttributeValue", namespaces=SPACES))
        values = tuple(value for value in values if value)
        if node.get("Name") in found:
            raise MessageRefused(_("An attribute stands twice."), why="attribute_twice")
        found[node.get("Name")] = values
        if node.get("FriendlyName"):
            friendly.setdefault(node.get("FriendlyName"), values)
    return {**friendly, **found}


def _one(node: Any, path: str, why: str) -> Any:
    found: Sequence[Any] = node.xpath(path, namespaces=SPACES)
    if len(found) != 1:
        raise MessageRefused(_("The message lacks a part, or has it twice."), why=why)
    return found[0]


def _text(node: Any) -> str:
    """The whole text of an element that holds text alone."""
    text = (node.text or "").strip()
    if len(node) or len(text) > LONGEST or not text.isprintable():
        raise MessageRefused(_("A name or value in the message is not plain text."), why="not_plain_text")
    return text


def _moment(node: Any, name: str) -> datetime:
    found = moment_of(node.get(name))
    if found is None:
        raise MessageRefused(_("The message lacks a moment until which it is valid."), why="no_end")
    return found
