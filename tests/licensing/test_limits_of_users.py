"""A licence's limit of users: counted where machines are activated, found by every validation."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from licensing.models import Activation, License
from licensing.operations import Conditions, MachineRules
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import QuotaPeriod, QuotaTerms
from licensing.usage.operations import record_usage
from tests.factories import licensing
from tests.factories.tenants import tenant
from tests.licensing.test_usage import event
from tests.licensing.vendors import Vendor, ask, ask_for, vendor

OLD, NEW = f"1:{'A' * 43}=", f"1:{'A' * 43}=,2:{'B' * 43}="
REFUSED = (False, "TOO_MANY_USERS", "LIMIT_REACHED")
FINE = (True, "VALID", None)


@pytest.fixture
def lumen(db: None) -> Vendor:
    tenant("platform", slug="platform")
    return vendor("lumen")


def for_users(lumen: Vendor, most: int, **kind: Any) -> tuple[License, str]:
    license = lumen.license(lumen.license_type("node_locked", **kind), limits={"users": most})
    return license, lumen.key(license)


def on(key: str, machine: str, user: str | None, step: str = "activate") -> tuple[bool, str, str | None]:
    body = ask_for(step, key, machine, scope={} if user is None else {"user": user}).json()
    return body["valid"], body["code"], body["refusal"]


def validated(key: str, user: str, machine: str) -> str:
    code: str = ask(key, scope={"user": user, "fingerprint": machine}).json()["code"]
    return code


def users(lumen: Vendor) -> set[str]:
    with lumen.house.reading():
        return set(Activation.objects.live().values_list("user", flat=True))


@pytest.mark.requirement("REQ-195")
def test_the_limit_of_users_is_the_limit(lumen: Vendor) -> None:
    """Two of two, on three machines; a third user gets neither machine nor validation until one is gone."""
    _license, key = for_users(lumen, 2)
    assert [on(key, machine, user) for machine, user in (("a", "kim"), ("b", "ola"), ("c", " kim "))] == [FINE] * 3
    assert on(key, "d", "eve") == REFUSED
    assert (validated(key, "kim", "a"), validated(key, "eve", "a")) == ("VALID", "TOO_MANY_USERS")
    assert on(key, "b", None, step="deactivate")[2] is None
    assert validated(key, "eve", "a") == "VALID"
    assert on(key, "d", "eve") == FINE
    assert on(key, "b", "ola") == REFUSED


@pytest.mark.parametrize(
    ("most", "overage", "admitted"),
    [
        (0, {}, 0),
        (0, {"overage": "absolute", "overage_by": 2}, 0),
        (1, {}, 1),
        (1, {"overage": "absolute", "overage_by": 1}, 2),
        (2, {"overage": "percent", "overage_by": 50}, 3),
    ],
)
def test_what_is_allowed_on_top(lumen: Vendor, most: int, overage: dict[str, Any], admitted: int) -> None:
    """Up to the limit and the agreed overage; a limit of 0 admits nobody."""
    _license, key = for_users(lumen, most, machines=MachineRules(**overage))
    answers = [on(key, f"m{n}", f"u{n}")[0] for n in range(4)]
    assert answers == [True] * admitted + [False] * (4 - admitted)


def test_users_rest_as_digests_and_are_counted_only_where_they_are_named(lumen: Vendor) -> None:
    """No name is stored; a machine whose client names nobody is activated and counts nobody."""
    _license, key = for_users(lumen, 1)
    assert on(key, "a", "kim@example.org") == FINE
    assert on(key, "b", None) == FINE
    assert {len(one) for one in users(lumen)} == {0, 64}
    assert "kim" not in str(users(lumen))


def test_a_machine_counts_for_who_activated_it_last(lumen: Vendor) -> None:
    """Somebody else on the same machine takes the first one's place, if there is room for both at that moment."""
    _license, key = for_users(lumen, 2)
    on(key, "a", "kim")
    assert on(key, "a", "ola") == FINE
    assert len(users(lumen)) == 1
    assert on(key, "b", "kim") == FINE
    assert on(key, "a", "eve")[:2] == (False, "TOO_MANY_USERS")
    assert on(key, "c", "eve") == REFUSED


def test_one_user_counts_once_after_a_change_of_the_pepper(lumen: Vendor) -> None:
    """Known under the old pepper, counted once under the new one on all machines."""
    with override_settings(KEY_PEPPERS=OLD):
        _license, key = for_users(lumen, 1)
        on(key, "a", "kim")
    with override_settings(KEY_PEPPERS=NEW):
        assert validated(key, "kim", "a") == "VALID"
        assert on(key, "b", "kim") == FINE
        assert len(users(lumen)) == 1
        assert on(key, "c", "ola") == REFUSED


def test_users_cost_no_query_of_their_own(lumen: Vendor) -> None:
    """A validation asks as often with one user as with twelve, and as without a limit."""
    _license, key = for_users(lumen, 20)
    plain = lumen.key(lumen.license(lumen.license_type("perpetual")))
    counts = []
    for number in (1, 12):
        for n in range(number):
            on(key, f"m{n}", f"u{n}")
        with CaptureQueriesContext(connection) as queries:
            validated(key, "u0", "m0")
        counts.append(len(queries))
    ask(plain)
    with CaptureQueriesContext(connection) as queries:
        validated(plain, "u0", "m0")
    assert [*counts, len(queries)] == [counts[0]] * 3


@pytest.mark.requirement("REQ-195")
def test_each_type_of_limit_is_enforced(lumen: Vendor) -> None:
    """Features, user counts, data volumes and geographic reach: within each a validation is valid, beyond it it names
    the limit."""
    with lumen.house.writing():
        licensing.feature(lumen.product, code="export", kind="quantity")
    volume = FeatureGrant("export", value=QuotaTerms(limit=10, period=QuotaPeriod.MONTH))
    kind = lumen.license_type("subscription", conditions=Conditions(features=(volume,), territories=["NO"]))
    license = lumen.license(kind, limits={"users": 1})
    key = lumen.key(license)
    on(key, "a", "kim")
    within: dict[str, Any] = {"user": "kim", "country": "NO", "features": ["export"], "fingerprint": "a"}
    assert ask(key, scope=within).json()["code"] == "VALID"
    beyond = {"features": ["render"], "user": "eve", "country": "SE"}
    codes = {name: ask(key, scope={**within, name: value}).json()["code"] for name, value in beyond.items()}
    assert codes == {"features": "FEATURE_MISSING", "user": "TOO_MANY_USERS", "country": "COUNTRY_DENIED"}
    with lumen.house.writing() as trail:
        record_usage(source="plotter", events=[event(license, "k", "11")], trail=trail)
    assert ask(key, scope=within).json()["code"] == "QUOTA_EXCEEDED"


@pytest.mark.postgres
def test_users_at_once_never_exceed_the_limit(committed_db: Any) -> None:
    """Eight new users for three places at the same moment: three are in."""
    tenant("platform", slug="platform")
    lumen = vendor()
    _license, key = for_users(lumen, 3)
    answers: list[bool] = []

    def work(number: int) -> None:
        try:
            answers.append(on(key, f"m{number}", f"u{number}")[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [False] * 5 + [True] * 3
    assert len(users(lumen)) == 3
