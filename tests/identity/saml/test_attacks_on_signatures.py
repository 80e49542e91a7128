"""Attacks on signatures: none, a foreign one, weak methods, a misplaced one."""

import copy
from typing import Any

import pytest

from identity.saml.inspecting import ASSERTION, PROTOCOL, SIGNATURE
from tests.identity.saml.attacking import (
    VICTIM,
    Attacks,
    assert_refused,
    genuine_answer,
)
from tests.identity.saml.forge import (
    Trial,
    element,
    inner,
    reread,
    response,
    sign,
    signed,
)
from tests.identity.saml.signers import signer

pytestmark = pytest.mark.django_db
ATTACKS = Attacks()


def _signature(node: Any) -> Any:
    return node.find(f"{{{SIGNATURE}}}Signature")


@ATTACKS.because("not_signed")
def _no_signature(one: Trial) -> Any:
    """Anybody can write an unsigned answer."""
    return reread(response(one.said(name_id=VICTIM)))


@ATTACKS.because("not_signed")
def _response_alone_signed(one: Trial) -> Any:
    """The assertion itself must be signed."""
    return reread(sign(response(one.said(name_id=VICTIM))))


@ATTACKS.because("wrong_signature")
def _foreign_key(one: Trial) -> Any:
    """A signature by another key, which the message brings along."""
    return signed(one.said(name_id=VICTIM), signer("thief"))


@ATTACKS.because("wrong_signature")
def _changed_after_signing(one: Trial) -> Any:
    """Another name in a signed assertion."""
    root = genuine_answer(one)
    next(root.iter(f"{{{ASSERTION}}}NameID")).text = VICTIM
    return root


@ATTACKS.because("signature_method")
def _sha1_signature(one: Trial) -> Any:
    """SHA-1 can be forged."""
    return signed(one.said(name_id=VICTIM), method="RsaSha1")


@ATTACKS.because("signature_method")
def _sha1_digest(one: Trial) -> Any:
    """In the digest as well."""
    return signed(one.said(name_id=VICTIM), digest="Sha1")


@ATTACKS.because("signature_method")
def _key_confusion(one: Trial) -> Any:
    """HMAC with the public certificate as the key."""
    root = genuine_answer(one)
    next(root.iter(f"{{{SIGNATURE}}}SignatureMethod")).set(
        "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    )
    return root


@ATTACKS.because("signature_method")
def _foreign_transform(one: Trial) -> Any:
    """A transform that cuts away what was added to the signed part."""
    root = genuine_answer(one)
    transform = next(root.iter(f"{{{SIGNATURE}}}Transform"))
    transform.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    element(transform, SIGNATURE, "XPath", "true()")
    return root


@ATTACKS.because("signature_misplaced")
def _signature_in_the_wrong_place(one: Trial) -> Any:
    """A signature below the status signs nothing that is read."""
    root = genuine_answer(one)
    root.find(f"{{{PROTOCOL}}}Status").append(copy.deepcopy(_signature(inner(root))))
    return reread(root)


@pytest.mark.requirement("REQ-180")
@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_refused(attempt: Trial, name: str) -> None:
    """403, no session, one entry with the reason; the honest answer is accepted afterwards."""
    assert_refused(attempt, *ATTACKS[name])
