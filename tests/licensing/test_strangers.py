"""Certificates are verified by programs that know nothing of Seatledger, with the published keys alone.

The programs are those of docs/verify-a-certificate.md, run as they are printed there.
"""

import hmac
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from licensing.armour import armour
from licensing.jwk import from_base64url, jwks_of, to_base64url
from licensing.signing import Signer, TokenKind
from tests.licensing.tokens import CLAIMS, SIGNER, part, resigned

PAGE = Path(__file__).parents[2] / "docs" / "verify-a-certificate.md"
RFC_8032: list[dict[str, str]] = json.loads((Path(__file__).parent / "vectors" / "rfc8032.json").read_text())["vectors"]
FROZEN: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "tokens.json").read_text())
PROMISE = "prints the claims of license.lic if a key of jwks.json signed it and it is valid now"
STRANGERS = {
    "openssl": ["sh", "verify-license.sh"],
    "node": ["node", "verify-license.mjs"],
    "pynacl": [sys.executable, "verify-license.py"],
}
PROGRAMS = {"openssl": "openssl", "node": "node", "pynacl": sys.executable}
PUBLISHED = [Signer(bytes(32)).public, SIGNER.public]
KEY_SET = json.dumps(jwks_of(PUBLISHED), indent=2)
NOW = datetime.now(UTC)
SECOND = int(NOW.timestamp())


def printed(name: str) -> str:
    """The program of this name, as the page prints it."""
    blocks: list[str] = re.findall(r"^```\w+\n(.*?)^```$", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)
    (program,) = (block for block in blocks if block.splitlines()[0].endswith(f"{name}: {PROMISE}"))
    return program


def needed(stranger: str) -> None:
    """A missing program may only be missed outside CI."""
    if shutil.which(PROGRAMS[stranger]) is None:
        message = f"{stranger} is not installed: nobody but us verifies our certificates"
        if os.environ.get("SEATLEDGER_CI") == "1":
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(params=STRANGERS)
def stranger(request, tmp_path):
    """Runs one stranger on a licence file and a key set; a missing program may only be missed outside CI."""
    needed(request.param)
    command = STRANGERS[request.param]
    (tmp_path / command[1]).write_text(printed(command[1]))

    def run(file: str, published: str = KEY_SET, kind: str = "license") -> subprocess.CompletedProcess[str]:
        (tmp_path / "license.lic").write_text(file, newline="")
        (tmp_path / "jwks.json").write_text(published)
        asked = [*command, kind]
        return subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    return run


BARE = {
    "openssl": (
        "{ printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; cat key; } > key.der; "
        "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -sigfile signature -in message"
    ),
    "node": (
        "const fs=require('fs'),{subtle}=require('crypto').webcrypto;(async()=>{const k=await subtle.importKey('raw',"
        "fs.readFileSync('key'),{name:'Ed25519'},false,['verify']);process.exit(await subtle.verify({name:'Ed25519'},k,"
        "fs.readFileSync('signature'),fs.readFileSync('message'))?0:1)})()"
    ),
    "pynacl": (
        "from nacl.signing import VerifyKey as K; r = lambda n: open(n, 'rb').read(); "
        "K(r('key')).verify(r('message'), r('signature'))"
    ),
}
RUN = {"openssl": ["sh", "-c"], "node": ["node", "-e"], "pynacl": [sys.executable, "-c"]}


@pytest.fixture(params=STRANGERS)
def stranger_verifies(request, tmp_path):
    """Whether the bare primitive of one stranger accepts a signature."""
    needed(request.param)

    def run(key: bytes, message: bytes, signature: bytes) -> bool:
        for name, value in (("key", key), ("message", message), ("signature", signature)):
            (tmp_path / name).write_bytes(value)
        command = [*RUN[request.param], BARE[request.param]]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False).returncode == 0

    return run


def claims(**changes: Any) -> dict[str, Any]:
    """Claims that hold today, with names among the features that a careless reader takes for claims."""
    day = int(timedelta(days=1).total_seconds())
    features = {"exp": 1, "nbf": SECOND + day, "render": None}
    return {**CLAIMS, "iat": SECOND, "nbf": SECOND, "exp": SECOND + day, "features": features, **changes}


def license_file(**changes: Any) -> str:
    return armour(SIGNER.sign(kind=TokenKind.LICENSE, claims=claims(**changes)))


@pytest.mark.requirement("REQ-152")
def test_a_stranger_accepts_a_certificate_and_reads_its_claims(stranger) -> None:
    """With the key set alone a stranger verifies the file and prints exactly the claims that were signed."""
    judged = stranger(license_file())
    assert judged.returncode == 0, judged.stderr
    assert json.loads(judged.stdout) == claims()


def test_a_stranger_accepts_a_perpetual_certificate_from_a_mangled_file(stranger) -> None:
    """No end, other line ends: still the same certificate."""
    endless = claims()
    del endless["exp"]
    judged = stranger(armour(SIGNER.sign(kind=TokenKind.LICENSE, claims=endless)).replace("\n", "\r\n"))
    assert judged.returncode == 0, judged.stderr
    assert json.loads(judged.stdout) == endless


@pytest.mark.parametrize("separators", [(",", ":"), (" , ", " : ")])
def test_a_stranger_reads_the_key_set_however_it_is_spaced(stranger, separators: tuple[str, str]) -> None:
    """White space and order of the key set do not matter."""
    judged = stranger(license_file(), json.dumps(jwks_of(reversed(PUBLISHED)), separators=separators))
    assert judged.returncode == 0, judged.stderr


def test_a_stranger_finds_the_frozen_certificate_expired_but_well_signed(stranger) -> None:
    """The certificate that is frozen with its key set gets past the signature and fails on its date."""
    judged = stranger(FROZEN["file"], json.dumps(FROZEN["jwks"]))
    assert judged.returncode != 0
    assert "expired" in judged.stderr


KINDS = {kind: kind.value.removeprefix("seatledger-").removesuffix("+jwt") for kind in TokenKind}


def kind_claims(kind: TokenKind) -> dict[str, Any]:
    """Claims of each kind that hold today."""
    if kind is TokenKind.REVOCATIONS:
        revoked = {"0197727e-5c00-7000-8000-000000000002": None, "0197727e-5c00-7000-8000-000000000003": SECOND}
        return {"iss": "lumen-cad", "iat": SECOND, "exp": SECOND + 86_400, "revoked": revoked, "kids": ["k"]}
    if kind is TokenKind.DECISION:
        return {"iss": "lumen-cad", "iat": SECOND, "nonce": "n", "valid": True, "code": "VALID"}
    return claims()


@pytest.mark.parametrize("kind", TokenKind)
def test_a_stranger_verifies_every_kind_and_none_for_another(stranger, kind: TokenKind) -> None:
    """Asked for the kind that it is, the claims; asked for any other, a refusal."""
    file = armour(SIGNER.sign(kind=kind, claims=kind_claims(kind)))
    judged = stranger(file, kind=KINDS[kind])
    assert judged.returncode == 0, judged.stderr
    assert json.loads(judged.stdout) == kind_claims(kind)
    other = KINDS[TokenKind.LEASE if kind is TokenKind.LICENSE else TokenKind.LICENSE]
    assert f"not a {other} certificate" in stranger(file, kind=other).stderr


@pytest.mark.parametrize("vector", FROZEN["tokens"], ids=lambda vector: vector["kind"])
def test_a_stranger_accepts_the_signature_of_every_frozen_token(stranger, vector: dict[str, Any]) -> None:
    """Each gets past the signature: it is accepted, or refused for its date alone."""
    kind = KINDS[TokenKind(vector["kind"])]
    judged = stranger(armour(vector["token"]), json.dumps(FROZEN["jwks"]), kind)
    ends = vector["claims"].get("exp")
    assert (judged.returncode == 0) is (ends is None or ends > SECOND), judged.stderr
    assert judged.returncode == 0 or "expired" in judged.stderr


def forged(header: dict[str, object]) -> str:
    return armour(resigned(header, claims()))


def altered(place: int) -> str:
    """A good certificate with one character of header (0), claims (1) or signature (2) changed."""
    parts = SIGNER.sign(kind=TokenKind.LICENSE, claims=claims()).split(".")
    middle = len(parts[place]) // 2
    swap = "A" if parts[place][middle] != "A" else "B"
    parts[place] = parts[place][:middle] + swap + parts[place][middle + 1 :]
    return armour(".".join(parts))


def malleable() -> str:
    """A good certificate whose S is written with the order of the group added (RFC 8032 §5.1.7)."""
    message, _, text = SIGNER.sign(kind=TokenKind.LICENSE, claims=claims()).rpartition(".")
    signature = from_base64url(text)
    larger = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    return f"{message}.{to_base64url(signature[:32] + larger.to_bytes(32, 'little'))}"


def hs256() -> str:
    """Signed with the public key, which everybody has, as a shared secret."""
    header = part({"alg": "HS256", "kid": SIGNER.kid, "typ": TokenKind.LICENSE})
    message = f"{header}.{part(claims())}"
    return f"{message}.{to_base64url(hmac.digest(SIGNER.public, message.encode(), 'sha256'))}"


GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
NOT_OURS = "not a license certificate"
ALTERED = "Verification Failure|does not fit|Public Key operation error|Error"
REFUSED = {
    "header altered": (altered(0), f"{NOT_OURS}|JSON"),
    "claims altered": (altered(1), ALTERED),
    "signature altered": (altered(2), ALTERED),
    "expired": (license_file(exp=SECOND), "expired"),
    "not yet valid": (license_file(nbf=SECOND + 86_400), "not valid yet"),
    "a lease": (armour(SIGNER.sign(kind=TokenKind.LEASE, claims=claims())), NOT_OURS),
    "key of a stranger": (
        armour(Signer(bytes(range(32))).sign(kind=TokenKind.LICENSE, claims=claims())),
        "no published key",
    ),
    "key of a stranger under our name": (
        armour(
            resigned(
                {"alg": "EdDSA", "kid": SIGNER.kid, "typ": TokenKind.LICENSE}, claims(), signer=Signer(bytes(range(32)))
            )
        ),
        ALTERED,
    ),
    "truncated": (armour(SIGNER.sign(kind=TokenKind.LICENSE, claims=claims())[:-8]), ALTERED),
    "S not below L": (armour(malleable()), ALTERED),
    "issued in the future": (license_file(iat=SECOND + 86_400, nbf=SECOND + 86_400), "not valid yet"),
    "HS256 with the public key": (armour(hs256()), NOT_OURS),
    "alg none": (forged({"alg": "none", "kid": SIGNER.kid, "typ": TokenKind.LICENSE}), NOT_OURS),
    "alg HS256": (forged({"alg": "HS256", "kid": SIGNER.kid, "typ": TokenKind.LICENSE}), NOT_OURS),
    "no name, no type": (armour(f"{part({'alg': 'EdDSA'})}.{part(CLAIMS)}.{to_base64url(bytes(64))}"), NOT_OURS),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_stranger_refuses(stranger, name: str) -> None:
    """Each forgery ends the program with an error that names its reason, and no claims are printed."""
    file, reason = REFUSED[name]
    judged = stranger(file)
    assert judged.returncode != 0
    assert judged.stdout == ""
    assert re.search(reason, judged.stderr)


# OpenSSL 3.0 reads no empty file as a message: the library has the vector (test_signing), the tool cannot be asked.
@pytest.mark.parametrize("vector", [one for one in RFC_8032 if one["message"]], ids=lambda one: one["message"][:4])
def test_a_stranger_computes_as_rfc_8032_prints_it(stranger_verifies, vector: dict[str, str]) -> None:
    """The published signature fits its message, and no other message."""
    key, message, signature = (bytes.fromhex(vector[name]) for name in ("public", "message", "signature"))
    assert stranger_verifies(key, message, signature)
    assert not stranger_verifies(key, message + b"x", signature)
