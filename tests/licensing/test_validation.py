"""`POST /api/v1/validate` over the live view: what it answers, to whom, and what it refuses to read."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from licensing.models import License
from licensing.operations import (
    Conditions,
    NewLicenseType,
    create_license_type,
    reinstate_license,
    revoke_key,
    revoke_license,
    suspend_license,
)
from licensing.rules.facts import FeatureGrant
from licensing.rules.key_format import encode, normalise
from licensing.rules.terms import add_months
from licensing.signing import TokenKind
from tests.factories import licensing
from tests.factories.tenants import signed_in, tenant
from tests.licensing.lives import approved
from tests.licensing.vendors import Vendor, ask, vendor, verified

pytestmark = pytest.mark.django_db

NEVER_ISSUED = encode(bits=12345)
EVERYTHING = {
    "product": "lumen-cad", "country": "NO", "fingerprints": ["board-1", "mac-2"],
    "components": {"board": "b-1", "disk": "d-1"}, "user": "kim", "domain": "fjord.example", "department": "sales",
    "vm": False, "lease": "l-1", "client_at": "2026-01-01T00:00:00Z", "last_server_at": "2026-01-01T00:00:00Z",
}  # fmt: skip
"""Every member of a scope but version and features."""


@pytest.fixture
def lumen() -> Vendor:
    tenant("platform", slug="platform")
    return vendor("lumen")


def without_token(answer: dict) -> dict:
    return {name: value for name, value in answer.items() if name != "token"}


@pytest.mark.parametrize("model", ["perpetual", "subscription", "trial"])
def test_a_licence_of_each_model_is_valid_and_the_answer_is_signed(lumen: Vendor, model: str) -> None:
    """The answer names licence, vendor and nonce, and its token says the same under the vendor's published key."""
    license, key = lumen.keyed(model)
    answer = ask(key, scope={"product": "lumen-cad"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["valid"], body["code"], body["findings"]) == (True, "VALID", [])
    assert (body["sub"], body["iss"], body["nonce"]) == (str(license.id), "lumen", "bm9uY2U")
    token = verified(body["token"], kind=TokenKind.DECISION, slug="lumen", iss="lumen", nonce="bm9uY2U")
    assert token.claims == without_token(body)


def test_each_spelling_of_a_key_is_the_same_key(lumen: Vendor) -> None:
    """Lower case, no hyphens, spaces: what people type is forgiven."""
    _license, key = lumen.keyed("perpetual")
    for typed in (key.lower(), key.replace("-", ""), f"  {key.replace('-', ' ')}\n"):
        assert ask(typed).json()["valid"] is True


@pytest.mark.parametrize("typed", [NEVER_ISSUED, "no key at all", "X", "é" * 200])
def test_an_unknown_key_is_answered_by_the_platform(lumen: Vendor, typed: str) -> None:
    """200, not valid, NOT_FOUND, no licence data, signed by the platform; mistyped and never issued look the same."""
    lumen.keyed("perpetual")
    answer = ask(typed)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {
        "valid", "code", "findings", "warnings", "obligations", "iss", "iat", "server_time", "nonce", "token",
    }  # fmt: skip
    assert (body["valid"], body["code"], body["findings"], body["iss"]) == (
        False,
        "NOT_FOUND",
        ["NOT_FOUND"],
        "platform",
    )
    assert verified(body["token"], kind=TokenKind.DECISION).claims == without_token(body)


def test_known_and_unknown_keys_cost_the_same_queries(lumen: Vendor) -> None:
    """The number of queries is constant, whatever is behind the key and however many licences there are."""
    _license, key = lumen.keyed("subscription")
    counts = set()
    for typed in (key, NEVER_ISSUED, "mistyped"):
        with CaptureQueriesContext(connection) as queries:
            ask(typed, scope={**EVERYTHING, "version": "2.4.0", "features": ["render"]})
        counts.add(len([one for one in queries if "SAVEPOINT" not in one["sql"]]))
    assert len(counts) == 1
    assert counts.pop() <= 13


@pytest.mark.parametrize("typed", [NEVER_ISSUED, "no key at all"])
def test_nothing_of_the_question_tells_mistyped_from_never_issued(lumen: Vendor, typed: str) -> None:
    """Whatever a client states beside it: NOT_FOUND alone, without a warning, signed by the platform."""
    body = ask(typed, scope={**EVERYTHING, "fingerprints": []}).json()
    assert (body["findings"], body["warnings"], body["obligations"]) == (["NOT_FOUND"], [], [])
    assert (body["iss"], "sub" in body) == ("platform", False)


def test_what_the_client_states_about_its_machine_is_judged(lumen: Vendor) -> None:
    """A machine that could not be read and a clock behind the server's: found in the question itself; nothing stated
    comes back in the answer."""
    _license, key = lumen.keyed("perpetual")
    now = datetime.now(UTC)
    stated = {"client_at": (now - timedelta(hours=2)).isoformat(), "last_server_at": now.isoformat()}
    body = ask(key, scope={**EVERYTHING, **stated, "fingerprints": []}).json()
    assert body["findings"] == ["CLOCK_TAMPERED", "FINGERPRINT_EMPTY"]
    assert not {"kim", "b-1", "l-1"} & set(str(body).split("'"))
    assert ask(key, scope={**EVERYTHING, **stated, "client_at": now.isoformat()}).json()["valid"] is True


def test_without_a_platform_nobody_answers_for_unknown_keys() -> None:
    """An installation that was not set up says so, instead of answering without a signature."""
    answer = ask(NEVER_ISSUED)
    assert (answer.status_code, answer.json()["code"]) == (503, "SIGNER_MISSING")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Retry-After"] == "2"


def test_a_subscription_ends_with_its_term_and_grace(lumen: Vendor) -> None:
    """Twelve months from the start; then grace with a warning; then EXPIRED."""
    kind = lumen.license_type("subscription")
    now = datetime.now(UTC)
    started = {"running": now, "in grace": add_months(at=now, months=-12) - timedelta(days=1)}
    licenses = {name: lumen.license(kind, valid_from=at) for name, at in started.items()}
    over = lumen.license(kind, valid_from=add_months(at=now, months=-13))
    answers = {name: ask(lumen.key(license)).json() for name, license in licenses.items()}
    assert answers["running"]["valid"]
    assert answers["running"]["warnings"] == []
    assert answers["in grace"]["valid"]
    assert [warning["code"] for warning in answers["in grace"]["warnings"]] == ["IN_GRACE"]
    assert ask(lumen.key(over)).json()["code"] == "EXPIRED"


def test_a_trial_begins_with_its_first_valid_question_and_only_once(lumen: Vendor) -> None:
    """A refused question starts nothing; the first valid one stores start and end, and the next changes neither."""
    license, key = lumen.keyed("trial")
    assert ask(key, scope={"product": "another"}).json()["code"] == "PRODUCT_MISMATCH"
    with lumen.house.reading():
        assert License.objects.get(id=license.id).first_validated_at is None
    (duty,) = ask(key).json()["obligations"]
    with lumen.house.reading():
        begun = License.objects.get(id=license.id)
    assert begun.first_validated_at is not None
    assert begun.expires_at is not None
    assert begun.expires_at - begun.first_validated_at == timedelta(days=30)
    assert duty == {
        "code": "START_TERM",
        "since": f"{begun.first_validated_at.isoformat(timespec='microseconds')[:-6]}Z",
        "until": f"{begun.expires_at.isoformat(timespec='microseconds')[:-6]}Z",
    }
    assert ask(key).json()["obligations"] == []
    with lumen.house.reading():
        again = License.objects.get(id=license.id)
    assert (again.first_validated_at, again.expires_at) == (begun.first_validated_at, begun.expires_at)


def test_states_of_licence_key_and_customer_are_told(lumen: Vendor) -> None:
    """Suspended, reinstated, its key revoked, its customer barred, revoked for good."""
    license, key = lumen.keyed("perpetual")
    second = lumen.key(license)
    with lumen.house.writing() as trail:
        suspend_license(license_id=license.id, reason="invoice unpaid", trail=trail)
    assert ask(key).json()["code"] == "SUSPENDED"
    with lumen.house.writing() as trail:
        reinstate_license(license_id=license.id, reason="paid", trail=trail)
        revoke_key(key_id=license.keys.get(prefix=normalise(second)[:6]).id, trail=trail)
    assert (ask(key).json()["code"], ask(second).json()["code"]) == ("VALID", "REVOKED")
    with lumen.house.writing() as trail:
        lumen.customer.barred_at, lumen.customer.barred_by = trail.clock.now(), str(trail.actor.pseudonym)
        lumen.customer.barred_reason = "sanctions"
        lumen.customer.save()
    assert ask(key).json()["code"] == "BANNED"
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", license.id, reason="contract ended")
        revoke_license(license_id=license.id, reason="contract ended", approval=approval, trail=trail)
    assert ask(key).json()["findings"] == ["REVOKED", "BANNED"]


def test_what_the_client_states_is_judged(lumen: Vendor) -> None:
    """Product, feature, country, version range and maintenance date, all findings at once, most severe first."""
    with lumen.house.writing() as trail:
        licensing.release(lumen.product, version="3.1.0", released_at=datetime(2026, 6, 1, tzinfo=UTC))
        kind = create_license_type(
            license_type=NewLicenseType(
                code="cad-limited",
                name="CAD limited",
                product=lumen.product,
                model="perpetual",
                conditions=Conditions(
                    features=(FeatureGrant("render"),), territories=("NO", "SE"), version_range=">=2 <3"
                ),
            ),
            trail=trail,
        )
    key = lumen.key(lumen.license(kind, maintenance_until=datetime(2026, 1, 1, tzinfo=UTC)))
    good = {"product": "lumen-cad", "features": ["render"], "country": "no", "version": "2.4"}
    assert ask(key, scope=good).json()["valid"] is True
    assert ask(key, scope={**good, "product": str(lumen.product.id)}).json()["valid"] is True
    bad = {"product": "other", "features": ["render", "export"], "country": "DE", "version": "v3.1"}
    assert ask(key, scope=bad).json()["findings"] == [
        "PRODUCT_MISMATCH", "COUNTRY_DENIED", "FEATURE_MISSING", "VERSION_OUT_OF_RANGE", "MAINTENANCE_LAPSED",
    ]  # fmt: skip


def test_one_vendors_key_is_answered_under_that_vendors_name_alone(lumen: Vendor) -> None:
    """Two vendors with the same codes: each key is found in its own book and signed with its own key."""
    other = vendor("other")
    answers = {house.slug: ask(house.keyed("perpetual")[1]).json() for house in (lumen, other)}
    for slug, body in answers.items():
        assert body["iss"] == slug
        verified(body["token"], kind=TokenKind.DECISION, slug=slug)


def test_a_session_changes_nothing(lumen: Vendor) -> None:
    """A signed-in browser gets the same answer, without a CSRF token: no session is asked."""
    _license, key = lumen.keyed("perpetual")
    browser = signed_in(lumen.house, "vendor_ops")
    browser.handler.enforce_csrf_checks = True
    assert ask(key, browser=browser).json()["valid"] is True


BAD: dict[str, tuple[object, list[str]]] = {
    "no JSON": (b"{", ["/"]),
    "nothing": (b"", ["/"]),
    "no UTF-8": (b'{"key": "\xff"}', ["/"]),
    "a lone surrogate": (b'{"key": "\\ud800", "nonce": "n"}', ["/"]),
    "a list": ([], ["/"]),
    "neither key nor nonce": ({}, ["/key", "/nonce"]),
    "key is a number": ({"key": 7, "nonce": "n"}, ["/key"]),
    "key is empty": ({"key": "", "nonce": "n"}, ["/key"]),
    "key is long": ({"key": "A" * 201, "nonce": "n"}, ["/key"]),
    "NUL in the key": ({"key": "A\0B", "nonce": "n"}, ["/key"]),
    "NUL in the version": ({"key": "A", "nonce": "n", "scope": {"version": "2\0"}}, ["/scope/version"]),
    "scope is a text": ({"key": "A", "nonce": "n", "scope": "x"}, ["/scope"]),
    "features are a text": ({"key": "A", "nonce": "n", "scope": {"features": "render"}}, ["/scope/features"]),
    "a feature is a number": ({"key": "A", "nonce": "n", "scope": {"features": ["a", 1]}}, ["/scope/features/1"]),
    "too many features": ({"key": "A", "nonce": "n", "scope": {"features": ["f"] * 51}}, ["/scope/features"]),
    "a country of three letters": ({"key": "A", "nonce": "n", "scope": {"country": "NOR"}}, ["/scope/country"]),
    "unknown members": (
        {"key": "A", "nonce": "n", "a/b~c": 1, "scope": {"machine": "f"}},
        ["/a~1b~0c", "/scope/machine"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_with_its_place(lumen: Vendor, name: str) -> None:
    """400 INVALID_INPUT as problem+json, each mistake with its JSON pointer."""
    body, pointers = BAD[name]
    browser = Client(HTTP_HOST="127.0.0.1")
    answer = browser.post("/api/v1/validate", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "INVALID_INPUT"
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


@pytest.mark.parametrize("padding", [5_000, 1_000_000])
def test_a_body_over_the_limit_is_not_read(lumen: Vendor, padding: int) -> None:
    """413 BODY_TOO_LARGE."""
    answer = ask("A", padding="x" * padding)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_only_post_asks() -> None:
    """405 with the method that is allowed."""
    answer = Client(HTTP_HOST="127.0.0.1").get("/api/v1/validate")
    assert (answer.status_code, answer.json()["code"], answer["Allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")


def test_a_client_does_not_say_what_now_is() -> None:
    """A moment stated by the client decides nothing: it is refused."""
    answer = ask("A", at="2020-01-01T00:00:00Z")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/at"]
