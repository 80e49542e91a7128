"""Certificates are verified by programs that know nothing of Seatledger, with the published keys alone.

The programs are those of docs/verify-a-certificate.md, run as they are printed there.
"""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from licensing.armour import armour
from licensing.jwk import jwks_of, to_base64url
from licensing.signing import Signer, TokenKind
from tests.licensing.tokens import CLAIMS, SIGNER, part, resigned

PAGE = Path(__file__).parents[2] / "docs" / "verify-a-certificate.md"
FROZEN: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "tokens.json").read_text())
PROMISE = "prints the claims of license.lic if a key of jwks.json signed it and it is valid now"
STRANGERS = {"openssl": ["sh", "verify-license.sh"], "node": ["node", "verify-license.mjs"]}
PUBLISHED = [Signer(bytes(32)).public, SIGNER.public]
NOW = datetime.now(UTC)
SECOND = int(NOW.timestamp())


def printed(name: str) -> str:
    """The program of this name, as the page prints it."""
    blocks: list[str] = re.findall(r"^```\w+\n(.*?)^```$", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)
    (program,) = (block for block in blocks if block.splitlines()[0].endswith(f"{name}: {PROMISE}"))
    return program


@pytest.fixture(params=STRANGERS)
def stranger(request, tmp_path):
    """Runs one stranger on a licence file and a key set; a missing program may only be missed outside CI."""
    if shutil.which(request.param) is None:
        message = f"{request.param} is not installed: nobody but us verifies our certificates"
        if os.environ.get("SEATLEDGER_CI") == "1":
            pytest.fail(message)
        pytest.skip(message)
    command = STRANGERS[request.param]
    (tmp_path / command[1]).write_text(printed(command[1]))

    def run(file: str, published: str = json.dumps(jwks_of(PUBLISHED), indent=2)) -> subprocess.CompletedProcess[str]:
        (tmp_path / "license.lic").write_text(file, newline="")
        (tmp_path / "jwks.json").write_text(published)
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    return run


def claims(**changes: Any) -> dict[str, Any]:
    """Claims that hold today, with names among the features that a careless reader takes for claims."""
    day = int(timedelta(days=1).total_seconds())
    features = {"exp": 1, "nbf": SECOND + day, "render": None}
    return {**CLAIMS, "iat": SECOND, "nbf": SECOND, "exp": SECOND + day, "features": features, **changes}


def license_file(**changes: Any) -> str:
    return armour(SIGNER.sign(kind=TokenKind.LICENSE, claims=claims(**changes)))


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


def forged(header: dict[str, object]) -> str:
    return armour(resigned(header, claims()))


def altered(place: int) -> str:
    """A good certificate with one character of header (0), claims (1) or signature (2) changed."""
    parts = SIGNER.sign(kind=TokenKind.LICENSE, claims=claims()).split(".")
    middle = len(parts[place]) // 2
    swap = "A" if parts[place][middle] != "A" else "B"
    parts[place] = parts[place][:middle] + swap + parts[place][middle + 1 :]
    return armour(".".join(parts))


NOT_OURS = "not a licence certificate"
ALTERED = "Verification Failure|does not fit"
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
