"""Single log-out as a provider asks for it: messages, signed in the address or in themselves."""

import base64
import zlib
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from identity.models import SamlConnection
from identity.operations.saml_accounts import confirm_link
from identity.saml.inspecting import ASSERTION, PROTOCOL
from tests.factories.tenants import member, tenant
from tests.identity.saml.forge import (
    ENTITY,
    Trial,
    connected,
    element,
    moment,
    path,
    post_form,
    reread,
    sign,
    signed,
    trial,
)
from tests.identity.saml.signers import Signer, signer

NAME = "subject-1"
SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def somebody_inside(slo_binding: str = "redirect") -> Trial:
    """Somebody who came in by the company, whose provider takes sign-outs by this binding."""
    one = tenant()
    connection = connected(one)
    account, _principal = member(one, "viewer")
    with one.writing() as trail:
        SamlConnection.objects.update(slo_binding=slo_binding)
        confirm_link(connection=connection, name_id=NAME, account=account, trail=trail)
    made = trial(one, connection)
    assert made.post(signed(made.said(name_id=NAME))).status_code == 302
    return made


def message(one: Trial, tag: str, **more: Any) -> Any:
    values = {"issuer": ENTITY, "destination": one.addresses.slo_url, "issued": timedelta(), "id": "_out1", **more}
    root = etree.Element(f"{{{PROTOCOL}}}{tag}", nsmap={"samlp": PROTOCOL, "saml": ASSERTION})
    for name, value in (("ID", values["id"]), ("Version", "2.0"), ("IssueInstant", moment(values["issued"])),
                        ("Destination", values["destination"]), ("InResponseTo", values.get("answers"))):  # fmt: skip
        if value is not None:
            root.set(name, value)
    element(root, ASSERTION, "Issuer", values["issuer"])
    return root


def request(one: Trial, name: str = NAME, index: str = "", **more: Any) -> Any:
    root = message(one, "LogoutRequest", **more)
    element(root, ASSERTION, "NameID", name)
    if index:
        element(root, PROTOCOL, "SessionIndex", index)
    return root


def query(
    root: Any, field: str = "SAMLRequest", by: Signer | None = None, relay: str = "", method: str = SHA256
) -> str:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflater.compress(root if isinstance(root, bytes) else etree.tostring(root)) + deflater.flush()
    fields = {field: base64.b64encode(data).decode(), **({"RelayState": relay} if relay else {})}
    text = urlencode({**fields, "SigAlg": method}, quote_via=quote)
    key: Any = serialization.load_pem_private_key((by or signer()).key, None)
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}&{urlencode({'Signature': base64.b64encode(signature).decode()})}"


def ask(one: Trial, text: str) -> Any:
    return one.browser.get(f"{path(one.addresses.slo_url)}?{text}")


def posting(one: Trial, root: Any, field: str = "SAMLRequest", by: Signer | None = None, **more: Any) -> Any:
    """The message signed in itself and posted; as it is where it is text already."""
    text = root if isinstance(root, str | list) else base64.b64encode(etree.tostring(signed_inside(root, by))).decode()
    return post_form(one.browser, path(one.addresses.slo_url), {field: text, **more})


def signed_inside(root: Any, by: Signer | None = None, **how: str) -> Any:
    return reread(sign(root, by, **how))
