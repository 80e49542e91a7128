"""The metadata file of an identity provider, as somebody uploads it; nothing is ever fetched from an address."""

import textwrap
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from identity.models import Binding
from identity.operations.saml_connections import Provider
from kernel.errors import InvalidInput

LIMIT = 1024 * 1024
METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


class MetadataInvalid(InvalidInput):
    """The file is no metadata of one SAML 2.0 identity provider, or it lacks what is needed."""

    code = "SSO_METADATA_INVALID"


def read_metadata(xml: bytes) -> Provider:
    """The one identity provider in the file. Raises MetadataInvalid.

    Document types and entities are refused, so that no file can name others or grow while it is read.
    """
    if len(xml) > LIMIT:
        raise MetadataInvalid(_("A metadata file has at most one megabyte."), pointer="/metadata")
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise MetadataInvalid(_("This file is no XML without document type."), pointer="/metadata") from error
    found = [
        (entity, role)
        for entity in root.iter(f"{METADATA}EntityDescriptor")
        for role in entity.findall(f"{METADATA}IDPSSODescriptor")
    ]
    if len(found) != 1:
        raise MetadataInvalid(
            _("This file describes %(count)d identity providers; one is expected.") % {"count": len(found)},
            pointer="/metadata",
        )
    [(entity, role)] = found
    return Provider(
        entity_id=entity.get("entityID", ""),
        sso_url=_sign_in(role),
        slo_url=_address(role, "SingleLogoutService", REDIRECT) or _address(role, "SingleLogoutService", POST),
        slo_binding=_sign_out_binding(role),
        certificates=tuple(dict.fromkeys(_certificates(role))),
    )


def _sign_in(role: Element) -> str:
    """Where the provider takes requests by redirection, the only way that we send them."""
    address = _address(role, "SingleSignOnService", REDIRECT)
    if not address:
        raise MetadataInvalid(_("The provider offers no sign-in by HTTP-Redirect."), pointer="/metadata")
    return address


def _sign_out_binding(role: Element) -> str:
    """By redirection where the provider offers it, since that needs no page in between."""
    is_post = _address(role, "SingleLogoutService", POST) and not _address(role, "SingleLogoutService", REDIRECT)
    return Binding.POST if is_post else Binding.REDIRECT


def _address(role: Element, name: str, binding: str) -> str:
    services = role.findall(f"{METADATA}{name}")
    return next((one.get("Location", "") for one in services if one.get("Binding") == binding), "")


def _certificates(role: Element) -> Iterator[str]:
    for key in role.findall(f"{METADATA}KeyDescriptor"):
        if key.get("use", "signing") != "signing":
            continue
        for one in key.iter(f"{SIGNATURE}X509Certificate"):
            yield as_pem("".join((one.text or "").split()))


def as_pem(base64_text: str) -> str:
    lines = textwrap.wrap(base64_text, 64)
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def pems_in(text: str) -> tuple[str, ...]:
    """The certificates that somebody pasted: one or several, with or without the lines around them."""
    if "-----BEGIN" not in text:
        bare = "".join(text.split())
        return (as_pem(bare),) if bare else ()
    blocks = text.split("-----BEGIN CERTIFICATE-----")[1:]
    return tuple(as_pem("".join(block.partition("-----END")[0].split())) for block in blocks)
