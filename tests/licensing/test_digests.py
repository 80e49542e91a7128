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


def test_the_digest_of_a_subject_is_hmac_sha_256_over_kind_and_value() -> None:
    """Anybody with the pepper can recompute it by RFC 2104 from the documented message."""
    expected = hmac.new(OLD.secret, "seatledger/user/v1\nkäthe".encode(), hashlib.sha256).hexdigest()
    assert subject_digest(kind="user", value=" käthe\n", pepper=OLD) == expected


def test_digests_of_subjects_are_told_apart_by_kind_pepper_and_value() -> None:
    """The same text is another fingerprint than it is a user, and nothing but white space round it is forgiven."""
    kinds = {subject_digest(kind=kind, value="a", pepper=OLD) for kind in SUBJECT_KINDS}
    values = {subject_digest(kind="user", value=value, pepper=OLD) for value in ("a", "A", "a b", "ab")}
    assert (len(kinds), len(values)) == (3, 4)
    assert subject_digest(kind="user", value="a", pepper=NEW) not in values
    assert key_digest(key="a", pepper=OLD).digest.hex() not in kinds


def test_a_kind_that_nobody_has_agreed_on_is_refused() -> None:
    """A misspelt kind would make digests that are never found again."""
    with pytest.raises(ValueError, match="kind"):
        subject_digest(kind="fingerprints", value="a", pepper=OLD)
