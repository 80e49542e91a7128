"""The router for clients of Keygen by the list: works, no key, another licence, another vendor, bad input, queries.

What foreign clients make of it stands in tests/journeys/test_keygen_clients.py.
"""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from licensing.jwk import read_jwks
from licensing.models import Activation, Certificate, License, LicenseKey
from licensing.operations import Conditions, revoke_key, suspend_license
from licensing.rules.facts import FeatureGrant
from licensing.signing import signature_fits
from tests.licensing.vendors import Vendor, published, vendor

pytestmark = pytest.mark.django_db
ROOT = "/compat/keygen/lumen/v1/"
MACHINE = "4d:5a/81"


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def sold(lumen: Vendor) -> tuple[License, str]:
    """A licence for one machine with a feature, and its key."""
    conditions = Conditions(limits={"activations": 1}, features=(FeatureGrant("render"),))
    license = lumen.license(lumen.license_type(conditions=conditions))
    return license, lumen.key(license)


def call(path: str, body: Any = None, *, key: str = "", method: str = "", root: str = ROOT) -> Any:
    headers = {"Authorization": f"License {key}"} if key else {}
    browser = Client(HTTP_HOST="127.0.0.1")
    send = method or ("GET" if body is None else "POST")
    data = b"" if body in (None, {}) else json.dumps(body).encode()
    return browser.generic(send, root + path, data, content_type="application/vnd.api+json", headers=headers)


def machine_body(license: License, fingerprint: Any = MACHINE) -> dict[str, Any]:
    return {
        "data": {
            "type": "machines",
            "attributes": {"fingerprint": fingerprint, "platform": "linux", "hostname": "cad-1"},
            "relationships": {"license": {"data": {"type": "licenses", "id": str(license.id)}}},
        }
    }


def signed_by(answer: Any, method: str, target: str) -> bool:
    """Whether a published key of the vendor signed target, host, date and digest of this answer."""
    parts = dict(one.strip().split("=", 1) for one in answer["Keygen-Signature"].split(","))
    digest = "sha-256=" + base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer["Digest"] == answer["Keygen-Digest"] == digest
    message = f"(request-target): {method} {target}\nhost: 127.0.0.1\ndate: {answer['Keygen-Date']}\ndigest: {digest}"
    public = read_jwks(published("lumen"))[parts["keyid"].strip('"')]
    signature = base64.b64decode(parts["signature"].strip('"'))
    return signature_fits(message=message.encode(), signature=signature, public=public)


def test_every_answer_is_signed(sold: tuple[License, str]) -> None:
    """Also a refusal, and an address that does not exist; the query is part of what is signed."""
    _license, key = sold
    for path, asked in (("me", key), ("me?page=1", key), ("me", ""), ("releases", key)):
        answer = call(path, key=asked)
        assert signed_by(answer, "get", ROOT + path), path
        assert not signed_by(answer, "post", ROOT + path)
        assert answer["Content-Type"] == "application/vnd.api+json"


def test_me_repeats_the_key_and_nothing_stores_it(sold: tuple[License, str]) -> None:
    """The key comes from the request; Basic with the user `license` works as well."""
    license, key = sold
    document = call("me", key=key).json()["data"]
    assert (document["id"], document["attributes"]["key"], document["attributes"]["maxMachines"]) == (
        str(license.id), key, 1,
    )  # fmt: skip
    basic = base64.b64encode(f"license:{key}".encode()).decode()
    answer = Client(HTTP_HOST="127.0.0.1").get(f"{ROOT}me", headers={"Authorization": f"Basic {basic}"})
    assert answer.json()["data"]["id"] == str(license.id)
    assert call(f"licenses/{license.id}", key=key).json()["data"]["id"] == str(license.id)
    assert [row["id"] for row in call(f"licenses/{license.id}/entitlements", key=key).json()["data"]] == ["render"]


def test_a_key_is_validated_without_an_account(lumen: Vendor, sold: tuple[License, str]) -> None:
    """Valid, with a missing entitlement, suspended, and unknown: always 200, with the code that such clients know."""
    license, key = sold

    def asked(key: str, **scope: Any) -> tuple[int, bool, str]:
        answer = call("licenses/actions/validate-key", {"meta": {"key": key, "scope": scope}})
        return answer.status_code, answer.json()["meta"]["valid"], answer.json()["meta"]["code"]

    assert asked(key) == (200, True, "VALID")
    assert asked(key, entitlements=["render"]) == (200, True, "VALID")
    assert asked(key, entitlements=["cloud"]) == (200, False, "ENTITLEMENTS_MISSING")
    assert asked(key, product="other") == (200, False, "PRODUCT_SCOPE_MISMATCH")
    assert asked(key, fingerprint=MACHINE) == (200, False, "NO_MACHINE")
    assert asked("nobody") == (200, False, "NOT_FOUND")
    with lumen.house.writing() as trail:
        suspend_license(license_id=license.id, reason="unpaid", trail=trail)
    assert asked(key) == (200, False, "SUSPENDED")


def test_a_term_that_counts_from_the_first_validation_begins_here_too(lumen: Vendor) -> None:
    """As at `POST /api/v1/validate`."""
    license, key = lumen.keyed("trial")
    call("licenses/actions/validate-key", {"meta": {"key": key}})
    with lumen.house.reading():
        assert License.objects.get(id=license.id).first_validated_at is not None


def test_a_machine_from_its_activation_to_its_end(lumen: Vendor, sold: tuple[License, str]) -> None:
    """201, valid there, taken twice, no second machine, a ping, and 204; it is an activation of ours."""
    license, key = sold
    made = call("machines", machine_body(license), key=key)
    assert (made.status_code, made.json()["data"]["id"]) == (201, MACHINE), made.content
    scope = {"meta": {"scope": {"fingerprint": MACHINE}}}
    assert call(f"licenses/{license.id}/actions/validate", scope, key=key).json()["meta"]["code"] == "VALID"
    for fingerprint, code in ((MACHINE, "FINGERPRINT_TAKEN"), ("m-2", "MACHINE_LIMIT_EXCEEDED")):
        refused = call("machines", machine_body(license, fingerprint), key=key)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    (listed,) = call("machines", key=key).json()["data"]
    with lumen.house.reading():
        row = Activation.objects.get()
    assert (listed["id"], row.platform, row.label) == (str(row.id), "linux", "cad-1")
    for name in (MACHINE, str(row.id)):
        assert call(f"machines/{name}", key=key).json()["data"]["id"] == name
        pinged = call(f"machines/{name}/actions/ping", {}, key=key, method="POST").json()
        assert pinged["data"]["attributes"]["heartbeatStatus"] == "ALIVE"
    gone = call(f"machines/{row.id}", key=key, method="DELETE")
    assert (gone.status_code, gone.content) == (204, b"")
    assert call(f"machines/{MACHINE}", key=key).status_code == 404
    with lumen.house.reading():
        assert Activation.objects.get().end_reason == "deactivated"


def opened(certificate: str, label: str, secret: str = "") -> dict[str, Any]:
    """The document in a file, whose signature fits a published key."""
    body = certificate.strip().removeprefix(f"-----BEGIN {label}-----").removesuffix(f"-----END {label}-----")
    file = json.loads(base64.b64decode("".join(body.split())))
    message = f"{label.split()[0].lower()}/{file['enc']}".encode()
    (public,) = read_jwks(published("lumen")).values()
    assert signature_fits(message=message, signature=base64.b64decode(file["sig"]), public=public)
    if not secret:
        assert file["alg"] == "base64+ed25519"
        return dict(json.loads(base64.b64decode(file["enc"])))
    ciphertext, nonce, tag = (base64.b64decode(part) for part in file["enc"].split("."))
    key = hashlib.sha256(secret.encode()).digest()
    return dict(json.loads(AESGCM(key).decrypt(nonce, ciphertext + tag, None)))


def test_files_are_checked_out_and_counted(lumen: Vendor, sold: tuple[License, str]) -> None:
    """Licence and machine file, in the open and encrypted, each with its certificate in our list of what is out."""
    license, key = sold
    call("machines", machine_body(license), key=key)
    path = f"licenses/{license.id}/actions/check-out"
    plain = call(f"{path}?ttl=3600", {}, key=key, method="POST").json()["data"]["attributes"]
    assert plain["ttl"] == 3600
    assert opened(plain["certificate"], "LICENSE FILE")["included"][0]["id"] == "render"
    sealed = call(f"{path}?encrypt=1", {}, key=key, method="POST").json()["data"]["attributes"]["certificate"]
    assert opened(sealed, "LICENSE FILE", key)["data"]["id"] == str(license.id)
    with pytest.raises(InvalidTag):
        opened(sealed, "LICENSE FILE", "wrong")
    path = f"machines/{MACHINE}/actions/check-out"
    sealed = call(f"{path}?encrypt=true", {}, key=key, method="POST").json()["data"]["attributes"]["certificate"]
    document = opened(sealed, "MACHINE FILE", key + MACHINE)
    assert document["data"]["attributes"]["fingerprint"] == MACHINE
    with lumen.house.reading():
        kinds = dict(Certificate.objects.values_list("jti", "kind"))
    assert kinds.pop(next(one for one in kinds if str(one) == document["meta"]["jti"])) == "activation"
    assert list(kinds.values()) == ["license", "license"]


def test_a_key_opens_its_own_licence_alone(lumen: Vendor, sold: tuple[License, str]) -> None:
    """Another licence of the same vendor, its machines, and another vendor's address: 404 or 401, as for nobody's."""
    license, key = sold
    other, other_key = lumen.keyed("perpetual")
    made = call("machines", machine_body(other, "theirs"), key=other_key)
    assert made.status_code == 201, made.content
    for path in (f"licenses/{other.id}", f"licenses/{other.id}/machines", "machines/theirs", "machines/nobodys"):
        assert call(path, key=key).status_code == 404
    assert call(f"licenses/{other.id}/actions/check-out", {}, key=key, method="POST").status_code == 404
    assert call("machines", machine_body(other, "m-9"), key=key).status_code == 404
    vendor("rival")
    foreign = call("me", key=key, root="/compat/keygen/rival/v1/")
    assert (foreign.status_code, foreign.json()["errors"][0]["code"]) == (401, "LICENSE_INVALID")
    assert call("me", key=key, root="/compat/keygen/nobody/v1/").status_code == 404
    assert license.id != other.id


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "me"),
        ("GET", "licenses/x"),
        ("GET", "licenses/x/machines"),
        ("GET", "licenses/x/entitlements"),
        ("POST", "licenses/x/actions/validate"),
        ("POST", "licenses/x/actions/check-out"),
        ("GET", "machines"),
        ("POST", "machines"),
        ("GET", "machines/x"),
        ("DELETE", "machines/x"),
        ("POST", "machines/x/actions/ping"),
        ("POST", "machines/x/actions/check-out"),
    ],
)
def test_without_a_key_nothing_is_told(lumen: Vendor, method: str, path: str) -> None:
    """401 with a hint how to send one."""
    for key in ("", "nobody"):
        answer = call(path, key=key, method=method)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'License realm="keygen"')


BAD: dict[str, tuple[str, Any, int, str]] = {
    "no fingerprint": ("machines", {"data": {}}, 400, "INVALID_INPUT"),
    "fingerprint of number": ("machines", {"data": {"attributes": {"fingerprint": 7}}}, 400, "INVALID_INPUT"),
    "NUL": ("machines", {"data": {"attributes": {"fingerprint": "a\0b"}}}, 400, "INVALID_INPUT"),
    "components": (
        "machines",
        {"data": {"attributes": {"fingerprint": "a"}, "relationships": {"components": {"data": "x"}}}},
        400,
        "INVALID_INPUT",
    ),
    "list": ("machines", [1], 400, "INVALID_INPUT"),
    "key of list": ("licenses/actions/validate-key", {"meta": {"key": []}}, 400, "INVALID_INPUT"),
    "meta of text": ("licenses/actions/validate-key", {"meta": "x"}, 200, ""),
    "entitlements of text": (
        "licenses/actions/validate-key",
        {"meta": {"key": "x", "scope": {"entitlements": "x"}}},
        200,
        "",
    ),
    "ttl": ("licenses/{id}/actions/check-out?ttl=soon", {}, 400, "INVALID_INPUT"),
    "ttl beyond the type": ("licenses/{id}/actions/check-out?ttl=99999999", {}, 400, "OFFLINE_REFUSED"),
    "algorithm": ("licenses/{id}/actions/check-out?algorithm=rsa", {}, 400, "INVALID_INPUT"),
    "contradiction": (
        "licenses/{id}/actions/check-out?encrypt=1&algorithm=base64%2Bed25519",
        {},
        400,
        "INVALID_INPUT",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_requests_are_refused(sold: tuple[License, str], name: str) -> None:
    """JSON:API errors with a code; nothing is written."""
    license, key = sold
    path, body, status, code = BAD[name]
    answer = call(path.format(id=license.id), body, key=key, method="POST")
    assert answer.status_code == status, answer.content
    if code:
        assert answer.json()["errors"][0]["code"] == code


def test_a_revoked_key_and_a_suspended_licence_activate_nothing(lumen: Vendor, sold: tuple[License, str]) -> None:
    """403 with the code that such clients know; no machine and no file."""
    license, key = sold
    with lumen.house.writing() as trail:
        revoke_key(key_id=LicenseKey.objects.get().id, trail=trail)
    refused = call("machines", machine_body(license), key=key)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "LICENSE_SUSPENDED")
    assert call(f"licenses/{license.id}/actions/check-out", {}, key=key, method="POST").status_code == 409
    assert call("me", key=key, method="PUT").status_code == 405


def test_reads_cost_the_same_queries_however_many_machines(lumen: Vendor) -> None:
    """One machine or four."""
    license, key = lumen.keyed("perpetual")
    counts = []
    for number in range(4):
        call("machines", machine_body(license, f"m-{number}"), key=key)
        if number in {0, 3}:
            with CaptureQueriesContext(connection) as queries:
                assert len(call("machines", key=key).json()["data"]) == number + 1
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 13
