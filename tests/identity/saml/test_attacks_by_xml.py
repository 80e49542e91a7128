"""Attacks by XML itself: comments, document types, entities, sizes, nonsense."""

import base64
from typing import Any

import pytest
from lxml import etree

from identity.saml.inspecting import ASSERTION
from tests.identity.saml.attacking import (
    ATTACKER,
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

pytestmark = pytest.mark.django_db
ATTACKS = Attacks()


@ATTACKS.because("comment")
def _comment_in_the_name(one: Trial) -> Any:
    """owner-1<!-- -->.attacker: the signature holds, but some readers stop at the comment."""
    name = f"{VICTIM}.attacker"
    root = signed(one.said(name_id=name))
    return etree.tostring(root).replace(name.encode(), f"{VICTIM}<!-- -->.attacker".encode())


@ATTACKS.because("comment")
def _instruction_in_the_name(one: Trial) -> Any:
    """The same with a processing instruction."""
    name = f"{VICTIM}.attacker"
    return etree.tostring(signed(one.said(name_id=name))).replace(name.encode(), f"{VICTIM}<?x y?>.attacker".encode())


@ATTACKS.because("document_type")
def _document_type(one: Trial) -> Any:
    """A document type may declare IDs and entities."""
    return b"<!DOCTYPE x [<!ATTLIST x ID ID #IMPLIED>]>" + etree.tostring(genuine_answer(one))


@ATTACKS.because("document_type")
def _external_entity(one: Trial) -> Any:
    """An entity that names a file of the server."""
    body = etree.tostring(genuine_answer(one)).replace(ATTACKER.encode(), b"&file;")
    return b'<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>' + body


@ATTACKS.because("not_xml")
def _a_billion_laughs(one: Trial) -> Any:
    """Entities of entities that fill the memory."""
    lines = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    return b'<!DOCTYPE x [<!ENTITY e0 "ha">' + lines + b"]><x>&e9;</x>"


@ATTACKS.because("not_xml")
def _no_xml(one: Trial) -> Any:
    """Nonsense is refused like the rest."""
    return b"\x00\xff not xml"


@ATTACKS.because("not_a_response")
def _another_element(one: Trial) -> Any:
    """A bare assertion is no response."""
    return inner(genuine_answer(one))


@ATTACKS.because("not_base64")
def _no_base64(one: Trial) -> Any:
    return "@@@ not base64 @@@"


@ATTACKS.because("no_message")
def _no_message(one: Trial) -> Any:
    return ["one", "two"]


@ATTACKS.because("too_large")
def _twenty_megabytes(one: Trial) -> Any:
    """Not even read."""
    return base64.b64encode(b" " * 15 * 1024 * 1024).decode()


@ATTACKS.because("not_by_schema")
def _element_in_a_text(one: Trial) -> Any:
    """Elements inside a text are read differently by different readers."""
    root = response(one.said(name_id=VICTIM))
    element(next(root.iter(f"{{{ASSERTION}}}Audience")), ASSERTION, "Audience", "x")
    sign(inner(root))
    return reread(root)


@pytest.mark.requirement("REQ-180")
@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_refused(attempt: Trial, name: str) -> None:
    """403, no session, one entry with the reason; the honest answer is accepted afterwards."""
    assert_refused(attempt, *ATTACKS[name])
