"""Attacks by wrapping (XSW 1-8 and their kin): a forged part around or beside a genuine_answer, signed one."""

import copy
from typing import Any

import pytest
from lxml import etree

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
)

pytestmark = pytest.mark.django_db
ATTACKS = Attacks()


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


@ATTACKS.because("not_one_assertion")
def _wrapping_1(one: Trial) -> Any:
    """XSW 1: a forged response around the signature of the genuine one, which stands inside the signature."""
    genuine = genuine_answer(one, response_too=True)
    forged, signature = _evil(genuine), copy.deepcopy(_signature(genuine))
    genuine.remove(_signature(genuine))
    signature.append(genuine)
    forged.insert(1, signature)
    return reread(forged)


@ATTACKS.because("not_one_assertion")
def _wrapping_2(one: Trial) -> Any:
    """XSW 2: the same with the genuine response beside the signature."""
    genuine = genuine_answer(one, response_too=True)
    forged, signature = _evil(genuine), copy.deepcopy(_signature(genuine))
    genuine.remove(_signature(genuine))
    forged.insert(1, genuine)
    forged.insert(2, signature)
    return reread(forged)


@ATTACKS.because("not_one_assertion")
def _wrapping_3(one: Trial) -> Any:
    """XSW 3: a forged assertion in front of the genuine one."""
    root = genuine_answer(one)
    inner(root).addprevious(_evil(inner(root)))
    return reread(root)


@ATTACKS.because("not_one_assertion")
def _wrapping_4(one: Trial) -> Any:
    """XSW 4: a forged assertion around the genuine one."""
    root = genuine_answer(one)
    genuine = inner(root)
    forged = _evil(genuine)
    root.replace(genuine, forged)
    forged.append(genuine)
    return reread(root)


@ATTACKS.because("not_one_assertion")
def _wrapping_5(one: Trial) -> Any:
    """XSW 5: a forged assertion carries the signature of the genuine one, which stands at the end without it."""
    root = genuine_answer(one)
    genuine = inner(root)
    forged, signature = _evil(genuine), _signature(genuine)
    forged.insert(1, signature)
    root.replace(genuine, forged)
    root.append(genuine)
    return reread(root)


@ATTACKS.because("not_one_assertion")
def _wrapping_6(one: Trial) -> Any:
    """XSW 6: the same with the genuine assertion inside the signature."""
    root = genuine_answer(one)
    genuine = inner(root)
    forged, signature = _evil(genuine), _signature(genuine)
    root.replace(genuine, forged)
    genuine.remove(signature)
    forged.insert(1, signature)
    signature.append(genuine)
    return reread(root)


@ATTACKS.because("not_one_assertion")
def _wrapping_7(one: Trial) -> Any:
    """XSW 7: the forged assertion hides among the extensions."""
    root = genuine_answer(one)
    extensions = etree.Element(f"{{{PROTOCOL}}}Extensions")
    extensions.append(_evil(inner(root)))
    root.insert(1, extensions)
    return reread(root)


@ATTACKS.because("not_one_assertion")
def _wrapping_8(one: Trial) -> Any:
    """XSW 8: the genuine assertion hides in an object of the signature that the forged one carries."""
    root = genuine_answer(one)
    genuine = inner(root)
    forged, signature = _evil(genuine), _signature(genuine)
    root.replace(genuine, forged)
    genuine.remove(signature)
    element(signature, SIGNATURE, "Object").append(genuine)
    forged.insert(1, signature)
    return reread(root)


@ATTACKS.because("signature_elsewhere")
def _reference_to_nothing(one: Trial) -> Any:
    """A signature whose reference is empty covers the document it is in, whatever stands around."""
    root = genuine_answer(one)
    next(root.iter(f"{{{SIGNATURE}}}Reference")).set("URI", "")
    return root


@ATTACKS.because("signature_elsewhere")
def _two_references(one: Trial) -> Any:
    """A second reference might be what is verified, the first what is read."""
    root = genuine_answer(one)
    reference = next(root.iter(f"{{{SIGNATURE}}}Reference"))
    reference.addnext(copy.deepcopy(reference))
    return root


@ATTACKS.because("duplicate_id")
def _duplicate_ids(one: Trial) -> Any:
    """Two elements with the ID that the signature names."""
    root = genuine_answer(one)
    root.set("ID", inner(root).get("ID"))
    return root


@ATTACKS.because("duplicate_id")
def _id_by_another_name(one: Trial) -> Any:
    """xml:id makes an ID too, and a parser may find that element first."""
    root = genuine_answer(one)
    root.find(f"{{{PROTOCOL}}}Status").set("{http://www.w3.org/XML/1998/namespace}id", inner(root).get("ID"))
    return root


@pytest.mark.requirement("REQ-180")
@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_refused(attempt: Trial, name: str) -> None:
    """403, no session, one entry with the reason; the honest answer is accepted afterwards."""
    assert_refused(attempt, *ATTACKS[name])
