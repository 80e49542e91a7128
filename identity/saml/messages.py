"""What we write: metadata, requests to sign in and out, and the signed addresses that carry them."""

import base64
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote, unquote, urlencode

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.utils.translation import gettext as _
from lxml import etree

from identity.operations.saml_requests import MessageRefused
from identity.saml.consuming import POST, REDIRECT, Trust
from identity.saml.enveloped import signed
from identity.saml.inspecting import ASSERTION, LIMIT, PROTOCOL, SIGNATURE

METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {
    RSA_SHA256: hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": hashes.SHA384,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512,
}
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
SPACES = {"md": METADATA, "ds": SIGNATURE, "samlp": PROTOCOL, "saml": ASSERTION}


@dataclass(frozen=True)
class Onward:
    """The provider's address with our message in it; where `fields` are, the browser posts them there instead."""

    address: str
    fields: Mapping[str, str]


def _element(space: str, name: str, **attributes: str) -> Any:
    element = etree.Element(f"{{{space}}}{name}", nsmap=SPACES)
    for key, value in attributes.items():
        element.set(key, value)
    return element


def _add(parent: Any, space: str, name: str, text: str = "", **attributes: str) -> Any:
    child = etree.SubElement(parent, f"{{{space}}}{name}", attributes)
    child.text = text or None
    return child


def metadata(trust: Trust) -> bytes:
    """What an identity provider needs to know of us: names, addresses, and the certificates of both keys."""
    root = _element(METADATA, "EntityDescriptor", entityID=trust.entity_id)
    ours = _add(
        root,
        METADATA,
        "SPSSODescriptor",
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
        protocolSupportEnumeration=PROTOCOL,
    )
    for key in trust.keys:
        info = _add(_add(ours, METADATA, "KeyDescriptor"), SIGNATURE, "KeyInfo")
        _add(_add(info, SIGNATURE, "X509Data"), SIGNATURE, "X509Certificate", _bare(key.certificate))
    for binding in (REDIRECT, POST):
        _add(ours, METADATA, "SingleLogoutService", Binding=binding, Location=trust.slo_url)
    _add(ours, METADATA, "NameIDFormat", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")
    _add(ours, METADATA, "NameIDFormat", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")
    _add(ours, METADATA, "NameIDFormat", "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified")
    _add(ours, METADATA, "AssertionConsumerService", Binding=POST, Location=trust.acs_url, index="1", isDefault="true")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _bare(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if line and not line.startswith("-----"))


def sign_in_address(trust: Trust, *, request_id: str, relay: str, at: datetime) -> str:
    """Where a browser goes to sign in at the provider: its address with our signed request."""
    root = _message(
        "AuthnRequest", trust, request_id, trust.idp_sso_url, at,
        AssertionConsumerServiceURL=trust.acs_url, ProtocolBinding=POST,
    )  # fmt: skip
    _add(root, PROTOCOL, "NameIDPolicy", AllowCreate="true")
    return _signed_address(trust, trust.idp_sso_url, "SAMLRequest", root, relay)


def sign_out_request(
    trust: Trust, *, request_id: str, relay: str, name_id: str, session_index: str, at: datetime
) -> Onward:
    """How a browser signs out at the provider as well."""
    root = _message("LogoutRequest", trust, request_id, trust.idp_slo_url, at)
    _add(root, ASSERTION, "NameID", name_id)
    if session_index:
        _add(root, PROTOCOL, "SessionIndex", session_index)
    return _onward(trust, "SAMLRequest", root, relay)


def signed_out_answer(trust: Trust, *, message_id: str, in_response_to: str, relay: str, at: datetime) -> Onward:
    """How a browser tells the provider that its request to sign out was carried out."""
    root = _message("LogoutResponse", trust, message_id, trust.idp_slo_url, at, InResponseTo=in_response_to)
    _add(_add(root, PROTOCOL, "Status"), PROTOCOL, "StatusCode", Value=SUCCESS)
    return _onward(trust, "SAMLResponse", root, relay)


def _onward(trust: Trust, name: str, root: Any, relay: str) -> Onward:
    """By the binding that the provider declares."""
    if not trust.posts_slo:
        return Onward(_signed_address(trust, trust.idp_slo_url, name, root, relay), {})
    fields = {name: signed(root, trust.keys[0]), **({"RelayState": relay} if relay else {})}
    return Onward(trust.idp_slo_url, fields)


def _message(name: str, trust: Trust, message_id: str, destination: str, at: datetime, **more: str) -> Any:
    root = _element(
        PROTOCOL, name, ID=message_id, Version="2.0", IssueInstant=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        Destination=destination, **more,
    )  # fmt: skip
    _add(root, ASSERTION, "Issuer", trust.entity_id)
    return root


def _signed_address(trust: Trust, address: str, name: str, root: Any, relay: str) -> str:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflater.compress(etree.tostring(root)) + deflater.flush()
    fields = {name: base64.b64encode(packed).decode()}
    if relay:
        fields["RelayState"] = relay
    query = urlencode({**fields, "SigAlg": RSA_SHA256}, quote_via=quote)
    key = cast(rsa.RSAPrivateKey, serialization.load_pem_private_key(trust.keys[0].private_key.encode(), password=None))
    signature = key.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{query}&{urlencode({'Signature': base64.b64encode(signature).decode()}, quote_via=quote)}"


def verified_query(query: str, name: str, certificates: Iterable[str]) -> bytes:
    """The XML of a message in an address, signed by the provider. Raises MessageRefused.

    What was signed are the very characters of the address, so they are taken from it as they came.
    """
    fields = _fields(query)
    if not {name, "SigAlg", "Signature"} <= set(fields):
        raise MessageRefused(_("The message is not signed."), why="not_signed")
    signed = "&".join(f"{one}={fields[one]}" for one in (name, "RelayState", "SigAlg") if one in fields)
    method = HASHES.get(unquote(fields["SigAlg"]))
    if method is None:
        raise MessageRefused(_("A signature is made in a way that is not accepted."), why="signature_method")
    try:
        signature = base64.b64decode(unquote(fields["Signature"]))
        packed = base64.b64decode(unquote(fields[name]))
    except ValueError as error:
        raise MessageRefused(_("The message is not in base64."), why="not_base64") from error
    if not any(_verifies(pem, signature, signed.encode(), method()) for pem in certificates):
        raise MessageRefused(_("The signature is not the provider's."), why="wrong_signature")
    return _inflated(packed)


def _fields(query: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in query.split("&") if one]
    names = [name for name, _equals, _value in pairs]
    if len(names) != len(set(names)):
        raise MessageRefused(_("A part of the address stands twice."), why="parameter_twice")
    return {name: value for name, _equals, value in pairs}


def _verifies(pem: str, signature: bytes, signed: bytes, method: hashes.HashAlgorithm) -> bool:
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(signature, signed, padding.PKCS1v15(), method)
    except InvalidSignature:
        return False
    return True


def _inflated(packed: bytes) -> bytes:
    """At most LIMIT bytes, however small the packed message is."""
    inflater = zlib.decompressobj(-15)
    try:
        xml = inflater.decompress(packed, LIMIT)
    except zlib.error as error:
        raise MessageRefused(_("The message is not packed as it should be."), why="not_deflated") from error
    if inflater.unconsumed_tail:
        raise MessageRefused(_("The message is too large."), why="too_large")
    return xml
