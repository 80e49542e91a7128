"""Single log-out by POST: the same promises as by redirection, with the signature inside the message."""

import base64
import copy
import sys
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from identity.models import SamlConnection
from identity.saml import enveloped
from identity.saml.inspecting import ASSERTION, PROTOCOL, SIGNATURE
from tests.factories.tenants import signed_in
from tests.identity.saml.attacking import is_signed_in, refusals
from tests.identity.saml.forge import (
    SLO,
    SUCCESS,
    Trial,
    element,
    packed,
    path,
    post_form,
    reread,
    sign,
    trial,
)
from tests.identity.saml.leaving import ask, message, posting, query, request, signed_inside, somebody_inside
from tests.identity.saml.pages import PAGES, metadata, upload
from tests.identity.saml.signers import signer

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Trial:
    return somebody_inside("post")


def sent(page: Any, field: str) -> Any:
    """Our message on the page that leads on, verified by the certificate of our metadata."""
    return etree.fromstring(base64.b64decode(page.context["onward"].fields[field]))


def certificate(one: Trial) -> str:
    with one.tenant.reading():
        return str(one.connection.keys.get().certificate)


def test_the_provider_signs_somebody_out_by_post(attempt):
    """A posted request ends the session; our answer is a form for the provider alone, signed by our published key."""
    page = posting(attempt, request(attempt), RelayState="opaque")
    assert page.status_code == 200
    assert not is_signed_in(attempt)
    text = page.content.decode()
    assert f'action="{SLO}"' in text
    assert "form-action 'self' https://idp.example.com;" in page["Content-Security-Policy"] + ";"
    assert page.context["onward"].fields["RelayState"] == "opaque"
    root = enveloped.verified(page.context["onward"].fields["SAMLResponse"], [certificate(attempt)])
    assert (root.tag, root.get("InResponseTo"), root.get("Destination")) == (
        f"{{{PROTOCOL}}}LogoutResponse", "_out1", SLO,
    )  # fmt: skip


def test_the_answer_goes_by_the_binding_that_the_provider_declares(attempt):
    """Asked by POST we answer by redirection where the provider takes that, and the other way round."""
    assert ask(attempt, query(request(attempt))).status_code == 200
    other = somebody_inside("redirect")
    answer = posting(other, request(other))
    assert (answer.status_code, answer["Location"].startswith(f"{SLO}?SAMLResponse=")) == (302, True)
    assert not is_signed_in(other)


def test_it_needs_neither_cookie_nor_token(attempt):
    """The provider's page posts from another site, without the cookie of the session: it ends all the same."""
    other = trial(attempt.tenant, attempt.connection)
    other.browser.handler.enforce_csrf_checks = True
    other.browser.cookies.clear()
    assert posting(other, request(attempt)).status_code == 200
    assert not is_signed_in(attempt)


def _changed(one: Trial) -> str:
    root = signed_inside(request(one, name="somebody-else"))
    root.find(f"{{{ASSERTION}}}NameID").text = "subject-1"
    return packed(root)


def _wrapped(one: Trial) -> str:
    """The genuine request hides in the forged one, which carries its signature."""
    genuine = signed_inside(request(one, name="somebody-else"))
    signature = copy.deepcopy(genuine.find(f"{{{SIGNATURE}}}Signature"))
    forged = request(one, id="_forged")
    forged.find(f"{{{ASSERTION}}}Issuer").addnext(signature)
    extensions = etree.SubElement(forged, f"{{{PROTOCOL}}}Extensions")
    extensions.append(genuine)
    return packed(reread(forged))


def _elsewhere(one: Trial) -> str:
    genuine = signed_inside(request(one))
    genuine.set("ID", "_another")
    return packed(genuine)


def _two(one: Trial) -> str:
    genuine = signed_inside(request(one))
    signature = genuine.find(f"{{{SIGNATURE}}}Signature")
    signature.addnext(copy.deepcopy(signature))
    return packed(genuine)


def _hmac(one: Trial) -> str:
    genuine = signed_inside(request(one))
    method = next(genuine.iter(f"{{{SIGNATURE}}}SignatureMethod"))
    method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    return packed(genuine)


OTHER = "https://other.example.com"
REFUSED = {
    "unsigned": lambda one: (packed(request(one)), "not_signed"),
    "by a thief": lambda one: (packed(signed_inside(request(one), signer("thief"))), "wrong_signature"),
    "changed": lambda one: (_changed(one), "wrong_signature"),
    "wrapped": lambda one: (_wrapped(one), "signature_misplaced"),
    "signature of another part": lambda one: (_elsewhere(one), "signature_elsewhere"),
    "two signatures": lambda one: (_two(one), "signature_misplaced"),
    "SHA-1": lambda one: (packed(signed_inside(request(one), method="RsaSha1")), "signature_method"),
    "key confusion": lambda one: (_hmac(one), "signature_method"),
    "another issuer": lambda one: (packed(signed_inside(request(one, issuer=OTHER))), "wrong_issuer"),
    "another address": lambda one: (packed(signed_inside(request(one, destination=OTHER))), "wrong_destination"),
    "no address": lambda one: (packed(signed_inside(request(one, destination=None))), "wrong_destination"),
    "old": lambda one: (packed(signed_inside(request(one, issued=-timedelta(hours=1)))), "expired"),
    "another message": lambda one: (packed(signed_inside(message(one, "AuthnRequest"))), "not_a_sign_out"),
    "nobody": lambda one: (packed(signed_inside(message(one, "LogoutRequest"))), "name_id_missing"),
    "entities": lambda one: (packed(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), "document_type"),
    "comment": lambda one: (packed(etree.tostring(signed_inside(request(one))) + b"<!-- x -->"), "comment"),
    "nonsense": lambda one: ("@@@", "not_base64"),
    "twice": lambda one: (["one", "two"], "no_message"),
    "too large": lambda one: ("A" * (1024 * 1024 + 1), "too_large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_posted_requests_that_are_not_believed(attempt, name):
    """403 and an entry, and the session goes on."""
    text, why = REFUSED[name](attempt)
    assert posting(attempt, text).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (True, [why])


def test_a_posted_request_is_carried_out_once(attempt):
    """Replayed, by either binding, it ends no later session."""
    text = packed(signed_inside(request(attempt)))
    assert posting(attempt, text).status_code == 200
    assert posting(attempt, text).status_code == 403
    assert ask(attempt, query(request(attempt))).status_code == 403
    assert refusals(attempt) == ["replayed"] * 2


def test_a_body_of_another_kind_is_refused(attempt):
    """Neither JSON nor a form without a message is one."""
    where = path(attempt.addresses.slo_url)
    assert attempt.browser.post(where, "{}", content_type="application/json").status_code == 403
    assert post_form(attempt.browser, where, {"other": "x"}).status_code == 403
    assert refusals(attempt) == ["no_message"] * 2


def test_without_the_library_sign_outs_by_post_are_refused(attempt, monkeypatch):
    """403 and an entry, as for signing in."""
    text = packed(signed_inside(request(attempt)))
    monkeypatch.setitem(sys.modules, "xmlsec", None)
    assert posting(attempt, text).status_code == 403
    assert refusals(attempt) == ["library_missing"]


def test_signing_out_here_leads_on_by_post_where_the_provider_wants_that(attempt):
    """Our request is a signed form; the provider's posted answer ends the story, once."""
    page = attempt.browser.post("/accounts/sign-out/")
    onward = attempt.browser.get(page.context["address"])
    fields = onward.context["onward"].fields
    root = enveloped.verified(fields["SAMLRequest"], [certificate(attempt)])
    assert root.findtext(f"{{{ASSERTION}}}NameID") == "subject-1"
    answer = message(attempt, "LogoutResponse", answers=root.get("ID"))
    element(element(answer, PROTOCOL, "Status"), PROTOCOL, "StatusCode", Value=SUCCESS)
    text = packed(reread(sign(answer)))
    assert posting(attempt, text, "SAMLResponse", RelayState="another").status_code == 403
    assert posting(attempt, text, "SAMLResponse", RelayState=fields["RelayState"]).status_code == 200
    assert posting(attempt, text, "SAMLResponse", RelayState=fields["RelayState"]).status_code == 403


def test_the_binding_comes_from_the_metadata_or_by_hand(attempt):
    """POST where the provider offers nothing else; our metadata offers both."""
    one, browser = attempt.tenant, signed_in(attempt.tenant, "owner")

    def binding() -> str:
        with one.reading():
            return SamlConnection.objects.get().slo_binding

    text = metadata()
    assert upload(browser, attempt.connection, text).status_code == 302
    assert binding() == "redirect"
    by_post = text.replace(f'HTTP-Redirect" Location="{SLO}"', f'HTTP-POST" Location="{SLO}"')
    assert upload(browser, attempt.connection, by_post).status_code == 302
    assert binding() == "post"
    page = f"{PAGES}{attempt.connection.id}/"
    assert f"{SLO} (HTTP-POST)" in browser.get(page).content.decode()
    by_hand = {"entity_id": "x", "sso_url": SLO, "slo_url": SLO, "certificates": signer().certificate}
    assert browser.post(f"{page}provider/", {**by_hand, "slo_binding": "pigeon"}).status_code == 422
    assert browser.post(f"{page}provider/", {**by_hand, "slo_binding": "redirect"}).status_code == 302
    assert binding() == "redirect"
    ours = browser.get(f"/saml/{attempt.connection.public_id}/metadata/").content
    assert ours.count(b"SingleLogoutService") == 2
