"""Published keys: the vectors of RFC 8037, and sets that are not ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.jwk import BadKey, from_base64url, jwk_of, jwks_of, kid_of, read_jwks, to_base64url

# RFC 8037, appendices A.2 and A.3.
RFC_8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
PUBLIC = from_base64url(RFC_8037_X)


def test_the_thumbprint_of_rfc_8037() -> None:
    """The name of a key is the thumbprint that the RFC prints for it."""
    assert kid_of(PUBLIC) == RFC_8037_THUMBPRINT


def test_a_published_key_has_all_that_a_stranger_needs() -> None:
    """Type, curve, value, name, use and algorithm, and no private part."""
    assert jwk_of(PUBLIC) == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": RFC_8037_X,
        "kid": RFC_8037_THUMBPRINT,
        "use": "sig",
        "alg": "EdDSA",
    }


@given(st.lists(st.binary(min_size=32, max_size=32), unique=True, max_size=4))
def test_what_is_published_can_be_read(publics: list[bytes]) -> None:
    """A reader of the set gets exactly the keys, by their names and in their order."""
    assert list(read_jwks(jwks_of(publics)).items()) == [(kid_of(public), public) for public in publics]


def test_keys_of_other_types_are_passed_over() -> None:
    """A set that holds an RSA key, too, is still readable (RFC 7517 §5)."""
    published = {"keys": [{"kty": "RSA", "kid": "1", "n": "AQ", "e": "AQAB"}, jwk_of(PUBLIC), "no key at all"]}
    assert read_jwks(published) == {RFC_8037_THUMBPRINT: PUBLIC}


@pytest.mark.parametrize(
    "change",
    [
        {"kid": "another"},
        {"kid": None},
        {"x": RFC_8037_X[:-1]},
        {"x": RFC_8037_X + "="},
        {"x": to_base64url(bytes(31))},
        {"x": 7},
        {"kty": "EC"},
        {"use": "enc"},
    ],
)
def test_a_broken_key_is_refused(change: dict[str, object]) -> None:
    """A key whose value or name was altered makes the whole set suspect."""
    with pytest.raises(BadKey):
        read_jwks({"keys": [{**jwk_of(PUBLIC), **change}]})


@pytest.mark.parametrize("published", [{}, {"keys": None}, {"keys": {"kid": "x"}}])
def test_what_is_no_set_is_refused(published: dict[str, object]) -> None:
    """An error page in the place of a key set does not read as an empty set."""
    with pytest.raises(BadKey, match="list of keys"):
        read_jwks(published)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_public_key_has_32_bytes(length: int) -> None:
    """Anything else gets no name."""
    with pytest.raises(BadKey):
        kid_of(bytes(length))


@given(st.binary(max_size=70))
def test_base64url_is_written_in_one_way(data: bytes) -> None:
    """Bytes come back, and no other text reads as the same bytes."""
    text = to_base64url(data)
    assert from_base64url(text) == data
    assert "=" not in text


@pytest.mark.parametrize("text", ["A", "AB", "AAAAB", "AA==", "A+/A", "AA A", "AA\n", "ÄA", "AAB"])
def test_other_ways_to_write_bytes_are_refused(text: str) -> None:
    """Padding, white space, the other alphabet, and bits that belong to no byte are refused."""
    with pytest.raises(ValueError, match=r"base64url|one way"):
        from_base64url(text)
