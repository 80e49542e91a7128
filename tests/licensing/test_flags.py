"""`POST /api/v1/flags`: features as a signed payload that is good for some minutes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from licensing.jwk import read_jwks
from licensing.models import License
from licensing.operations import Conditions, suspend_license
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import QuotaPeriod, QuotaTerms
from licensing.rules.flags import LONGEST, flags_at
from licensing.rules.terms import Period
from licensing.signing import TokenExpired, TokenKind, WrongKind, verify
from tests.factories import licensing
from tests.factories.tenants import tenant
from tests.licensing.cases import A_MICROSECOND, EDITOR, NOW, SUBSCRIPTION
from tests.licensing.vendors import Vendor, published, vendor, verified

DAILY = QuotaTerms(limit=100, period=QuotaPeriod.DAY)


@pytest.fixture
def lumen(db: None) -> Vendor:
    return vendor("lumen")


def sent(key: object, **members: Any) -> Any:
    given = {"key": key, "nonce": "bm9uY2U", **members}
    return Client(HTTP_HOST="127.0.0.1").post("/api/v1/flags", given, content_type="application/json")


def carrying(lumen: Vendor) -> tuple[License, str]:
    """A licence with a switch, a choice and a quota."""
    with lumen.house.writing():
        licensing.feature(lumen.product, code="support", kind="choice", choices=["silver", "gold"])
        licensing.feature(lumen.product, code="export", kind="quantity")
    grants = (FeatureGrant("render"), FeatureGrant("support", value="gold"), FeatureGrant("export", value=DAILY))
    license = lumen.license(lumen.license_type(conditions=Conditions(features=grants)))
    return license, lumen.key(license)


@pytest.mark.requirement("REQ-196")
def test_flags_are_signed_and_end(lumen: Vendor) -> None:
    """The token says what the body says, for this nonce, until at most five minutes from now; after that it is void,
    and it is no answer to a validation."""
    license, key = carrying(lumen)
    answer = sent(key).json()
    assert (answer["valid"], answer["code"], answer["sub"]) == (True, "VALID", str(license.id))
    assert answer["features"] == {
        "render": {"enabled": True},
        "support": {"enabled": True, "value": "gold"},
        "export": {"enabled": True, "value": {"limit": 100, "period": "day"}},
    }
    assert answer["quotas"]["export"]["used"] == 0
    assert 1 <= answer["ttl"] <= 300
    assert answer["exp"] == answer["iat"] + answer["ttl"]
    token = answer.pop("token")
    claims = verified(token, kind=TokenKind.FLAGS, slug="lumen", nonce="bm9uY2U", iss="lumen").claims
    assert dict(claims) == answer
    keys = read_jwks(published("lumen"))
    with pytest.raises(TokenExpired):
        verify(token, kind=TokenKind.FLAGS, keys=keys, at=datetime.now(UTC) + timedelta(minutes=10))
    with pytest.raises(WrongKind):
        verify(token, kind=TokenKind.DECISION, keys=keys, at=datetime.now(UTC))


@pytest.mark.requirement("REQ-196", "REQ-170")
def test_flags_are_tied_to_the_licence(lumen: Vendor) -> None:
    """An add-on switches a feature on with the next answer; a suspended licence switches everything off."""
    license, key = carrying(lumen)
    with lumen.house.writing():
        licensing.add_on(license, features=[{"code": "bim"}])
    assert "bim" in sent(key).json()["features"]
    with lumen.house.writing() as trail:
        suspend_license(license_id=license.id, reason="Unpaid", trail=trail)
    answer = sent(key).json()
    assert (answer["valid"], answer["code"], answer["features"]) == (False, "SUSPENDED", {})


def test_asked_features_narrow_the_answer(lumen: Vendor) -> None:
    """What the licence lacks is simply not there: asking is no finding."""
    _license, key = carrying(lumen)
    answer = sent(key, scope={"features": ["render", "bim"]}).json()
    assert (answer["code"], answer["features"]) == ("VALID", {"render": {"enabled": True}})


def test_an_unknown_key_switches_nothing_on(lumen: Vendor) -> None:
    """The platform answers, signed, after as many queries as for a known key."""
    _license, key = carrying(lumen)
    tenant("platform", slug="platform")
    counts, answers = [], []
    for asked in (key, "7X1W6-4DA8G-KP0FC-Z8MRW-B29QN-M5"):
        with CaptureQueriesContext(connection) as queries:
            answers.append(sent(asked).json())
        counts.append(len(queries))
    assert (answers[1]["code"], answers[1]["features"], "sub" in answers[1]) == ("NOT_FOUND", {}, False)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("members", [{"key": ""}, {"nonce": None}, {"scope": 5}, {"scope": {"colour": "red"}}])
def test_bad_questions_are_refused(lumen: Vendor, members: dict[str, Any]) -> None:
    """400 as problem+json, like a validation."""
    answer = sent(**{"key": "x", **members})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_flags_are_asked_for_with_post(lumen: Vendor) -> None:
    """405 otherwise, and 413 for a body that is too large."""
    assert Client(HTTP_HOST="127.0.0.1").get("/api/v1/flags").status_code == 405
    assert sent("x" * 5_000).status_code == 413


def test_a_first_question_starts_the_term(lumen: Vendor) -> None:
    """Using a trial's features is its first use."""
    license, key = lumen.keyed("trial")
    assert sent(key).json()["valid"]
    with lumen.house.reading():
        assert License.objects.get(id=license.id).first_validated_at is not None


def test_an_answer_is_good_until_something_changes() -> None:
    """Five minutes, or up to the first known change: a feature's end or start, the licence's end."""
    soon = NOW + timedelta(seconds=30)
    for facts, until in (
        (EDITOR, NOW + LONGEST),
        (replace(EDITOR, features=(FeatureGrant("editor", Period(None, soon)),)), soon),
        (replace(EDITOR, features=(FeatureGrant("editor", Period(soon, None)),)), soon),
        (replace(EDITOR, features=(FeatureGrant("editor", Period(None, NOW)),)), NOW + LONGEST),
        (replace(SUBSCRIPTION, expires_at=NOW + A_MICROSECOND), NOW + A_MICROSECOND),
    ):
        assert flags_at(facts, is_valid=True, asked=frozenset(), at=NOW).until == until
    assert flags_at(EDITOR, is_valid=False, asked=frozenset(), at=NOW).features == {}
