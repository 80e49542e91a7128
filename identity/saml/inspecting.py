"""What a message must look like before anybody computes a signature over it.

Each check here refuses something that the library behind `consuming` lets through or finds too late. The parser is the
one that verifies afterwards, so that no two parsers can understand one message differently.
"""

import base64
import binascii
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from identity.operations.saml_requests import MessageRefused

LIMIT = 1024 * 1024
"""Bytes of a message. Real ones have 5 to 50 kB."""

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#"
ENCRYPTION_11 = "http://www.w3.org/2009/xmlenc11#"
SPACES = {"p": PROTOCOL, "a": ASSERTION, "ds": SIGNATURE, "xenc": ENCRYPTION}
ID_NAMES = ("ID", "Id", "id", "iD", "{http://www.w3.org/XML/1998/namespace}id")

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURE_METHODS = frozenset(f"{_MORE}{name}" for name in ("rsa-sha256", "rsa-sha384", "rsa-sha512"))
DIGEST_METHODS = frozenset({f"{ENCRYPTION}sha256", f"{_MORE}sha384", f"{ENCRYPTION}sha512"})
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
TRANSFORMS = frozenset({f"{SIGNATURE}enveloped-signature", EXCLUSIVE})
CONTENT_METHODS = frozenset(
    {f"{ENCRYPTION}aes128-cbc", f"{ENCRYPTION}aes256-cbc"}
    | {f"{ENCRYPTION_11}aes128-gcm", f"{ENCRYPTION_11}aes192-gcm", f"{ENCRYPTION_11}aes256-gcm"}
)
KEY_METHODS = frozenset({f"{ENCRYPTION}rsa-oaep-mgf1p", f"{ENCRYPTION_11}rsa-oaep"})
"""No RSA 1.5, whose padding answers questions, and no Triple DES."""


def decoded(text: str) -> bytes:
    """The bytes of a message in base64, of at most LIMIT bytes."""
    if len(text) > LIMIT * 4 // 3 + 4:
        raise MessageRefused(_("The message is too large."), why="too_large")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MessageRefused(_("The message is not in base64."), why="not_base64") from error


def parsed(xml: bytes) -> Any:
    """The root of a document without document type, entities, comments and processing instructions."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MessageRefused(_("The message is not XML."), why="not_xml") from error
    if root.getroottree().docinfo.doctype:
        raise MessageRefused(_("The message has a document type."), why="document_type")
    plain(root)
    return root


def plain(root: Any) -> None:
    """Nothing but elements and text, and no two elements with one ID. Asked by XPath: elements of the library hide
    comments from whoever walks over them."""
    if root.getroottree().xpath("//comment()|//processing-instruction()"):
        raise MessageRefused(_("The message holds comments or instructions."), why="comment")
    if any(not isinstance(node.tag, str) for node in root.iter()):
        raise MessageRefused(_("The message holds entities."), why="entity")
    ids = [node.get(name) for node in root.iter() for name in ID_NAMES if node.get(name) is not None]
    if len(ids) != len(set(ids)):
        raise MessageRefused(_("Two parts of the message have the same ID."), why="duplicate_id")


def response(root: Any) -> None:
    """One response with one assertion right inside it, signed in the one place and way where a signature may stand."""
    if root.tag != f"{{{PROTOCOL}}}Response":
        raise MessageRefused(_("The message is no response."), why="not_a_response")
    inside = root.xpath("a:Assertion|a:EncryptedAssertion", namespaces=SPACES)
    everywhere = root.xpath("//a:Assertion|//a:EncryptedAssertion", namespaces=SPACES)
    if len(inside) != 1 or len(everywhere) != 1 or root.xpath("//p:Response", namespaces=SPACES) != [root]:
        raise MessageRefused(_("The response does not hold exactly one assertion."), why="not_one_assertion")
    signatures(root)
    encryption(root)


def opened(root: Any) -> None:
    """The same for the response after decryption; for one that was not encrypted nothing changes."""
    plain(root)
    if root.xpath("//a:EncryptedAssertion|//xenc:EncryptedData", namespaces=SPACES):
        raise MessageRefused(_("What was encrypted is encrypted once more."), why="encryption_shape")
    response(root)


def signed_message(root: Any) -> Any:
    """The one signature of a message that holds no assertion: a child of the root, over all of the root."""
    found = root.xpath("//ds:Signature", namespaces=SPACES)
    if not found:
        raise MessageRefused(_("The message is not signed."), why="not_signed")
    if len(found) != 1 or found[0].getparent() is not root or found[0].xpath("ds:Object", namespaces=SPACES):
        raise MessageRefused(_("A signature stands where none belongs."), why="signature_misplaced")
    _signed_whole(found[0], root)
    _methods(found[0])
    return found[0]


def signatures(root: Any) -> None:
    """Each signature is a child of the response or assertion that it signs, and signs all of it and nothing else."""
    for node in root.xpath("//ds:Signature", namespaces=SPACES):
        parent = node.getparent()
        if parent is None or parent.tag not in {f"{{{PROTOCOL}}}Response", f"{{{ASSERTION}}}Assertion"}:
            raise MessageRefused(_("A signature stands where none belongs."), why="signature_misplaced")
        if len(parent.xpath("ds:Signature", namespaces=SPACES)) != 1 or node.xpath("ds:Object", namespaces=SPACES):
            raise MessageRefused(_("A signature stands where none belongs."), why="signature_misplaced")
        _signed_whole(node, parent)
        _methods(node)


def _signed_whole(node: Any, parent: Any) -> None:
    references = node.xpath(".//ds:Reference", namespaces=SPACES)
    if len(references) != 1 or not parent.get("ID") or references[0].get("URI") != f"#{parent.get('ID')}":
        raise MessageRefused(_("A signature does not cover what it stands in."), why="signature_elsewhere")


def _methods(node: Any) -> None:
    used = {
        name: {one.get("Algorithm") for one in node.xpath(f".//ds:{name}", namespaces=SPACES)}
        for name in ("SignatureMethod", "DigestMethod", "Transform", "CanonicalizationMethod")
    }
    if (
        not used["SignatureMethod"] <= SIGNATURE_METHODS
        or not used["DigestMethod"] <= DIGEST_METHODS
        or not used["Transform"] <= TRANSFORMS
        or used["CanonicalizationMethod"] != {EXCLUSIVE}
    ):
        raise MessageRefused(_("A signature is made in a way that is not accepted."), why="signature_method")


def encryption(root: Any) -> None:
    """What is encrypted is so in ways that hold; nothing but the assertion as a whole may be."""
    if root.xpath("//a:EncryptedID|//a:EncryptedAttribute|//a:NewEncryptedID", namespaces=SPACES):
        raise MessageRefused(_("Only the assertion as a whole may be encrypted."), why="encrypted_part")
    content = root.xpath("//xenc:EncryptedData/xenc:EncryptionMethod/@Algorithm", namespaces=SPACES)
    keys = root.xpath("//xenc:EncryptedKey/xenc:EncryptionMethod/@Algorithm", namespaces=SPACES)
    expected = len(root.xpath("a:EncryptedAssertion", namespaces=SPACES))
    if len(content) != expected or len(keys) != expected:
        raise MessageRefused(_("The assertion is not encrypted for one receiver."), why="encryption_shape")
    if not set(content) <= CONTENT_METHODS or not set(keys) <= KEY_METHODS:
        raise MessageRefused(_("The assertion is encrypted in a way that is not accepted."), why="encryption_method")
