"""Licence certificates: the token says what the server would decide, and never more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.certificate import CertificateClaims, certificate_claims
from licensing.rules.codes import Code
from licensing.rules.decision import decide
from licensing.rules.facts import ExpiryStrategy, FeatureGrant, LicenseFacts, ValidationScope
from licensing.rules.terms import Period
from licensing.rules.versions import read_range
from licensing.signing import TokenExpired, TokenKind, verify
from tests.licensing.cases import ANYTHING, CREATED, ENDS_NOW, FIRST_USE, MAINTAINED, NOW, PERPETUAL, WITH_GRACE
from tests.licensing.tokens import KEYS, SIGNER

A_SECOND = timedelta(seconds=1)
HALF_A_SECOND = timedelta(microseconds=500_000)


def claims_of(facts: LicenseFacts, at: datetime = CREATED, **changes: Any) -> CertificateClaims:
    arguments: dict[str, Any] = {
        "facts": facts,
        "at": at,
        "issuer": "lumen-cad",
        "audience": "CAD",
        "subject": "license-1",
        "token_id": "certificate-1",
        "sequence": 7,
        "limits": {},
        **changes,
    }
    return certificate_claims(**arguments)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def test_a_perpetual_licence() -> None:
    """Who, what, which and since when; no end, and nothing that is not restricted."""
    assert claims_of(PERPETUAL) == {
        "iss": "lumen-cad",
        "aud": "CAD",
        "sub": "license-1",
        "jti": "certificate-1",
        "iat": seconds(CREATED),
        "nbf": seconds(CREATED),
        "seq": 7,
        "model": "perpetual",
        "features": {},
    }


def test_a_subscription_with_everything() -> None:
    """Grace lies before the end, features are named with their own end, limits and boundaries are all there."""
    facts = replace(
        WITH_GRACE,
        maintenance_until=NOW,
        version_range=read_range(">=2 <4"),
        territories=frozenset({"SE", "NO"}),
        features=(FeatureGrant("render", Period(None, NOW)), FeatureGrant("editor"), FeatureGrant("late", Period(NOW))),
    )
    claims = claims_of(facts, limits={"users": 5, "activations": 3})
    assert claims["exp"] == seconds(NOW + timedelta(days=7))
    assert claims["grace"] == seconds(NOW)
    assert claims["maintenance"] == seconds(NOW)
    assert claims["versions"] == ">=2 <4"
    assert claims["territories"] == ["NO", "SE"]
    assert claims["limits"] == {"activations": 3, "users": 5}
    assert claims["features"] == {"editor": None, "render": seconds(NOW)}


@pytest.mark.parametrize(
    ("strategy", "exp", "maintenance"),
    [
        (ExpiryStrategy.RESTRICT, seconds(NOW), None),
        (ExpiryStrategy.REVOKE, seconds(NOW), None),
        (ExpiryStrategy.MAINTAIN, None, seconds(NOW)),
        (ExpiryStrategy.ALLOW, None, None),
    ],
)
def test_the_strategy_decides_whether_a_certificate_ends(
    strategy: ExpiryStrategy, exp: int | None, maintenance: int | None
) -> None:
    """A licence that outlives its term has a certificate without an end; maintained, it stops at newer releases."""
    claims = claims_of(replace(ENDS_NOW, expiry_strategy=strategy))
    assert (claims.get("exp"), claims.get("maintenance")) == (exp, maintenance)


def test_grace_that_adds_nothing_is_not_mentioned() -> None:
    """A grace that ends with the term or before it changes neither claim."""
    claims = claims_of(replace(ENDS_NOW, grace_until=NOW))
    assert claims.get("exp") == seconds(NOW)
    assert "grace" not in claims


def test_a_licence_of_tomorrow() -> None:
    """A certificate may be issued ahead; it begins when the licence does."""
    claims = claims_of(replace(PERPETUAL, valid_from=NOW))
    assert (claims["iat"], claims["nbf"]) == (seconds(CREATED), seconds(NOW))
    assert claims_of(replace(PERPETUAL, valid_from=CREATED), at=NOW)["nbf"] == seconds(NOW)


def test_a_term_that_has_not_begun_counts_from_the_certificate() -> None:
    """A trial from first use that is taken offline runs from the moment at which its certificate is issued."""
    assert claims_of(FIRST_USE, at=NOW).get("exp") == seconds(NOW + timedelta(days=30))


def test_fractions_of_a_second_are_rounded_against_the_holder() -> None:
    """The certificate begins no earlier and ends no later than the licence."""
    claims = claims_of(replace(ENDS_NOW, valid_from=CREATED + HALF_A_SECOND, expires_at=NOW + HALF_A_SECOND))
    assert claims["nbf"] == seconds(CREATED) + 1
    assert claims.get("exp") == seconds(NOW)


def test_a_feature_granted_twice_lasts_as_long_as_the_longer_grant() -> None:
    """Two add-ons with one feature: the later end counts, and no end beats any."""
    earlier, later = FeatureGrant("a", Period(None, NOW)), FeatureGrant("a", Period(None, NOW + A_SECOND))
    assert claims_of(replace(PERPETUAL, features=(later, earlier)))["features"] == {"a": seconds(NOW + A_SECOND)}
    assert claims_of(replace(PERPETUAL, features=(earlier, FeatureGrant("a"), later)))["features"] == {"a": None}


@given(
    st.sampled_from(ExpiryStrategy),
    st.sampled_from([ENDS_NOW, WITH_GRACE, PERPETUAL, MAINTAINED]),
    st.integers(-400, 400).map(lambda hours: NOW + timedelta(hours=hours)),
)
def test_certificate_and_server_agree(strategy: ExpiryStrategy, facts: LicenseFacts, at: datetime) -> None:
    """At every instant after its issue the certificate is accepted exactly when the server would say valid."""
    facts = replace(facts, expiry_strategy=strategy)
    token = SIGNER.sign(kind=TokenKind.LICENSE, claims=dict(claims_of(facts)))
    if decide(facts, ANYTHING, at).valid:
        assert verify(token, kind=TokenKind.LICENSE, keys=KEYS, at=at).claims["sub"] == "license-1"
        return
    assert decide(facts, ValidationScope(), at).code is Code.EXPIRED
    with pytest.raises(TokenExpired):
        verify(token, kind=TokenKind.LICENSE, keys=KEYS, at=at)


def test_an_instant_needs_a_zone() -> None:
    """A certificate is never dated by a clock of unknown zone."""
    with pytest.raises(ValueError, match="time zone"):
        claims_of(PERPETUAL, at=datetime.fromisoformat("2025-01-01T00:00"))
    assert claims_of(PERPETUAL, at=datetime(2025, 1, 1, 9, tzinfo=UTC))["iat"] == seconds(CREATED)
