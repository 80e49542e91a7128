"""Certificates without a server: what holds, and every way in which one does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from seatledger_client import Client, Clock, KeySet, TokenRefused
from seatledger_client.certificates import BEGIN, END, read_certificate
from seatledger_client.encoding import to_bytes, to_text
from seatledger_client.tokens import Kind
from tests.vendor import NOON, Server, Vendor

VENDOR = Vendor()
ORDER = 2**252 + 27742317777372353535851937790883648493


def read(text, at=NOON, **given):
    return read_certificate(text, keys=VENDOR.keys, issuer="lumen-cad", product="lumen-cad", at=at, **given)


def test_a_file_and_a_token_say_the_same():
    """Licence, end, features; folded lines and mail programs' blanks do no harm."""
    token = VENDOR.certificate()
    folded = "\r\n".join([BEGIN, *(f"  {token[at : at + 64]}" for at in range(0, len(token), 64)), END])
    found = read(f"Dear customer,\n{folded}\n-- \nLumen")
    assert found == read(token)
    assert (found.license_id, found.features, found.sequence) == ("licence-1", ("render-3d",), 1)
    assert found.expires_at == NOON + timedelta(days=30)


@pytest.mark.parametrize(
    ("away", "reason"),
    [(timedelta(days=30), "expired"), (timedelta(seconds=-1), "not_yet")],
)
def test_certificates_hold_in_their_time(away, reason):
    """Not at the end, not before the beginning."""
    with pytest.raises(TokenRefused) as refused:
        read(VENDOR.certificate(), at=NOON + away)
    assert refused.value.reason == reason
    read(VENDOR.certificate(), at=NOON + timedelta(days=30, microseconds=-1))


def test_a_feature_ends_before_its_certificate():
    """A feature with an end of its own is gone at that second."""
    token = VENDOR.certificate(features={"a": None, "b": int(NOON.timestamp()) + 60})
    assert read(token).features == ("a", "b")
    assert read(token, at=NOON + timedelta(seconds=60)).features == ("a",)


def _with_signature(change):
    message, _, signature = VENDOR.certificate().rpartition(".")
    return f"{message}.{to_text(change(to_bytes(signature)))}"


def _s_plus_order(signature):
    s = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + s.to_bytes(32, "little")


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (VENDOR.signed(Kind.LICENSE, {}, alg="none"), "algorithm"),
        (VENDOR.signed(Kind.LICENSE, {}, alg="HS256"), "algorithm"),
        (VENDOR.signed(Kind.LICENSE, {}, crit=["exp"]), "algorithm"),
        (VENDOR.signed(Kind.ACTIVATION, {}), "kind"),
        (VENDOR.signed(Kind.DECISION, {}), "kind"),
        (VENDOR.signed(Kind.LICENSE, {}, kid="other"), "key"),
        (Vendor(b"x" * 32).certificate(), "key"),
        (VENDOR.certificate()[:-2], "signature"),
        (_with_signature(lambda signature: bytes([signature[0] ^ 1]) + signature[1:]), "signature"),
        (_with_signature(_s_plus_order), "signature"),
        (VENDOR.certificate(iss="other"), "claim"),
        (VENDOR.certificate(aud="other"), "claim"),
        (VENDOR.certificate(fp="another machine"), "claim"),
        (VENDOR.certificate(exp=True), "claim"),
        ("a.b", "malformed"),
        ("a" * 20_000, "malformed"),
        (f"{BEGIN}\n{END}", "malformed"),
        (VENDOR.certificate().replace(".", "=.", 1), "malformed"),
    ],
)
def test_what_is_no_certificate_of_ours_is_refused(token, reason):
    """Algorithm, type, key, signature, S ≥ L, addressee, machine, form: each by its own reason."""
    with pytest.raises(TokenRefused) as refused:
        read(token)
    assert refused.value.reason == reason


def test_every_bit_counts():
    """Any flipped bit of the signed part makes the certificate worthless."""
    message, _, signature = VENDOR.certificate().rpartition(".")
    header, payload = message.split(".")
    raw = to_bytes(payload)
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises(TokenRefused):
            read(f"{header}.{to_text(changed)}.{signature}")


def test_an_older_certificate_does_not_come_back(tmp_path):
    """Once the second certificate was used here, the first is refused; a restart does not help."""

    def client():
        return Client(
            "https://licences.example.com",
            issuer="lumen-cad",
            product="lumen-cad",
            keys=VENDOR.keys,
            state=tmp_path / "state.json",
            transport=Server(VENDOR),
            clock=Clock(lambda: NOON),
        )

    assert client().certificate(VENDOR.certificate(seq=2)).sequence == 2
    with pytest.raises(TokenRefused, match="newer"):
        client().certificate(VENDOR.certificate(seq=1))


def test_a_clock_set_back_does_not_prolong(tmp_path):
    """Whoever turns the clock back to before the end is found out by the moment that was seen after it."""
    moment = [NOON + timedelta(days=40)]
    one = Client(
        "https://licences.example.com",
        issuer="lumen-cad",
        product="lumen-cad",
        keys=VENDOR.keys,
        state=tmp_path / "state.json",
        transport=replace(Server(VENDOR), at=NOON + timedelta(days=40)),
        clock=Clock(lambda: moment[0]),
    )
    one.validate("KEY")
    moment[0] = NOON + timedelta(days=1)
    with pytest.raises(TokenRefused, match="behind"):
        one.certificate(VENDOR.certificate())


@pytest.mark.parametrize("broken", [{}, {"keys": 1}, {"keys": [{"crv": "Ed25519"}]}])
def test_key_sets_are_checked(broken):
    """A set that is none, and a key under a name that is not its thumbprint, are refused when they are read."""
    with pytest.raises(ValueError, match="key"):
        KeySet.of(broken)
    renamed = {"keys": [{**VENDOR.jwks["keys"][0], "kid": "mine"}]}
    with pytest.raises(ValueError, match="thumbprint"):
        KeySet.of(renamed)
