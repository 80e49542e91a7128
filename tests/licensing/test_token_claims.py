"""What a well-signed token must say to be accepted, and when."""

from datetime import timedelta

import pytest

from licensing.jwk import jwks_of, read_jwks
from licensing.signing import Signer, TokenExpired, TokenKind, TokenNotYetValid, UnknownKey, WrongClaim, verify
from tests.licensing.tokens import CLAIMS, EPOCH, ISSUED, KEYS, SIGNER, checked, license_token

A_MICROSECOND = timedelta(microseconds=1)


def test_a_token_holds_strictly_before_its_end() -> None:
    """Valid until one microsecond before `exp`, refused from `exp` on."""
    end = ISSUED + timedelta(days=1)
    assert checked(license_token(), at=end - A_MICROSECOND)["exp"] == EPOCH + 86_400
    for late in (end, end + A_MICROSECOND, end + timedelta(days=3_650)):
        with pytest.raises(TokenExpired):
            checked(license_token(), at=late)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_from_the_future_is_refused(claim: str) -> None:
    """Valid from the very second that it names, not one microsecond earlier."""
    token = license_token(**{claim: EPOCH + 60})
    assert checked(token, at=ISSUED + timedelta(seconds=60))[claim] == EPOCH + 60
    with pytest.raises(TokenNotYetValid):
        checked(token, at=ISSUED + timedelta(seconds=60) - A_MICROSECOND)


def test_leeway_forgives_clocks_that_differ() -> None:
    """The verifier may allow for a difference of clocks, on both ends and no further."""
    minute = timedelta(minutes=1)
    assert checked(license_token(), at=ISSUED - minute, leeway=minute) == CLAIMS
    assert checked(license_token(), at=ISSUED + timedelta(days=1) + minute - A_MICROSECOND, leeway=minute) == CLAIMS
    with pytest.raises(TokenNotYetValid):
        checked(license_token(), at=ISSUED - minute - A_MICROSECOND, leeway=minute)
    with pytest.raises(TokenExpired):
        checked(license_token(), at=ISSUED + timedelta(days=1) + minute, leeway=minute)


def test_a_licence_without_an_end_never_expires() -> None:
    """A perpetual licence has no `exp`; a lease without one is refused."""
    claims = {name: value for name, value in CLAIMS.items() if name != "exp"}
    assert checked(SIGNER.sign(kind=TokenKind.LICENSE, claims=claims), at=ISSUED + timedelta(days=36_500)) == claims
    with pytest.raises(WrongClaim) as refused:
        verify(SIGNER.sign(kind=TokenKind.LEASE, claims=claims), kind=TokenKind.LEASE, keys=KEYS, at=ISSUED)
    assert refused.value.details == {"claim": "exp"}


@pytest.mark.parametrize(
    ("kind", "claim"),
    [
        *((TokenKind.LICENSE, claim) for claim in ("iss", "aud", "sub", "jti", "iat", "nbf")),
        *((TokenKind.ACTIVATION, claim) for claim in ("iss", "aud", "sub", "jti", "iat", "nbf", "exp", "fp")),
        *((TokenKind.LEASE, claim) for claim in ("iss", "aud", "sub", "jti", "iat", "nbf", "exp")),
        *((TokenKind.DECISION, claim) for claim in ("iss", "iat", "nonce")),
    ],
)
def test_each_kind_says_what_it_must(kind: TokenKind, claim: str) -> None:
    """A signed token that lacks a claim which gives it meaning is refused, and the claim is named."""
    token = SIGNER.sign(kind=kind, claims={name: value for name, value in CLAIMS.items() if name != claim})
    with pytest.raises(WrongClaim) as refused:
        verify(token, kind=kind, keys=KEYS, at=ISSUED)
    assert refused.value.details == {"claim": claim}


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [None, "1750000000", 1750000000.5, True, [1750000000]])
def test_times_are_whole_seconds(claim: str, value: object) -> None:
    """A time that is no number of seconds is refused, never read as "no limit"."""
    with pytest.raises(WrongClaim) as refused:
        checked(license_token(**{claim: value}))
    assert refused.value.details == {"claim": claim}


@pytest.mark.parametrize(
    "expect",
    [{"aud": "another-product"}, {"iss": "lumen-cad", "aud": "another"}, {"nonce": "bm9uY2V"}, {"absent": "x"}],
)
def test_expected_claims_must_be_equal(expect: dict[str, str]) -> None:
    """A certificate for another product, or an answer to another question, is refused."""
    with pytest.raises(WrongClaim):
        checked(license_token(), expect=expect)


def test_expected_claims_that_are_equal() -> None:
    """Issuer and product as expected: accepted."""
    assert checked(license_token(), expect={"iss": "lumen-cad", "aud": "lumen-cad-pro"}) == CLAIMS


def test_a_time_without_a_zone_is_refused() -> None:
    """The verifier's clock must say which instant it means."""
    with pytest.raises(ValueError, match="time zone"):
        checked(license_token(), at=ISSUED.replace(tzinfo=None))


def test_rotation_verifies_under_old_and_new_key() -> None:
    """While both keys are published, tokens of both verify; after the old one is gone, its tokens do not."""
    new = Signer(bytes(range(32)))
    both = read_jwks(jwks_of([new.public, SIGNER.public]))
    assert checked(license_token(), keys=both) == CLAIMS
    assert checked(new.sign(kind=TokenKind.LICENSE, claims=CLAIMS), keys=both) == CLAIMS
    with pytest.raises(UnknownKey):
        checked(license_token(), keys={new.kid: new.public})
