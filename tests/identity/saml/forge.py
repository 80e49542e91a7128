"""An identity provider for tests that signs whatever it is told to: honest answers and every lie."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import xmlsec
from django.test import Client
from lxml import etree

from identity.models import Purpose, SamlConnection
from identity.operations.saml_connections import (
    Provider,
    Treatment,
    activate_connection,
    change_treatment,
    create_connection,
    describe_provider,
)
from identity.queries.single_sign_on import Addresses, addresses_of
from identity.saml.inspecting import ASSERTION, PROTOCOL, SIGNATURE
from tests.factories.tenants import Tenant
from tests.identity.saml.signers import MINUTE, Signer, signer

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
ENTITY = "https://idp.example.com/saml"
SSO = "https://idp.example.com/saml/sso"
SLO = "https://idp.example.com/saml/slo"
_next = count(1)


@dataclass
class Said:
    """What a response says; a value of None leaves the attribute or element out."""

    acs: str | None
    audience: str | None
    in_response_to: str | None
    name_id: str = "subject-1"
    name_id_format: str = NAME_FORMAT
    issuer: str = ENTITY
    recipient: str | None = ""
    destination: str | None = ""
    response_in_response_to: str | None = ""
    not_before: timedelta | None = -MINUTE
    not_on_or_after: timedelta | None = 5 * MINUTE
    confirmed_until: timedelta | None = 5 * MINUTE
    session_until: timedelta | None = None
    session_index: str = "index-1"
    status: str = SUCCESS
    attributes: Mapping[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recipient = self.acs if self.recipient == "" else self.recipient
        self.destination = self.acs if self.destination == "" else self.destination
        if self.response_in_response_to == "":
            self.response_in_response_to = self.in_response_to


def moment(after: timedelta) -> str:
    return (datetime.now(UTC) + after).strftime("%Y-%m-%dT%H:%M:%SZ")


def element(parent: Any, space: str, tag: str, text: str | None = None, **attributes: str | None) -> Any:
    given = {name: value for name, value in attributes.items() if value is not None}
    child = etree.SubElement(parent, f"{{{space}}}{tag}", given)
    child.text = text
    return child


def response(said: Said) -> Any:
    """The response, unsigned."""
    root = etree.Element(f"{{{PROTOCOL}}}Response", nsmap={"samlp": PROTOCOL, "saml": ASSERTION, "ds": SIGNATURE})
    root.set("ID", f"_response{next(_next)}")
    root.set("Version", "2.0")
    root.set("IssueInstant", moment(timedelta()))
    for name, value in (("Destination", said.destination), ("InResponseTo", said.response_in_response_to)):
        if value is not None:
            root.set(name, value)
    element(root, ASSERTION, "Issuer", said.issuer)
    element(element(root, PROTOCOL, "Status"), PROTOCOL, "StatusCode", Value=said.status)
    root.append(assertion(said))
    return root


def assertion(said: Said) -> Any:
    def until(after: timedelta | None) -> str | None:
        return None if after is None else moment(after)

    root = etree.Element(f"{{{ASSERTION}}}Assertion", nsmap={"saml": ASSERTION, "ds": SIGNATURE})
    root.set("ID", f"_assertion{next(_next)}")
    root.set("Version", "2.0")
    root.set("IssueInstant", moment(timedelta()))
    element(root, ASSERTION, "Issuer", said.issuer)
    subject = element(root, ASSERTION, "Subject")
    element(subject, ASSERTION, "NameID", said.name_id, Format=said.name_id_format)
    confirmation = element(subject, ASSERTION, "SubjectConfirmation", Method=BEARER)
    element(
        confirmation, ASSERTION, "SubjectConfirmationData", Recipient=said.recipient,
        NotOnOrAfter=until(said.confirmed_until), InResponseTo=said.in_response_to,
    )  # fmt: skip
    conditions = element(
        root, ASSERTION, "Conditions", NotBefore=until(said.not_before), NotOnOrAfter=until(said.not_on_or_after)
    )
    if said.audience is not None:
        element(element(conditions, ASSERTION, "AudienceRestriction"), ASSERTION, "Audience", said.audience)
    statement = element(
        root, ASSERTION, "AuthnStatement", AuthnInstant=moment(timedelta()), SessionIndex=said.session_index,
        SessionNotOnOrAfter=until(said.session_until),
    )  # fmt: skip
    context = element(statement, ASSERTION, "AuthnContext")
    element(context, ASSERTION, "AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password")
    if said.attributes:
        holder = element(root, ASSERTION, "AttributeStatement")
        for name, values in said.attributes.items():
            one = element(holder, ASSERTION, "Attribute", Name=name)
            for value in values:
                element(one, ASSERTION, "AttributeValue", value)
    return root


def sign(node: Any, by: Signer | None = None, *, method: str = "RsaSha256", digest: str = "Sha256") -> Any:
    """Signs one element by its ID, with the signature where the schema wants it."""
    by = by or signer()
    template = xmlsec.template.create(
        node, xmlsec.constants.TransformExclC14N, getattr(xmlsec.constants, f"Transform{method}"), ns="ds"
    )
    node.find(f"{{{ASSERTION}}}Issuer").addnext(template)
    reference = xmlsec.template.add_reference(
        template, getattr(xmlsec.constants, f"Transform{digest}"), uri=f"#{node.get('ID')}"
    )
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(template))
    xmlsec.tree.add_ids(node, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(by.key, xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(by.certificate.encode(), xmlsec.constants.KeyDataFormatCertPem)
    context.sign(template)
    return node


def signed(said: Said, by: Signer | None = None, **how: str) -> Any:
    """An honest response: the assertion carries the signature."""
    root = response(said)
    sign(inner(root), by, **how)
    return reread(root)


def inner(root: Any) -> Any:
    return root.find(f"{{{ASSERTION}}}Assertion")


def reread(root: Any) -> Any:
    """As the receiver parses it: namespaces settled, IDs forgotten."""
    return etree.fromstring(etree.tostring(root))


def encrypted(root: Any, certificate: str, content: str = "AES256_GCM", transport: str = "RSA_OAEP") -> Any:
    """The signed assertion, encrypted for the holder of the certificate."""
    plain = inner(root)
    holder = etree.Element(f"{{{ASSERTION}}}EncryptedAssertion", nsmap={"saml": ASSERTION})
    root.replace(plain, holder)
    holder.append(plain)
    template = xmlsec.template.encrypted_data_create(
        root,
        getattr(xmlsec.constants, f"Transform{_constant(content)}"),
        type=xmlsec.constants.TypeEncElement,
        ns="xenc",
    )
    xmlsec.template.encrypted_data_ensure_cipher_value(template)
    info = xmlsec.template.encrypted_data_ensure_key_info(template, ns="ds")
    key = xmlsec.template.add_encrypted_key(info, getattr(xmlsec.constants, f"Transform{_constant(transport)}"))
    xmlsec.template.encrypted_data_ensure_cipher_value(key)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(certificate.encode(), xmlsec.constants.KeyDataFormatCertPem))
    context = xmlsec.EncryptionContext(manager)
    kind, bits = (xmlsec.constants.KeyDataDes, 192) if content == "DES3" else (xmlsec.constants.KeyDataAes, 256)
    context.key = xmlsec.Key.generate(kind, bits, xmlsec.constants.KeyDataTypeSession)
    context.encrypt_xml(template, plain)
    return reread(root)


def _constant(name: str) -> str:
    return {
        "AES256_GCM": "Aes256Gcm",
        "AES256": "Aes256Cbc",
        "DES3": "Des3Cbc",
        "RSA_OAEP": "RsaOaep",
        "RSA_PKCS1": "RsaPkcs1",
    }[name]


def packed(root: Any) -> str:
    return base64.b64encode(root if isinstance(root, bytes) else etree.tostring(root)).decode()


@dataclass
class Trial:
    """One browser that has begun to sign in at one connection, and what an honest provider would answer."""

    tenant: Tenant
    connection: SamlConnection
    browser: Client
    addresses: Addresses
    request_id: str
    relay: str

    def said(self, **more: Any) -> Said:
        base: dict[str, Any] = {
            "acs": self.addresses.acs_url,
            "audience": self.addresses.entity_id,
            "in_response_to": self.request_id,
        }
        return Said(**{**base, **more})

    def post(self, root: Any, **more: Any) -> Any:
        said = root if isinstance(root, str | list) else packed(root)
        fields = {"SAMLResponse": said, "RelayState": self.relay, **more}
        return post_form(self.browser, path(self.addresses.acs_url), fields)


def post_form(browser: Client, address: str, fields: Mapping[str, Any]) -> Any:
    return browser.post(address, urlencode(fields, doseq=True), content_type="application/x-www-form-urlencoded")


def path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def connected(tenant: Tenant, *, by: Signer | None = None, activate: bool = True, **treatment: Any) -> SamlConnection:
    """An active connection of the tenant to the forging provider."""
    values = {
        "attribute_map": {"email": "mail", "groups": "groups", "user_name": "uid"},
        "default_role": "member",
        "creates_people": False,
        "allows_idp_initiated": False,
        **treatment,
    }
    with tenant.writing() as trail:
        row = create_connection(name=f"Provider {next(_next)}", trail=trail)
        provider = Provider(ENTITY, SSO, SLO, ((by or signer()).certificate,))
        describe_provider(connection=row, provider=provider, trail=trail)
        change_treatment(connection=row, treatment=Treatment(**values), trail=trail)
        if activate:
            activate_connection(connection=row, trail=trail)
    with tenant.reading():
        return SamlConnection.objects.get(id=row.id)


def trial(tenant: Tenant, connection: SamlConnection, browser: Client | None = None, **query: str) -> Trial:
    """Begins a sign-in in a browser and reads what was asked of the provider."""
    browser = browser or Client(HTTP_HOST="127.0.0.1")
    addresses = addresses_of(connection)
    answer = browser.get(path(addresses.sign_in_url), query)
    assert answer.status_code == 302, answer.content
    relay = parse_qs(urlsplit(answer["Location"]).query)["RelayState"][0]
    with tenant.reading():
        asked = connection.requests.get(relay=relay)
    assert asked.purpose in {Purpose.SIGN_IN, Purpose.TEST}
    return Trial(tenant, connection, browser, addresses, asked.request_id, relay)
