"""What an honest signature does not excuse: another audience, address, time, request or person."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from identity.saml.inspecting import ASSERTION
from tests.identity.saml.attacking import (
    VICTIM,
    Attacks,
    assert_refused,
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


@ATTACKS.because("wrong_issuer")
def _another_issuer(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, issuer="https://other.example.com/saml"))


@ATTACKS.because("wrong_audience")
def _another_audience(one: Trial) -> Any:
    """An answer for another application of the same provider."""
    return signed(one.said(name_id=VICTIM, audience="https://other.example.com/metadata"))


@ATTACKS.because("wrong_audience")
def _no_audience(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, audience=None))


@ATTACKS.because("wrong_audience")
def _second_restriction(one: Trial) -> Any:
    """Every restriction must hold, not one of them."""
    root = response(one.said(name_id=VICTIM))
    conditions = next(root.iter(f"{{{ASSERTION}}}Conditions"))
    element(element(conditions, ASSERTION, "AudienceRestriction"), ASSERTION, "Audience", "https://other.example.com")
    sign(inner(root))
    return reread(root)


@ATTACKS.because("wrong_recipient")
def _no_recipient(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, recipient=None))


@ATTACKS.because("wrong_recipient")
def _recipient_that_contains_ours(one: Trial) -> Any:
    """The library looks for our address somewhere in the recipient."""
    return signed(one.said(name_id=VICTIM, recipient=f"https://evil.example.com/?{one.addresses.acs_url}"))


@ATTACKS.because("wrong_confirmation")
def _another_recipient(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, recipient="https://other.example.com/acs"))


@ATTACKS.because("wrong_destination")
def _no_destination(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, destination=None))


@ATTACKS.because("wrong_destination")
def _destination_that_begins_like_ours(one: Trial) -> Any:
    """The library compares the beginning alone."""
    return signed(one.said(name_id=VICTIM, destination=f"{one.addresses.acs_url}.evil.example.com/"))


@ATTACKS.because("no_end")
def _confirmation_without_end(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, confirmed_until=None))


@ATTACKS.because("no_end")
def _conditions_without_end(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, not_on_or_after=None))


@ATTACKS.because("expired")
def _too_old_by_two_minutes(one: Trial) -> Any:
    """The library allows five minutes; we allow 90 seconds."""
    return signed(one.said(name_id=VICTIM, not_on_or_after=-timedelta(seconds=120)))


@ATTACKS.because("too_early")
def _from_the_future(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, not_before=timedelta(seconds=120)))


@ATTACKS.because("session_over")
def _session_that_is_over(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, session_until=-timedelta(seconds=5)))


@ATTACKS.because("wrong_status")
def _failed_at_the_provider(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, status="urn:oasis:names:tc:SAML:2.0:status:Requester"))


@ATTACKS.because("idp_initiated")
def _begun_at_the_provider(one: Trial) -> Any:
    """Nobody asked: off unless the connection allows it."""
    return signed(one.said(name_id=VICTIM, in_response_to=None))


@ATTACKS.because("wrong_request")
def _request_named_outside_the_signature(one: Trial) -> Any:
    """An unsolicited assertion in a response to which somebody wrote a request's ID."""
    root = signed(one.said(name_id=VICTIM, in_response_to=None))
    root.set("InResponseTo", one.request_id)
    return root


@ATTACKS.because("wrong_confirmation")
def _two_requests(one: Trial) -> Any:
    """The unsigned part names another request than the signed one."""
    return signed(one.said(name_id=VICTIM, response_in_response_to="_another"))


@ATTACKS.because("unknown_request")
def _request_of_nobody(one: Trial) -> Any:
    return signed(one.said(name_id=VICTIM, in_response_to="_nobody-asked-this"))


@ATTACKS.because("not_one_bearer")
def _holder_of_key(one: Trial) -> Any:
    """Another way of confirming that we cannot check."""
    root = response(one.said(name_id=VICTIM))
    confirmation = next(root.iter(f"{{{ASSERTION}}}SubjectConfirmation"))
    confirmation.addnext(copy.deepcopy(confirmation))
    sign(inner(root))
    return reread(root)


@ATTACKS.because("unknown_person")
def _somebody_unknown(one: Trial) -> Any:
    return signed(one.said(name_id="nobody-here"))


@pytest.mark.requirement("REQ-180")
@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_refused(attempt: Trial, name: str) -> None:
    """403, no session, one entry with the reason; the honest answer is accepted afterwards."""
    assert_refused(attempt, *ATTACKS[name])
