"""Signed tokens: published vectors, frozen vectors of our own, and everything that must not verify."""

import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.armour import armour
from licensing.jwk import jwks_of, kid_of, read_jwks, to_base64url
from licensing.signing import (
    LONGEST_TOKEN,
    MalformedToken,
    Signer,
    TokenKind,
    TokenRefused,
    UnknownKey,
    WrongAlgorithm,
    WrongKind,
    WrongSignature,
    signature_fits,
    verify,
)
from tests.licensing.tokens import (
    CLAIMS,
    ISSUED,
    KEYS,
    SEED,
    SIGNER,
    checked,
    header_of,
    license_token,
    part,
    resigned,
)

A_MICROSECOND = timedelta(microseconds=1)
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
FOLDER = Path(__file__).parent / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "tokens.json").read_text())
RFC_8032: list[dict[str, str]] = json.loads((FOLDER / "rfc8032.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", RFC_8032, ids=lambda vector: vector["message"][:4] or "empty")
def test_vectors_of_rfc_8032(vector: dict[str, str]) -> None:
    """The signature primitive gives the public key and the signature that the RFC prints, and accepts them."""
    signer, message = Signer(bytes.fromhex(vector["seed"])), bytes.fromhex(vector["message"])
    assert signer.public.hex() == vector["public"]
    assert signer.signature_of(message).hex() == vector["signature"]
    assert signature_fits(message=message, signature=bytes.fromhex(vector["signature"]), public=signer.public)


def test_the_signature_of_rfc_8037() -> None:
    """The JWS of RFC 8037, appendix A.4, has the signature that the RFC prints."""
    message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    assert to_base64url(SIGNER.signature_of(message)) == (
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )


@pytest.mark.parametrize("vector", VECTORS["tokens"], ids=lambda vector: vector["kind"])
def test_frozen_vectors(vector: dict[str, Any]) -> None:
    """A token that this release signs is the same, byte for byte, in every later one; so is its file."""
    kind = TokenKind(vector["kind"])
    signer = Signer(bytes.fromhex(VECTORS["seed"]))
    assert jwks_of([signer.public]) == VECTORS["jwks"]
    assert signer.sign(kind=kind, claims=vector["claims"]) == vector["token"]
    verified = verify(vector["token"], kind=kind, keys=read_jwks(VECTORS["jwks"]), at=ISSUED)
    assert verified.claims == vector["claims"]
    if kind is TokenKind.LICENSE:
        assert armour(vector["token"]) == VECTORS["file"]


@pytest.mark.parametrize("kind", TokenKind)
def test_the_header_names_algorithm_key_and_kind(kind: TokenKind) -> None:
    """Three members and no more, for each kind of token."""
    token = SIGNER.sign(kind=kind, claims=CLAIMS)
    assert header_of(token) == {"alg": "EdDSA", "kid": SIGNER.kid, "typ": kind.value}
    verified = verify(token, kind=kind, keys=KEYS, at=ISSUED)
    assert (verified.kid, verified.kind, verified.claims) == (SIGNER.kid, kind, CLAIMS)


def test_both_names_of_the_algorithm_are_accepted() -> None:
    """We write EdDSA, and read Ed25519 (RFC 9864) as well."""
    assert checked(resigned({"alg": "Ed25519", "kid": SIGNER.kid, "typ": TokenKind.LICENSE}, CLAIMS)) == CLAIMS


@pytest.mark.parametrize("signed", TokenKind)
@pytest.mark.parametrize("asked", TokenKind)
def test_no_kind_stands_in_for_another(signed: TokenKind, asked: TokenKind) -> None:
    """A lease is no licence and a licence is no answer, although the same key signed both."""
    token = SIGNER.sign(kind=signed, claims=CLAIMS)
    if signed is asked:
        assert verify(token, kind=asked, keys=KEYS, at=ISSUED).kind is asked
        return
    with pytest.raises(WrongKind):
        verify(token, kind=asked, keys=KEYS, at=ISSUED)


@pytest.mark.parametrize(
    "typ", [None, "JWT", "seatledger-license", "SEATLEDGER-LICENSE+JWT", ["seatledger-license+jwt"]]
)
def test_other_types_are_refused(typ: object) -> None:
    """A token without a type, or of a general one, is not what was asked for."""
    with pytest.raises(WrongKind):
        checked(resigned({"alg": "EdDSA", "kid": SIGNER.kid, "typ": typ}, CLAIMS))


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "nOnE", "", "eddsa", "HS256", "RS256", "Ed448", None, ["EdDSA"], 0]
)
def test_other_algorithms_are_refused_even_if_well_signed(algorithm: object) -> None:
    """What the header says about the algorithm is compared, never followed."""
    with pytest.raises(WrongAlgorithm):
        checked(resigned({"alg": algorithm, "kid": SIGNER.kid, "typ": TokenKind.LICENSE}, CLAIMS))


def test_algorithm_none_without_a_signature_is_refused() -> None:
    """The oldest attack on JWT: no algorithm, no signature."""
    header = part({"alg": "none", "kid": SIGNER.kid, "typ": TokenKind.LICENSE})
    with pytest.raises(WrongAlgorithm):
        checked(f"{header}.{part(CLAIMS)}.")


def test_hs256_with_the_public_key_is_refused() -> None:
    """The second oldest: the public key, which everybody has, used as a shared secret."""
    message = f"{part({'alg': 'HS256', 'kid': SIGNER.kid, 'typ': TokenKind.LICENSE})}.{part(CLAIMS)}"
    forged = to_base64url(hmac.digest(SIGNER.public, message.encode(), "sha256"))
    with pytest.raises(WrongAlgorithm):
        checked(f"{message}.{forged}")


@pytest.mark.parametrize(
    "extra",
    [{"jwk": jwks_of([SIGNER.public])["keys"][0]}, {"jku": "https://evil.example/"}, {"crit": ["b64"]}, {"b64": False}],
)
def test_a_token_cannot_bring_its_own_key_or_rules(extra: dict[str, object]) -> None:
    """Header members that we never write are refused, also when the signature fits."""
    with pytest.raises(WrongAlgorithm):
        checked(resigned({"alg": "EdDSA", "kid": SIGNER.kid, "typ": TokenKind.LICENSE, **extra}, CLAIMS))


@pytest.mark.parametrize("kid", ["", "unknown", None, 7, ["x"]])
def test_an_unknown_key_is_refused(kid: object) -> None:
    """A token must name one of the keys that the verifier was given."""
    with pytest.raises(UnknownKey):
        checked(resigned({"alg": "EdDSA", "kid": kid, "typ": TokenKind.LICENSE}, CLAIMS))


def test_a_key_of_another_organisation_under_our_name_is_refused() -> None:
    """Whoever signs with an own key and writes our `kid` fails on the signature."""
    stranger = Signer(bytes(range(32)))
    with pytest.raises(WrongSignature):
        checked(resigned({"alg": "EdDSA", "kid": SIGNER.kid, "typ": TokenKind.LICENSE}, CLAIMS, signer=stranger))
    with pytest.raises(UnknownKey):
        checked(stranger.sign(kind=TokenKind.LICENSE, claims=CLAIMS))


def test_a_signature_written_with_s_not_below_l_is_refused() -> None:
    """S + L would verify in a careless implementation and give one licence two texts (RFC 8032 §5.1.7)."""
    message, _, text = license_token().rpartition(".")
    signature = SIGNER.signature_of(message.encode())
    assert to_base64url(signature) == text
    larger = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    malleable = signature[:32] + larger.to_bytes(32, "little")
    with pytest.raises(WrongSignature):
        checked(f"{message}.{to_base64url(malleable)}")


def test_a_key_of_small_order_signs_nothing() -> None:
    """For such a key one signature fits many messages; it is refused although the equation holds."""
    identity = bytes([1]) + bytes(31)
    forged = resigned({"alg": "EdDSA", "kid": kid_of(identity), "typ": TokenKind.LICENSE}, CLAIMS)
    message = forged.rpartition(".")[0]
    with pytest.raises(WrongSignature):
        checked(f"{message}.{to_base64url(identity + bytes(32))}", keys={kid_of(identity): identity})


@given(st.data())
def test_any_changed_or_missing_character_is_found(data: st.DataObject) -> None:
    """One character changed, one left out or the end cut off: never accepted."""
    token = license_token()
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCxyz019-_.=~ é").filter(lambda symbol: symbol != token[place]))
    for broken in (token[:place] + other + token[place + 1 :], token[:place] + token[place + 1 :], token[:place]):
        with pytest.raises(TokenRefused):
            checked(broken)


@pytest.mark.requirement("REQ-152")
@given(st.integers(0, 8 * len(license_token()) - 1))
def test_any_flipped_bit_is_found(bit: int) -> None:
    """In the header, the claims or the signature, also where what is changed is still well written."""
    flipped = bytearray(license_token().encode())
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(TokenRefused):
        checked(flipped.decode("latin-1"))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "...",
        "a.b",
        "a.b.c.d",
        "e30.e30",
        f"{to_base64url(b'[]')}.{part(CLAIMS)}.AA",
        f"{to_base64url(b'not json')}.{part(CLAIMS)}.AA",
        license_token() + ".",
        license_token() + "=",
        " " + license_token(),
        "A" * (LONGEST_TOKEN + 1),
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    """Too many or too few parts, other text and huge input get one clear code."""
    with pytest.raises(MalformedToken) as refused:
        checked(token)
    assert (refused.value.code, refused.value.status) == ("TOKEN_MALFORMED", 400)


@pytest.mark.parametrize("payload", [b"[]", b"7", b"not json", b"", b'{"iss":'])
def test_claims_must_be_an_object_even_if_signed(payload: bytes) -> None:
    """What our own key signed by mistake is still not a set of claims."""
    header = part({"alg": "EdDSA", "kid": SIGNER.kid, "typ": TokenKind.LICENSE})
    message = f"{header}.{to_base64url(payload)}"
    with pytest.raises(MalformedToken):
        checked(f"{message}.{to_base64url(SIGNER.signature_of(message.encode()))}")


def test_the_seed_is_not_in_the_representation() -> None:
    """A signer in a log or a traceback shows its name only."""
    assert repr(SIGNER) == f"Signer({SIGNER.kid})"
    assert SEED.hex() not in repr(SIGNER)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_has_32_bytes(length: int) -> None:
    """A cut or doubled secret is refused when it is loaded, not when a customer validates."""
    with pytest.raises(ValueError, match="32 bytes"):
        Signer(bytes(length))
