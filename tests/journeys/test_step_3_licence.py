"""Step 3: a vendor's operator issues licences, keys and certificates; software asks; strangers check the signatures."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from django.test import Client

from tests.factories.tenants import signed_in, tenant
from tests.journeys.houses import rest
from tests.licensing.test_strangers import printed
from tests.plugins.databases import CommittedDatabase

MODELS: dict[str, dict[str, Any]] = {
    "perpetual": {},
    "subscription": {"duration_months": 12, "grace_days": 14},
    "trial": {"duration_days": 30, "expiry_basis": "first_validation"},
}
# The fixed beginning of an Ed25519 public key in DER (RFC 8410).
DER = bytes.fromhex("302a300506032b6570032100")


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def openssl_accepts(token: str, keys: dict[str, Any], folder: Path) -> bool:
    """Whether the OpenSSL command line finds the signature genuine under the published key that the token names."""
    signed, _dot, signature = token.rpartition(".")
    kid = json.loads(raw(signed.split(".")[0]))["kid"]
    [key] = (key for key in keys["keys"] if key["kid"] == kid)
    (folder / "key.der").write_bytes(DER + raw(key["x"]))
    (folder / "signed").write_text(signed, encoding="ascii")
    (folder / "signature").write_bytes(raw(signature))
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "key.der"]
    judged = subprocess.run(
        [*command, "-sigfile", "signature", "-in", "signed"], cwd=folder, capture_output=True, check=False
    )
    return judged.returncode == 0


def altered(token: str) -> str:
    """The token with one character of what it says changed."""
    header, claims, signature = token.split(".")
    middle = len(claims) // 2
    swap = "A" if claims[middle] != "A" else "B"
    return ".".join([header, claims[:middle] + swap + claims[middle + 1 :], signature])


def validated(key: str, nonce: str) -> Any:
    """What shipped software is told, which has no account and no session."""
    body = {"key": key, "nonce": nonce, "scope": {"product": "lumen-cad"}}
    answer = Client(HTTP_HOST="127.0.0.1").post("/api/v1/validate", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_licences_are_issued_validated_and_verified_by_strangers(
    committed_db: CommittedDatabase, tmp_path: Path
) -> None:
    """Perpetual, subscription and trial: each key validates with a signed answer, answer and certificate verify with
    OpenSSL and the published keys alone, one changed character does not; a suspended licence is not valid."""
    tenant("platform", slug="platform")
    operator = signed_in(tenant("vendor", slug="lumen", name="Lumen CAD"), "vendor_ops")
    publisher = rest(operator, "publishers/", {"name": "Lumen CAD"})
    product = rest(
        operator, "products/", {"publisher": publisher["id"], "name": "Lumen CAD Studio", "code": "lumen-cad"}
    )
    customer = rest(operator, "parties/", {"kind": "licensee", "name": "Fjord Design"})
    published = Client(HTTP_HOST="127.0.0.1").get("/.well-known/licensing-jwks.json", {"organization": "lumen"}).json()

    for model, terms in MODELS.items():
        kind = rest(
            operator,
            "license-types/",
            {"code": f"cad-{model}", "name": f"CAD {model}", "product": product["id"], "model": model, **terms},
        )
        license = rest(operator, "licenses/", {"license_type": kind["id"], "licensee": customer["id"]})
        key = rest(operator, f"licenses/{license['id']}/keys/", {})["key"]
        answer = validated(key, nonce=f"nonce-{model}")
        assert (answer["valid"], answer["code"], answer["nonce"]) == (True, "VALID", f"nonce-{model}")
        assert openssl_accepts(answer["token"], published, tmp_path)
        assert json.loads(raw(answer["token"].split(".")[1]))["valid"] is True
        assert not openssl_accepts(altered(answer["token"]), published, tmp_path)

        certificate = rest(operator, f"licenses/{license['id']}/certificates/", {})
        assert openssl_accepts(certificate["token"], published, tmp_path)
        assert not openssl_accepts(altered(certificate["token"]), published, tmp_path)
        assert customers_check(certificate["file"], published, tmp_path)["sub"] == license["id"]

        rest(operator, f"licenses/{license['id']}/suspend/", {"reason": "Invoice overdue"})
        answer = validated(key, nonce="after")
        assert (answer["valid"], answer["code"]) == (False, "SUSPENDED")
        assert openssl_accepts(answer["token"], published, tmp_path)


def customers_check(file: str, keys: dict[str, Any], folder: Path) -> Any:
    """The claims that the program of docs/verify-a-certificate.md prints, run where nothing of ours is installed."""
    (folder / "verify-license.sh").write_text(printed("verify-license.sh"), encoding="utf-8")
    (folder / "license.lic").write_text(file, encoding="ascii")
    (folder / "jwks.json").write_text(json.dumps(keys), encoding="ascii")
    judged = subprocess.run(["sh", "verify-license.sh"], cwd=folder, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stderr
    return json.loads(judged.stdout)
