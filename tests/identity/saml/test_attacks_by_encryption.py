"""Attacks by encryption: weak methods, and what comes out of it."""

from typing import Any

import pytest
from lxml import etree

from identity.models import SpKey
from identity.saml.inspecting import ASSERTION
from tests.identity.saml.attacking import (
    VICTIM,
    Attacks,
    assert_refused,
)
from tests.identity.saml.forge import (
    Trial,
    encrypted,
    reread,
    response,
    signed,
)
from tests.identity.saml.signers import signer

pytestmark = pytest.mark.django_db
ATTACKS = Attacks()


def _our_certificate(one: Trial) -> str:
    with one.tenant.reading():
        return SpKey.objects.get(connection=one.connection).certificate


@ATTACKS.because("encryption_method")
def _rsa_1_5(one: Trial) -> Any:
    """A padding that can be asked questions."""
    return encrypted(signed(one.said(name_id=VICTIM)), _our_certificate(one), transport="RSA_PKCS1")


@ATTACKS.because("encryption_method")
def _triple_des(one: Trial) -> Any:
    return encrypted(signed(one.said(name_id=VICTIM)), _our_certificate(one), content="DES3")


@ATTACKS.because("not_signed")
def _encrypted_without_signature(one: Trial) -> Any:
    """Anybody can encrypt for us: that proves nothing."""
    return encrypted(reread(response(one.said(name_id=VICTIM))), _our_certificate(one))


@ATTACKS.because("wrong_signature")
def _encrypted_by_a_thief(one: Trial) -> Any:
    return encrypted(signed(one.said(name_id=VICTIM), signer("thief")), _our_certificate(one))


@ATTACKS.because("signature_method")
def _encrypted_weak_signature(one: Trial) -> Any:
    """What comes out of the encryption is looked at like the rest, before a signature is computed."""
    return encrypted(signed(one.said(name_id=VICTIM), method="RsaSha1"), _our_certificate(one))


@ATTACKS.because("comment")
def _encrypted_comment(one: Trial) -> Any:
    """The parser of the library drops comments, but not inside what it decrypts."""
    root = signed(one.said(name_id=f"{VICTIM}.attacker"))
    named = next(root.iter(f"{{{ASSERTION}}}NameID"))
    named.text = VICTIM
    comment = etree.Comment(" ")
    comment.tail = ".attacker"
    named.append(comment)
    return encrypted(root, _our_certificate(one))


@ATTACKS.because("not_readable")
def _encrypted_for_somebody_else(one: Trial) -> Any:
    return encrypted(signed(one.said(name_id=VICTIM)), signer("other").certificate)


@pytest.mark.requirement("REQ-180")
@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_refused(attempt: Trial, name: str) -> None:
    """403, no session, one entry with the reason; the honest answer is accepted afterwards."""
    assert_refused(attempt, *ATTACKS[name])
