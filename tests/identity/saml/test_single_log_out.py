"""Single log-out: what a provider may end, and what it takes to be believed."""

import base64
import zlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from identity.saml.inspecting import ASSERTION, PROTOCOL
from tests.identity.saml.attacking import is_signed_in, refusals
from tests.identity.saml.forge import (
    SLO,
    SUCCESS,
    Trial,
    element,
    trial,
)
from tests.identity.saml.leaving import NAME, ask, message, query, request, somebody_inside
from tests.identity.saml.signers import signer

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Trial:
    return somebody_inside()


def test_the_provider_signs_somebody_out(attempt):
    """A signed request ends the session and is answered with a signed answer that names it."""
    answer = ask(attempt, query(request(attempt), relay="opaque"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{SLO}?SAMLResponse=")
    sent = parse_qs(urlsplit(answer["Location"]).query)
    root = etree.fromstring(zlib.decompress(base64.b64decode(sent["SAMLResponse"][0]), -15))
    assert (root.get("InResponseTo"), sent["RelayState"]) == ("_out1", ["opaque"])
    assert not is_signed_in(attempt)


def test_the_signature_of_our_answer_is_that_of_the_published_key(attempt):
    """The provider can check it with the certificate of our metadata."""
    with attempt.tenant.reading():
        certificate = attempt.connection.keys.get().certificate
    text = urlsplit(ask(attempt, query(request(attempt)))["Location"]).query
    body, _mark, signature = text.partition("&Signature=")
    raw = base64.b64decode(parse_qs(f"s={signature}")["s"][0])
    key: Any = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    key.verify(raw, body.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_request_ends_sessions_of_other_browsers_too(attempt):
    """The request comes by another browser than the one that works: its session is gone all the same."""
    other = trial(attempt.tenant, attempt.connection)
    assert ask(other, query(request(attempt))).status_code == 302
    assert not is_signed_in(attempt)


def test_a_request_for_one_session_leaves_the_others(attempt):
    """Whoever is named with another session keeps this one."""
    assert ask(attempt, query(request(attempt, index="another"))).status_code == 302
    assert is_signed_in(attempt)


REFUSED = {
    "unsigned": lambda one: (query(request(one)).partition("&SigAlg")[0], "not_signed"),
    "by a thief": lambda one: (query(request(one), by=signer("thief")), "wrong_signature"),
    "SHA-1": lambda one: (query(request(one), method="http://www.w3.org/2000/09/xmldsig#rsa-sha1"), "signature_method"),
    "relay added": lambda one: (query(request(one)) + "&RelayState=x", "wrong_signature"),
    "twice": lambda one: ((text := query(request(one))) + "&" + text, "parameter_twice"),
    "another issuer": lambda one: (query(request(one, issuer="https://other.example.com")), "wrong_issuer"),
    "another address": lambda one: (query(request(one, destination="https://other.example.com")), "wrong_destination"),
    "no address": lambda one: (query(request(one, destination=None)), "wrong_destination"),
    "old": lambda one: (query(request(one, issued=-timedelta(hours=1))), "expired"),
    "another message": lambda one: (query(message(one, "AuthnRequest")), "not_a_sign_out"),
    "nobody": lambda one: (query(message(one, "LogoutRequest")), "name_id_missing"),
    "entities": lambda one: (query(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), "document_type"),
    "bomb": lambda one: (query(b" " * 20_000_000), "too_large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_requests_that_are_not_believed(attempt, name):
    """403 and an entry, and the session goes on."""
    text, why = REFUSED[name](attempt)
    assert ask(attempt, text).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (True, [why])


def test_a_request_is_carried_out_once(attempt):
    """Replayed, it ends no later session."""
    text = query(request(attempt))
    ask(attempt, text)
    assert ask(attempt, text).status_code == 403
    assert refusals(attempt) == ["replayed"]


def test_signing_out_here_leads_on_to_the_provider(attempt):
    """The page after the sign-out links to the provider with our signed request; its answer ends the story."""
    page = attempt.browser.post("/accounts/sign-out/")
    assert page.status_code == 200
    assert not is_signed_in(attempt)
    onward = attempt.browser.get(page.context["address"])
    assert onward["Location"].startswith(f"{SLO}?SAMLRequest=")
    sent = parse_qs(urlsplit(onward["Location"]).query)
    root = etree.fromstring(zlib.decompress(base64.b64decode(sent["SAMLRequest"][0]), -15))
    assert root.findtext(f"{{{ASSERTION}}}NameID") == NAME
    assert root.findtext(f"{{{PROTOCOL}}}SessionIndex") == "index-1"
    answer = message(attempt, "LogoutResponse", answers=root.get("ID"))
    element(element(answer, PROTOCOL, "Status"), PROTOCOL, "StatusCode", Value=SUCCESS)
    text = query(answer, "SAMLResponse", relay=sent["RelayState"][0])
    assert ask(attempt, text).status_code == 200
    assert ask(attempt, text).status_code == 403


def test_an_answer_to_nothing_is_refused(attempt):
    """Nobody asked for this sign-out."""
    answer = message(attempt, "LogoutResponse", answers="_nothing")
    element(element(answer, PROTOCOL, "Status"), PROTOCOL, "StatusCode", Value=SUCCESS)
    assert ask(attempt, query(answer, "SAMLResponse")).status_code == 403
    assert refusals(attempt) == ["unknown_request"]


def test_the_way_out_belongs_to_one_browser(attempt):
    """Another browser gets nothing from the address that leads on, above all no name."""
    page = attempt.browser.post("/accounts/sign-out/")
    other = trial(attempt.tenant, attempt.connection)
    assert other.browser.get(page.context["address"]).status_code == 404
