"""The pages of single sign-on, as tests use them: addresses, a metadata file, a draft."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from identity.models import SamlConnection
from tests.factories.tenants import Tenant
from tests.identity.saml.forge import (
    ENTITY,
    SLO,
    SSO,
    connected,
)
from tests.identity.saml.signers import signer

PAGES = "/organization/single-sign-on/"
METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
  xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}
      </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{slo}"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}-post"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>
  </md:IDPSSODescriptor></md:EntityDescriptor>"""


def metadata(**more: str) -> str:
    bare = "".join(line for line in signer().certificate.splitlines() if "-----" not in line)
    return METADATA.format(**{"entity": ENTITY, "sso": SSO, "slo": SLO, "certificate": bare, **more})


def upload(browser: Any, row: SamlConnection, text: str) -> Any:
    file = SimpleUploadedFile("metadata.xml", text.encode(), "application/xml")
    return browser.post(f"{PAGES}{row.id}/metadata/", {"metadata": file})


def draft(one: Tenant) -> SamlConnection:
    return connected(one, activate=False)
