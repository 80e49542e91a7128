"""Digests of keys: found again, never read back."""

import hashlib
import hmac

import pytest

from licensing.rules.digests import SUBJECT_KINDS, Pepper, key_digest, lookup_digests, subject_digest
from licensing.rules.key_format import encode, normalise

KEY = normalise(encode(bits=0x2_1234_5678_9ABC_DEF0_1234_5678_9ABC_DEF0))
OLD = Pepper(1, bytes(range(32)))
NEW = Pepper(2, bytes(range(32, 64)))


def test_the_digest_is_hmac_sha_256_over_purpose_and_key() -> None:
    """Anybody with the pepper can recompute the digest by RFC 2104 from the documented message."""
    expected = hmac.new(OLD.secret, b"seatledger/license-key/v1\n" + KEY.encode(), hashlib.sha256).digest()
    assert key_digest(key=KEY, pepper=OLD).digest == expected


def test_a_frozen_digest() -> None:
    """The stored form never changes: keys issued by this release are found by every later one."""
    assert key_digest(key=KEY, pepper=OLD).digest.hex() == (
        "777da67d37465cceb858479f50373f0983df3a6ac269b6833c05ddf62725474f"
    )


def test_only_six_symbols_are_kept_in_the_clear() -> None:
    """The prefix shows 30 of the 130 bits; 100 stay unknown to whoever reads the table."""
    kept = key_digest(key=KEY, pepper=OLD)
    assert kept.prefix == KEY[:6]
    assert kept.pepper_version == 1


def test_a_rotation_looks_under_every_pepper_newest_first() -> None:
    """During a rotation the key is looked for under the new pepper and, as it may be older, under the old one."""
    found = lookup_digests(key=KEY, peppers=[OLD, NEW])
    assert [digest.pepper_version for digest in found] == [2, 1]
    assert found[1] == key_digest(key=KEY, pepper=OLD)
    assert found[0].digest != found[1].digest


def test_the_secret_is_not_in_the_representation() -> None:
    """A pepper that ends up in a log or a traceback does not give its secret away."""
    assert "secret" not in repr(OLD)
    assert OLD.secret.hex() not in repr(OLD)


@pytest.mark.parametrize(("version", "secret"), [(0, bytes(32)), (1, bytes(31)), (1, b"")])
def test_weak_peppers_are_refused(version: int, secret: bytes) -> None:
    """A pepper shorter than the hash, or without a version, is refused at the start and not at the first key."""
    with pytest.raises(ValueError, match="pepper"):
        Pepper(version, secret)


@pytest.mark.parametrize("kind", sorted(SUBJECT_KINDS))
def test_the_digest_of_a_subject_is_hmac_sha_256_over_kind_and_value(kind: str) -> None:
    """Anybody with the pepper can recompute it; whitespace round the value is off, nothing else is changed."""
    expected = hmac.new(OLD.secret, f"seatledger/{kind}/v1\nCAD 07".encode(), hashlib.sha256).hexdigest()
    assert subject_digest(kind=kind, value=" \tCAD 07\n", pepper=OLD) == expected
    assert subject_digest(kind=kind, value="cad 07", pepper=OLD) != expected
    assert subject_digest(kind=kind, value="CAD 07", pepper=NEW) != expected


def test_no_kind_of_subject_stands_in_for_another() -> None:
    """The same text is three different digests, and a kind that nobody planned has none."""
    assert len({subject_digest(kind=kind, value="same", pepper=OLD) for kind in SUBJECT_KINDS}) == 3
    with pytest.raises(ValueError, match="no kind"):
        subject_digest(kind="licence", value="same", pepper=OLD)
