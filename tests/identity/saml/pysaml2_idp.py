"""An independent identity provider on pysaml2, as a process of its own: python pysaml2_idp.py PORT FOLDER.

FOLDER holds key.pem, cert.pem and sp.xml (our metadata). Everybody who asks is signed in as Kim; /leave begins a
sign-out at the provider's side. The pages are what a browser gets: a form to post, or a redirection.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT
from saml2.server import Server
from saml2.sigver import get_xmlsec_binary

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
BASE = f"http://127.0.0.1:{PORT}"
SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
CONFIG = IdPConfig().load(
    {
        "entityid": f"{BASE}/metadata",
        "service": {
            "idp": {
                "endpoints": {
                    "single_sign_on_service": [(f"{BASE}/sso", BINDING_HTTP_REDIRECT)],
                    "single_logout_service": [(f"{BASE}/slo", BINDING_HTTP_REDIRECT)],
                },
                "policy": {
                    "default": {
                        "lifetime": {"minutes": 15},
                        "attribute_restrictions": None,
                        "nameid_format": NAMEID_FORMAT_PERSISTENT,
                    }
                },
                "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                "want_authn_requests_signed": True,
                "signing_algorithm": SHA256,
                "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
            }
        },
        "key_file": str(FOLDER / "key.pem"),
        "cert_file": str(FOLDER / "cert.pem"),
        "metadata": {"local": [str(FOLDER / "sp.xml")]},
        "xmlsec_binary": get_xmlsec_binary(),
    }
)
IDP = Server(config=CONFIG)
KIM = {"mail": ["kim@a.example.org"], "givenName": ["Kim"], "sn": ["Member"], "uid": ["kim"], "groups": ["IT"]}


class Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
        getattr(self, parts.path.strip("/"))(fields)

    def metadata(self, fields: dict[str, str]) -> None:
        self._answer(str(entity_descriptor(CONFIG)), "application/samlmetadata+xml")

    def sso(self, fields: dict[str, str]) -> None:
        asked = IDP.parse_authn_request(
            fields["SAMLRequest"], BINDING_HTTP_REDIRECT, relay_state=fields.get("RelayState"),
            sigalg=fields["SigAlg"], signature=fields["Signature"],
        )  # fmt: skip
        said = IDP.create_authn_response(
            KIM, userid="kim", sign_assertion=True, sign_response=True,
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": BASE}, **IDP.response_args(asked.message),
        )  # fmt: skip
        sent = IDP.apply_binding(
            BINDING_HTTP_POST, str(said), asked.message.assertion_consumer_service_url, fields.get("RelayState", ""),
            response=True,
        )  # fmt: skip
        self._answer(sent["data"], "text/html")

    def slo(self, fields: dict[str, str]) -> None:
        if "SAMLResponse" in fields:
            IDP.parse_logout_request_response(fields["SAMLResponse"], BINDING_HTTP_REDIRECT)
            self._answer("<p>left</p>", "text/html")
            return
        asked = IDP.parse_logout_request(
            fields["SAMLRequest"], BINDING_HTTP_REDIRECT, relay_state=fields.get("RelayState"),
            sigalg=fields["SigAlg"], signature=fields["Signature"],
        )  # fmt: skip
        said = IDP.create_logout_response(asked.message, [BINDING_HTTP_REDIRECT])
        where = IDP.metadata.single_logout_service(self._sp(), BINDING_HTTP_REDIRECT, "spsso")[0]["location"]
        self._redirect(str(said), where, fields.get("RelayState", ""), response=True)

    def leave(self, fields: dict[str, str]) -> None:
        name_id = IDP.ident.find_nameid("kim", sp_name_qualifier=self._sp())[0]
        where = IDP.metadata.single_logout_service(self._sp(), BINDING_HTTP_REDIRECT, "spsso")[0]["location"]
        _id, request = IDP.create_logout_request(where, self._sp(), name_id=name_id)
        self._redirect(str(request), where, "from-the-provider", response=False)

    def _sp(self) -> str:
        return str(next(iter(IDP.metadata.keys())))

    def _redirect(self, message: str, where: str, relay: str, *, response: bool) -> None:
        sent = IDP.apply_binding(
            BINDING_HTTP_REDIRECT, message, where, relay, response=response, sign=True, sigalg=SHA256
        )
        self.send_response(302)
        for name, value in sent["headers"]:
            self.send_header(name, value)
        self.end_headers()

    def _answer(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Only failures are of interest."""


ThreadingHTTPServer(("127.0.0.1", PORT), Provider).serve_forever()
