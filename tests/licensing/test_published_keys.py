"""The published keys over the live views, and strangers who verify with nothing else."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Checkpoint
from audit.models import SigningKey as AuditKey
from audit.operations import sign_checkpoint
from audit.rules.note import fingerprint, parse_verifier_key, split
from kernel.clock import DatabaseClock
from licensing.models import SigningKey
from licensing.operations import ensure_signing_key, issue_certificate
from tests.factories.tenants import tenant
from tests.licensing.test_strangers import printed
from tests.licensing.vendors import Vendor, ask, published, vendor

pytestmark = pytest.mark.django_db
ANSWERS = Path(__file__).parents[2] / "docs" / "validation.md"
JWKS, AUDIT = "/.well-known/licensing-jwks.json", "/.well-known/audit-keys.json"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture
def lumen() -> Vendor:
    tenant("platform", slug="platform")
    return vendor("lumen")


def run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "verify.sh").write_text(program)
    return subprocess.run(
        ["sh", "verify.sh", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def answer_program() -> str:
    """The program of docs/validation.md, as it is printed there."""
    (program,) = re.findall(r"^```sh\n(# verify-answer\.sh.*?)^```$", ANSWERS.read_text(), re.DOTALL | re.MULTILINE)
    return str(program)


@needs_openssl
@pytest.mark.parametrize("model", ["perpetual", "subscription", "trial"])
def test_openssl_verifies_the_certificate_with_the_published_keys(lumen: Vendor, tmp_path: Path, model: str) -> None:
    """The file as it is downloaded, the key set as it is served, the program as the documentation prints it."""
    license = lumen.license(lumen.license_type(model))
    with lumen.house.writing() as trail:
        issued = issue_certificate(license_id=license.id, trail=trail)
    (tmp_path / "license.lic").write_text(issued.file)
    (tmp_path / "jwks.json").write_bytes(Client(HTTP_HOST="127.0.0.1").get(JWKS, {"organization": "lumen"}).content)
    judged = run(tmp_path, printed("verify-license.sh"))
    assert judged.returncode == 0, judged.stderr
    assert json.loads(judged.stdout)["sub"] == str(license.id)


@needs_openssl
def test_openssl_verifies_answers_with_the_published_keys(lumen: Vendor, tmp_path: Path) -> None:
    """Known keys under the vendor's key set, unknown ones under the platform's; another nonce or key set fails."""
    _license, key = lumen.keyed("subscription")
    for typed, slug in ((key, "lumen"), ("mistyped", "")):
        (tmp_path / "answer.json").write_bytes(ask(typed, nonce="n0nce").content)
        (tmp_path / "jwks.json").write_text(json.dumps(published(slug)))
        judged = run(tmp_path, answer_program(), "n0nce")
        assert judged.returncode == 0, judged.stderr
        assert json.loads(judged.stdout)["valid"] is (slug == "lumen")
        assert "another question" in run(tmp_path, answer_program(), "other").stderr
        (tmp_path / "jwks.json").write_text(json.dumps(published("" if slug else "lumen")))
        assert "no published key" in run(tmp_path, answer_program(), "n0nce").stderr


def test_keys_are_published_by_short_name_and_by_id(lumen: Vendor) -> None:
    """Without a name the platform's; private halves never; answers may be cached for minutes."""
    organization = lumen.house.organization
    assert published("lumen") == published(str(organization.id)) != published()
    (key,) = published("lumen")["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
    answer = Client(HTTP_HOST="127.0.0.1").get(JWKS)
    assert answer["Cache-Control"] == "public, max-age=300"


def test_retiring_keys_stay_published_and_retired_ones_do_not(lumen: Vendor) -> None:
    """What a retiring key signed remains verifiable; the key that signs comes first."""
    with lumen.house.writing() as trail:
        SigningKey.objects.update(status="retiring", retired_at=trail.clock.now())
        new = ensure_signing_key(trail=trail)
    kids = [key["kid"] for key in published("lumen")["keys"]]
    assert (kids[0], len(kids)) == (new.kid, 2)
    with lumen.house.writing():
        SigningKey.objects.filter(status="retiring").update(status="retired")
    assert [key["kid"] for key in published("lumen")["keys"]] == [new.kid]


@pytest.mark.parametrize("address", [JWKS, AUDIT])
@pytest.mark.parametrize("named", ["nobody", "01900000-0000-7000-8000-000000000000", "x" * 500])
def test_an_unknown_organisation_publishes_nothing(lumen: Vendor, address: str, named: str) -> None:
    """404 as problem+json, whatever was asked for."""
    answer = Client(HTTP_HOST="127.0.0.1").get(address, {"organization": named})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "NOT_FOUND"


def test_an_auditor_finds_the_ledgers_key(lumen: Vendor) -> None:
    """The verifier key is the one that signs checkpoints, with the fingerprint that a package prints."""
    with lumen.house.reading():
        row = AuditKey.objects.get()
    answer: dict[str, Any] = Client(HTTP_HOST="127.0.0.1").get(AUDIT, {"organization": "lumen"}).json()
    (key,) = answer["keys"]
    read = parse_verifier_key(key["verifier_key"])
    assert (answer["organization"], answer["origin"], read.name) == ("lumen", row.name, row.name)
    assert (read.public, key["fingerprint"]) == (bytes(row.public), fingerprint(bytes(row.public)))
    with lumen.house.reading():
        sign_checkpoint(organization_id=lumen.house.organization.id, clock=DatabaseClock())
        _text, (signature,) = split(Checkpoint.objects.latest("size").note)
    assert (signature.name, signature.key_id) == (read.name, read.key_id)
