"""Messages that carry their signature inside themselves, as they are posted: made and verified.

xmlsec is imported where it is used, for the same reason as the library in consuming.py.
"""

import base64
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from identity.operations.saml_requests import MessageRefused
from identity.saml import inspecting
from identity.saml.consuming import KeyPair
from identity.saml.inspecting import ASSERTION, SPACES


def verified(text: str, certificates: Iterable[str]) -> Any:
    """The root of a posted message, all of which the provider has signed. Raises MessageRefused."""
    root = inspecting.parsed(inspecting.decoded(text))
    signature = inspecting.signed_message(root)
    if not any(_verifies(root, signature, pem) for pem in certificates):
        raise MessageRefused(_("The signature is not the provider's."), why="wrong_signature")
    return root


def _verifies(root: Any, signature: Any, pem: str) -> bool:
    """By this certificate's key alone, whatever the message brings along."""
    xmlsec = _library()
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def signed(root: Any, key: KeyPair) -> str:
    """A message of ours in base64, signed by our key. Raises MessageRefused where the library is missing."""
    xmlsec = _library()
    root = etree.fromstring(etree.tostring(root))
    template = xmlsec.template.create(
        root, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    root.find(f"{{{ASSERTION}}}Issuer").addnext(template)
    reference = xmlsec.template.add_reference(template, xmlsec.constants.TransformSha256, uri=f"#{root.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(template, None))
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key.private_key, xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(key.certificate, xmlsec.constants.KeyDataFormatCertPem)
    context.sign(root.xpath("ds:Signature", namespaces=SPACES)[0])
    return base64.b64encode(etree.tostring(root)).decode()


def _library() -> Any:
    try:
        import xmlsec
    # A mismatch is an error of xmlsec's own class, which nobody can name when xmlsec cannot be imported.
    except Exception as error:
        raise MessageRefused(_("The message is not accepted."), why="library_missing") from error
    return xmlsec
