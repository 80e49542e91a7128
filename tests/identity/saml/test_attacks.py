"""Each attack that a SAML receiver must stand: refused with 403, nobody signed in, one entry in the right ledger.

After every refusal the honest answer is accepted in the same browser: the forged part alone was what was refused.
"""

import base64
import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from lxml import etree

from audit.queries import events
from identity.models import SpKey
from identity.operations import grant_membership
from identity.operations.saml_accounts import confirm_link
from identity.saml.inspecting import ASSERTION, PROTOCOL, SIGNATURE
from tests.factories.tenants import member, tenant
from tests.identity.saml.forge import (
    Trial,
    connected,
    element,
    encrypted,
    inner,
    packed,
    reread,
    response,
    sign,
    signed,
    trial,
)
from tests.identity.saml.signers import signer

pytestmark = pytest.mark.django_db
OWN = "/api/v1/organizations/"
VICTIM, ATTACKER = "owner-1", "attacker-1"
Attack = Callable[[Trial], Any]
ATTACKS: dict[str, tuple[Attack, str]] = {}


def attack(why: str) -> Callable[[Attack], Attack]:
    """Registers an attack with the reason that the ledger shall give."""

    def register(one: Attack) -> Attack:
        ATTACKS[one.__name__.removeprefix("_")] = (one, why)
        return one

    return register


@pytest.fixture
def attempt() -> Trial:
    """A browser that asked to sign in, where the provider knows an attacker and an owner."""
    cache.clear()
    one = tenant()
    connection = connected(one)
    for name, role in ((VICTIM, "owner"), (ATTACKER, "viewer")):
        account, _principal = member(one, role)
        with one.writing() as trail:
            confirm_link(connection=connection, name_id=name, account=account, trail=trail)
    return trial(one, connection)


def refusals(one: Trial) -> list[str]:
    with one.tenant.reading():
        return [orjson.loads(event.body)["details"]["why"] for event in events() if event.kind == "saml.refused"]


def _accounts_of(one: Trial) -> str:
    answer = one.browser.get(OWN)
    return str(answer.json()["results"][0]["slug"]) if answer.status_code == 200 else ""


def is_signed_in(one: Trial) -> bool:
    return bool(one.browser.get(OWN).status_code == 200)


# --- Wrapping --------------------------------------------------------------------------------------------------------


def _genuine(one: Trial, *, response_too: bool = False) -> Any:
    """What the attacker got honestly: a signed answer about the attacker."""
    root = response(one.said(name_id=ATTACKER))
    sign(inner(root))
    if response_too:
        sign(root)
    return reread(root)


def _evil(node: Any) -> Any:
    """A copy about the victim, with another ID and without signatures."""
    twin = copy.deepcopy(node)
    for signature in twin.findall(f".//{{{SIGNATURE}}}Signature"):
        signature.getparent().remove(signature)
    for named in twin.iter(f"{{{ASSERTION}}}NameID"):
        named.text = VICTIM
    for owner in twin.iter():
        if owner.get("ID"):
            owner.set("ID", "_evil" + owner.get("ID"))
    return twin


def _signature(node: Any) -> Any:
    return node.find(f"{{{SIGNATURE}}}Signature")


@attack("not_one_assertion")
def _wrapping_1(one: Trial) -> Any:
    """XSW 1: a forged response around the signature of the genuine one, which stands inside the signature."""
    genuine = _genuine(one, response_too=True)
    forged, signature = _evil(genuine), copy.deepcopy(_signature(genuine))
    genuine.remove(_signature(genuine))
    signature.append(genuine)
    forged.insert(1, signature)
    return reread(forged)


@attack("not_one_assertion")
def _wrapping_2(one: Trial) -> Any:
    """XSW 2: the same with the genuine response beside the signature."""
    genuine = _genuine(one, response_too=True)
    forged, signature = _evil(genuine), copy.deepcopy(_signature(genuine))
    genuine.remove(_signature(genuine))
    forged.insert(1, genuine)
    forged.insert(2, signature)
    return reread(forged)


@attack("not_one_assertion")
def _wrapping_3(one: Trial) -> Any:
    """XSW 3: a forged assertion in front of the genuine one."""
    root = _genuine(one)
    inner(root).addprevious(_evil(inner(root)))
    return reread(root)


@attack("not_one_assertion")
def _wrapping_4(one: Trial) -> Any:
    """XSW 4: a forged assertion around the genuine one."""
    root = _genuine(one)
    genuine = inner(root)
    forged = _evil(genuine)
    root.replace(genuine, forged)
    forged.append(genuine)
    return reread(root)


@attack("not_one_assertion")
def _wrapping_5(one: Trial) -> Any:
    """XSW 5: a forged assertion carries the signature of the genuine one, which stands at the end without it."""
    root = _genuine(one)
    genuine = inner(root)
    forged, signature = _evil(genuine), _signature(genuine)
    forged.insert(1, signature)
    root.replace(genuine, forged)
    root.append(genuine)
    return reread(root)


@attack("not_one_assertion")
def _wrapping_6(one: Trial) -> Any:
    """XSW 6: the same with the genuine assertion inside the signature."""
    root = _genuine(one)
    genuine = inner(root)
    forged, signature = _evil(genuine), _signature(genuine)
    root.replace(genuine, forged)
    genuine.remove(signature)
    forged.insert(1, signature)
    signature.append(genuine)
    return reread(root)


@attack("not_one_assertion")
def _wrapping_7(one: Trial) -> Any:
    """XSW 7: the forged assertion hides among the extensions."""
    root = _genuine(one)
    extensions = etree.Element(f"{{{PROTOCOL}}}Extensions")
    extensions.append(_evil(inner(root)))
    root.insert(1, extensions)
    return reread(root)


@attack("not_one_assertion")
def _wrapping_8(one: Trial) -> Any:
    """XSW 8: the genuine assertion hides in an object of the signature that the forged one carries."""
    root = _genuine(one)
    genuine = inner(root)
    forged, signature = _evil(genuine), _signature(genuine)
    root.replace(genuine, forged)
    genuine.remove(signature)
    element(signature, SIGNATURE, "Object").append(genuine)
    forged.insert(1, signature)
    return reread(root)


@attack("signature_elsewhere")
def _reference_to_nothing(one: Trial) -> Any:
    """A signature whose reference is empty covers the document it is in, whatever stands around."""
    root = _genuine(one)
    next(root.iter(f"{{{SIGNATURE}}}Reference")).set("URI", "")
    return root


@attack("signature_elsewhere")
def _two_references(one: Trial) -> Any:
    """A second reference might be what is verified, the first what is read."""
    root = _genuine(one)
    reference = next(root.iter(f"{{{SIGNATURE}}}Reference"))
    reference.addnext(copy.deepcopy(reference))
    return root


@attack("duplicate_id")
def _duplicate_ids(one: Trial) -> Any:
    """Two elements with the ID that the signature names."""
    root = _genuine(one)
    root.set("ID", inner(root).get("ID"))
    return root


@attack("duplicate_id")
def _id_by_another_name(one: Trial) -> Any:
    """xml:id makes an ID too, and a parser may find that element first."""
    root = _genuine(one)
    root.find(f"{{{PROTOCOL}}}Status").set("{http://www.w3.org/XML/1998/namespace}id", inner(root).get("ID"))
    return root


# --- Signatures ------------------------------------------------------------------------------------------------------


@attack("not_signed")
def _no_signature(one: Trial) -> Any:
    """Anybody can write an unsigned answer."""
    return reread(response(one.said(name_id=VICTIM)))


@attack("not_signed")
def _response_alone_signed(one: Trial) -> Any:
    """The assertion itself must be signed."""
    return reread(sign(response(one.said(name_id=VICTIM))))


@attack("wrong_signature")
def _foreign_key(one: Trial) -> Any:
    """A signature by another key, which the message brings along."""
    return signed(one.said(name_id=VICTIM), signer("thief"))


@attack("wrong_signature")
def _changed_after_signing(one: Trial) -> Any:
    """Another name in a signed assertion."""
    root = _genuine(one)
    next(root.iter(f"{{{ASSERTION}}}NameID")).text = VICTIM
    return root


@attack("signature_method")
def _sha1_signature(one: Trial) -> Any:
    """SHA-1 can be forged."""
    return signed(one.said(name_id=VICTIM), method="RsaSha1")


@attack("signature_method")
def _sha1_digest(one: Trial) -> Any:
    """In the digest as well."""
    return signed(one.said(name_id=VICTIM), digest="Sha1")


@attack("signature_method")
def _key_confusion(one: Trial) -> Any:
    """HMAC with the public certificate as the key."""
    root = _genuine(one)
    next(root.iter(f"{{{SIGNATURE}}}SignatureMethod")).set(
        "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    )
    return root


@attack("signature_method")
def _foreign_transform(one: Trial) -> Any:
    """A transform that cuts away what was added to the signed part."""
    root = _genuine(one)
    transform = next(root.iter(f"{{{SIGNATURE}}}Transform"))
    transform.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    element(transform, SIGNATURE, "XPath", "true()")
    return root


@attack("signature_misplaced")
def _signature_in_the_wrong_place(one: Trial) -> Any:
    """A signature below the status signs nothing that is read."""
    root = _genuine(one)
    root.find(f"{{{PROTOCOL}}}Status").append(copy.deepcopy(_signature(inner(root))))
    return reread(root)


# --- XML -------------------------------------------------------------------------------------------------------------


@attack("comment")
def _comment_in_the_name(one: Trial) -> Any:
    """owner-1<!-- -->.attacker: the signature holds, but some readers stop at the comment."""
    name = f"{VICTIM}.attacker"
    root = signed(one.said(name_id=name))
    return etree.tostring(root).replace(name.encode(), f"{VICTIM}<!-- -->.attacker".encode())


@attack("comment")
def _instruction_in_the_name(one: Trial) -> Any:
    """The same with a processing instruction."""
    name = f"{VICTIM}.attacker"
    return etree.tostring(signed(one.said(name_id=name))).replace(name.encode(), f"{VICTIM}<?x y?>.attacker".encode())


@attack("document_type")
def _document_type(one: Trial) -> Any:
    """A document type may declare IDs and entities."""
    return b"<!DOCTYPE x [<!ATTLIST x ID ID #IMPLIED>]>" + etree.tostring(_genuine(one))


@attack("document_type")
def _external_entity(one: Trial) -> Any:
    """An entity that names a file of the server."""
    body = etree.tostring(_genuine(one)).replace(ATTACKER.encode(), b"&file;")
    return b'<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>' + body


@attack("not_xml")
def _a_billion_laughs(one: Trial) -> Any:
    """Entities of entities that fill the memory."""
    lines = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    return b'<!DOCTYPE x [<!ENTITY e0 "ha">' + lines + b"]><x>&e9;</x>"


@attack("not_xml")
def _no_xml(one: Trial) -> Any:
    """Nonsense is refused like the rest."""
    return b"\x00\xff not xml"


@attack("not_a_response")
def _another_element(one: Trial) -> Any:
    """A bare assertion is no response."""
    return inner(_genuine(one))


@attack("not_base64")
def _no_base64(one: Trial) -> Any:
    return "@@@ not base64 @@@"


@attack("no_message")
def _no_message(one: Trial) -> Any:
    return ["one", "two"]


@attack("too_large")
def _twenty_megabytes(one: Trial) -> Any:
    """Not even read."""
    return base64.b64encode(b" " * 15 * 1024 * 1024).decode()


@attack("not_by_schema")
def _element_in_a_text(one: Trial) -> Any:
    """Elements inside a text are read differently by different readers."""
    root = response(one.said(name_id=VICTIM))
    element(next(root.iter(f"{{{ASSERTION}}}Audience")), ASSERTION, "Audience", "x")
    sign(inner(root))
    return reread(root)


# --- What an honest signature does not excuse ------------------------------------------------------------------------


@attack("wrong_issuer")
def _another_issuer(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, issuer="https://other.example.com/saml"))


@attack("wrong_audience")
def _another_audience(one: Trial) -> Any:
    """An answer for another application of the same provider."""
    return signed(one.said(name_id=VICTIM, audience="https://other.example.com/metadata"))


@attack("wrong_audience")
def _no_audience(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, audience=None))


@attack("wrong_audience")
def _second_restriction(one: Trial) -> Any:
    """Every restriction must hold, not one of them."""
    root = response(one.said(name_id=VICTIM))
    conditions = next(root.iter(f"{{{ASSERTION}}}Conditions"))
    element(element(conditions, ASSERTION, "AudienceRestriction"), ASSERTION, "Audience", "https://other.example.com")
    sign(inner(root))
    return reread(root)


@attack("wrong_recipient")
def _no_recipient(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, recipient=None))


@attack("wrong_recipient")
def _recipient_that_contains_ours(one: Trial) -> Any:
    """The library looks for our address somewhere in the recipient."""
    return signed(one.said(name_id=VICTIM, recipient=f"https://evil.example.com/?{one.addresses.acs_url}"))


@attack("wrong_confirmation")
def _another_recipient(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, recipient="https://other.example.com/acs"))


@attack("wrong_destination")
def _no_destination(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, destination=None))


@attack("wrong_destination")
def _destination_that_begins_like_ours(one: Trial) -> Any:
    """The library compares the beginning alone."""
    return signed(one.said(name_id=VICTIM, destination=f"{one.addresses.acs_url}.evil.example.com/"))


@attack("no_end")
def _confirmation_without_end(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, confirmed_until=None))


@attack("no_end")
def _conditions_without_end(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, not_on_or_after=None))


@attack("expired")
def _too_old_by_two_minutes(one: Trial) -> Any:
    """The library allows five minutes; we allow 90 seconds."""
    return signed(one.said(name_id=VICTIM, not_on_or_after=-timedelta(seconds=120)))


@attack("too_early")
def _from_the_future(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, not_before=timedelta(seconds=120)))


@attack("session_over")
def _session_that_is_over(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, session_until=-timedelta(seconds=5)))


@attack("wrong_status")
def _failed_at_the_provider(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, status="urn:oasis:names:tc:SAML:2.0:status:Requester"))


@attack("idp_initiated")
def _begun_at_the_provider(one: Trial) -> Any:
    """Nobody asked: off unless the connection allows it."""
    return signed(one.said(name_id=VICTIM, in_response_to=None))


@attack("wrong_request")
def _request_named_outside_the_signature(one: Trial) -> Any:
    """An unsolicited assertion in a response to which somebody wrote a request's ID."""
    root = signed(one.said(name_id=VICTIM, in_response_to=None))
    root.set("InResponseTo", one.request_id)
    return root


@attack("wrong_confirmation")
def _two_requests(one: Trial) -> Any:
    """The unsigned part names another request than the signed one."""
    return signed(one.said(name_id=VICTIM, response_in_response_to="_another"))


@attack("unknown_request")
def _request_of_nobody(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, in_response_to="_nobody-asked-this"))


@attack("not_one_bearer")
def _holder_of_key(one: Trial) -> Any:
    """Another way of confirming that we cannot check."""
    root = response(one.said(name_id=VICTIM))
    confirmation = next(root.iter(f"{{{ASSERTION}}}SubjectConfirmation"))
    confirmation.addnext(copy.deepcopy(confirmation))
    sign(inner(root))
    return reread(root)


@attack("unknown_person")
def _somebody_unknown(one: Trial) -> Any:
    return signed(one.said(name_id="nobody-here"))


# --- Encryption ------------------------------------------------------------------------------------------------------


def _our_certificate(one: Trial) -> str:
    with one.tenant.reading():
        return SpKey.objects.get(connection=one.connection).certificate


@attack("encryption_method")
def _rsa_1_5(one: Trial) -> Any:
    """A padding that can be asked questions."""
    return encrypted(signed(one.said(name_id=VICTIM)), _our_certificate(one), transport="RSA_PKCS1")


@attack("encryption_method")
def _triple_des(one: Trial) -> Any:
    return encrypted(signed(one.said(name_id=VICTIM)), _our_certificate(one), content="DES3")


@attack("not_signed")
def _encrypted_without_signature(one: Trial) -> Any:
    """Anybody can encrypt for us: that proves nothing."""
    return encrypted(reread(response(one.said(name_id=VICTIM))), _our_certificate(one))


@attack("wrong_signature")
def _encrypted_by_a_thief(one: Trial) -> Any:
    return encrypted(signed(one.said(name_id=VICTIM), signer("thief")), _our_certificate(one))


@attack("signature_method")
def _encrypted_weak_signature(one: Trial) -> Any:
    """What comes out of the encryption is looked at like the rest, before a signature is computed."""
    return encrypted(signed(one.said(name_id=VICTIM), method="RsaSha1"), _our_certificate(one))


@attack("comment")
def _encrypted_comment(one: Trial) -> Any:
    """The parser of the library drops comments, but not inside what it decrypts."""
    root = signed(one.said(name_id=f"{VICTIM}.attacker"))
    named = next(root.iter(f"{{{ASSERTION}}}NameID"))
    named.text = VICTIM
    comment = etree.Comment(" ")
    comment.tail = ".attacker"
    named.append(comment)
    return encrypted(root, _our_certificate(one))


@attack("not_readable")
def _encrypted_for_somebody_else(one: Trial) -> Any:
    return encrypted(signed(one.said(name_id=VICTIM)), signer("other").certificate)


@pytest.mark.requirement("REQ-180")
@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_refused(attempt: Trial, name: str) -> None:
    """403, no session, one entry with the reason; and the honest answer is accepted afterwards in the same browser."""
    forged, why = ATTACKS[name]
    assert attempt.post(forged(attempt)).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (False, [why])
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 302
    assert is_signed_in(attempt)


# --- What needs more than one message --------------------------------------------------------------------------------


def test_a_used_answer_opens_nothing_again(attempt):
    """Replay in the same browser: the request is used up."""
    message = signed(attempt.said(name_id=ATTACKER))
    assert attempt.post(message).status_code == 302
    attempt.browser.post("/accounts/sign-out/")
    assert attempt.post(message).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (False, ["unknown_request"])


def test_a_used_assertion_opens_nothing_where_nobody_needs_to_ask():
    """Replay of an assertion that the provider began: remembered until it would be too old."""
    one = tenant()
    connection = connected(one, allows_idp_initiated=True)
    account, _principal = member(one, "viewer")
    with one.writing() as trail:
        confirm_link(connection=connection, name_id=ATTACKER, account=account, trail=trail)
    attempt = trial(one, connection)
    message = signed(attempt.said(name_id=ATTACKER, in_response_to=None))
    assert attempt.post(message).status_code == 302
    attempt.browser.post("/accounts/sign-out/")
    assert attempt.post(message).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (False, ["replayed"])


def test_an_answer_belongs_to_the_browser_that_asked(attempt):
    """An attacker who lets somebody else post the attacker's answer signs nobody in."""
    other = trial(attempt.tenant, attempt.connection)
    attempt.browser, mine = other.browser, attempt.browser
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (False, ["other_browser"])
    attempt.browser = mine
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 302


def test_a_browser_without_the_cookie_gets_nothing(attempt):
    """No cookie is no browser: the comparison is with nothing that was ever drawn."""
    attempt.browser.cookies.clear()
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 403
    assert refusals(attempt) == ["other_browser"]


@pytest.mark.parametrize("relay", ["", "https://evil.example.com/", "/it/seats/"])
def test_relay_state_is_ours_or_nothing(attempt, relay):
    """RelayState is an opaque word of ours; it never says where to go."""
    answer = attempt.post(signed(attempt.said(name_id=ATTACKER)), RelayState=relay)
    assert answer.status_code == 403
    assert refusals(attempt) == ["wrong_relay"]


@pytest.mark.parametrize(
    "target", ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "javascript:alert(1)", "it/"]
)
def test_nobody_is_sent_to_another_site(attempt, target):
    """Whatever the address asks for, the way leads to this site."""
    attempt = trial(attempt.tenant, attempt.connection, next=target)
    answer = attempt.post(signed(attempt.said(name_id=ATTACKER)))
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_an_answer_to_another_connection_is_none(attempt):
    """Two connections of one organisation, with one provider: each has its own requests and addresses."""
    second = trial(attempt.tenant, connected(attempt.tenant), attempt.browser)
    answer = second.post(signed(second.said(name_id=VICTIM, in_response_to=attempt.request_id)))
    assert answer.status_code == 403
    assert refusals(attempt) == ["unknown_request"]


def test_the_provider_of_one_organisation_asserts_an_address_of_another():
    """The IdP of A says "I am the owner of B": nobody comes in as an account of B; A's ledger has the refusal."""
    cache.clear()
    here, there = tenant(), tenant()
    owner, _principal = member(there, "owner", email="boss@b.example.org")
    connection = connected(here, creates_people=True)
    attempt = trial(here, connection)
    answer = attempt.post(signed(attempt.said(name_id="boss", attributes={"mail": [owner.email]})))
    # The account exists, so its holder would have to confirm, signed in at A: a page that a stranger cannot pass.
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/link/")
    assert not is_signed_in(attempt)
    assert attempt.browser.get(answer["Location"]).status_code == 302
    unknown = trial(here, connection)
    forged = signed(unknown.said(name_id="x", attributes={"mail": ["nobody@b.example.org"]}))
    assert unknown.post(forged).status_code == 403
    assert (is_signed_in(unknown), refusals(unknown)) == (False, ["unknown_person"])


def test_an_assertion_for_somebody_of_two_organisations_opens_one():
    """The session is bound: not even the holder takes it to another organisation."""
    here, there = tenant(), tenant()
    account, _principal = member(here, "viewer")
    with there.writing() as trail:
        grant_membership(account=account, roles=["owner"], trail=trail)
    connection = connected(here)
    with here.writing() as trail:
        confirm_link(connection=connection, name_id=ATTACKER, account=account, trail=trail)
    attempt = trial(here, connection)
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 302
    assert _accounts_of(attempt) == here.organization.slug
    switched = attempt.browser.post("/accounts/organizations/", {"organization": str(there.organization.id)})
    assert switched.status_code == 403
    assert _accounts_of(attempt) == here.organization.slug


def test_a_flood_of_nonsense_does_not_fill_the_ledger(attempt, monkeypatch):
    """Beyond so many refusals a minute they are answered the same and told no more."""
    monkeypatch.setattr("identity.saml.receiving.MOST_A_MINUTE", 2)
    assert [attempt.post("@@@").status_code for _ in range(4)] == [403] * 4
    assert refusals(attempt) == ["not_base64"] * 2


def test_an_unknown_connection_has_no_address(attempt):
    """404, whatever is sent."""
    for name in ("metadata", "sign-in", "slo"):
        assert attempt.browser.get(f"/saml/nobody/{name}/").status_code == 404
    assert attempt.browser.post("/saml/nobody/acs/").status_code == 404


def test_every_answer_of_a_refusal_looks_the_same(attempt):
    """Whoever attacks learns nothing from the page."""
    pages = {attempt.post(one).content for one in ("@@@", packed(signed(attempt.said(issuer="x"))), packed(b"<x/>"))}
    assert len(pages) == 1
