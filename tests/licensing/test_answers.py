"""Signed answers: what the client reads is what was decided, for its own question, at the server's time."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from licensing.answers import answer_claims, decision_json, fact_json, rfc3339, sign_answer
from licensing.explaining import explanation_json
from licensing.rules.decision import decide
from licensing.rules.explanation import Source, explained
from licensing.rules.facts import LicenseStatus, ValidationScope
from licensing.signing import TokenKind, WrongClaim, WrongKind, verify
from tests.licensing.cases import ANYTHING, FIRST_USE, IN_NORWAY, MAINTAINED, NOW, WITH_GRACE
from tests.licensing.tokens import KEYS, SIGNER

NONCE = "bm9uY2U"


def test_an_answer_carries_decision_nonce_and_server_time() -> None:
    """A client that knows the published keys gets the decision, bound to its nonce and to the instant."""
    claims = answer_claims(
        decide(WITH_GRACE, ANYTHING, NOW), issuer="lumen-cad", at=NOW, nonce=NONCE, license_id="license-1"
    )
    token = sign_answer(claims, signer=SIGNER)
    verified = verify(token, kind=TokenKind.DECISION, keys=KEYS, at=NOW, expect={"nonce": NONCE, "iss": "lumen-cad"})
    assert verified.claims == {
        "valid": True,
        "code": "VALID",
        "findings": [],
        "warnings": [{"code": "IN_GRACE", "until": "2025-06-22T12:00:00.000000Z"}],
        "obligations": [],
        "iss": "lumen-cad",
        "iat": 1749988800,
        "server_time": "2025-06-15T12:00:00.000000Z",
        "nonce": NONCE,
        "sub": "license-1",
    }


def test_an_answer_to_another_question_is_refused() -> None:
    """A recorded answer cannot be played back to a new question."""
    token = sign_answer(
        answer_claims(decide(WITH_GRACE, ANYTHING, NOW), issuer="lumen-cad", at=NOW, nonce=NONCE), signer=SIGNER
    )
    with pytest.raises(WrongClaim):
        verify(token, kind=TokenKind.DECISION, keys=KEYS, at=NOW, expect={"nonce": "another"})
    with pytest.raises(WrongKind):
        verify(token, kind=TokenKind.LICENSE, keys=KEYS, at=NOW)


def test_an_unknown_key_gets_a_signed_answer_without_licence_data() -> None:
    """The answer says NOT_FOUND and nothing else about any licence."""
    claims = answer_claims(decide(None, ANYTHING, NOW), issuer="lumen-cad", at=NOW, nonce=NONCE)
    assert claims == {
        "valid": False,
        "code": "NOT_FOUND",
        "findings": ["NOT_FOUND"],
        "warnings": [],
        "obligations": [],
        "iss": "lumen-cad",
        "iat": 1749988800,
        "server_time": "2025-06-15T12:00:00.000000Z",
        "nonce": NONCE,
    }


def test_findings_are_codes_and_tell_no_facts() -> None:
    """An anonymous client learns that its country is outside, not which countries are inside."""
    decision = decide(replace(IN_NORWAY, status=LicenseStatus.SUSPENDED), ValidationScope(country="DE"), NOW)
    told = decision_json(decision)
    assert told["findings"] == ["SUSPENDED", "COUNTRY_DENIED"]
    assert "NO" not in str(told).split("'")


def test_who_may_ask_why_gets_the_facts() -> None:
    """Rule, fact, value, what it would have to be, its row and a cure, for each finding, as JSON."""
    facts = replace(IN_NORWAY, status=LicenseStatus.SUSPENDED, valid_from=NOW + timedelta(days=1))
    told = explanation_json(
        explained(facts, ValidationScope(country="DE"), NOW, sources={"status": Source("license", "l-1")})
    )
    assert (told["at"], told["valid"], told["code"]) == ("2025-06-15T12:00:00.000000Z", False, "SUSPENDED")
    assert told["findings"] == [
        {
            "code": "SUSPENDED",
            "rule": "suspended",
            "fact": "status",
            "actual": "suspended",
            "required": "active",
            "source": {"kind": "license", "id": "l-1"},
            "cure": "Reinstate the licence.",
        },
        {
            "code": "NOT_YET_EFFECTIVE",
            "rule": "not_yet_effective",
            "fact": "valid_from",
            "actual": "2025-06-15T12:00:00.000000Z",
            "required": "2025-06-16T12:00:00.000000Z",
            "source": None,
            "cure": "Activate the licence if it is a draft, otherwise wait for its first day.",
        },
        {
            "code": "COUNTRY_DENIED",
            "rule": "country_denied",
            "fact": "country",
            "actual": "DE",
            "required": ["NO", "SE"],
            "source": None,
            "cure": "Extend the territories, or use the licence inside them.",
        },
    ]


def test_lengths_of_time_are_written_as_durations() -> None:
    """A silence that is allowed for ten minutes is PT600S (ISO 8601)."""
    assert fact_json(timedelta(minutes=10)) == "PT600S"


def test_obligations_are_told_with_their_times() -> None:
    """The start of a term has two instants, a check of the release date has one."""
    assert decision_json(decide(FIRST_USE, ANYTHING, NOW))["obligations"] == [
        {"code": "START_TERM", "since": "2025-06-15T12:00:00.000000Z", "until": "2025-07-15T12:00:00.000000Z"}
    ]
    assert decision_json(decide(MAINTAINED, ANYTHING, NOW))["obligations"] == [
        {"code": "CHECK_RELEASE_DATE", "since": None, "until": "2025-06-15T12:00:00.000000Z"}
    ]


def test_times_are_written_in_utc_with_microseconds() -> None:
    """Whatever zone an instant came in, its text sorts like the instant."""
    oslo = datetime(2025, 6, 15, 14, 0, 0, 7, tzinfo=timezone(timedelta(hours=2)))
    assert rfc3339(oslo) == "2025-06-15T12:00:00.000007Z"
