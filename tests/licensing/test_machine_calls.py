"""Activate, ping and deactivate over the live views: what is answered, to whom, and what is refused to be read."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from kernel.clock import DatabaseClock
from licensing.models import Activation, License
from licensing.operations import MachineRules, release_activation, revoke_license, suspend_license
from licensing.rules.key_format import encode
from licensing.rules.terms import add_months
from licensing.signing import TokenKind
from tests.factories.tenants import tenant
from tests.licensing.lives import approved
from tests.licensing.vendors import Vendor, ask, ask_for, vendor, verified
from tests.seats.books import kinds

pytestmark = pytest.mark.django_db
NEVER_ISSUED = encode(bits=12345)
STEPS = ("activate", "ping", "deactivate")
PARTS = {"cpu": "GenuineIntel-6-158", "disk": "S3Z9NB0K", "board": "LN-0042"}


@pytest.fixture
def lumen() -> Vendor:
    tenant("platform", slug="platform")
    return vendor("lumen")


def rows(lumen: Vendor, **columns: Any) -> list[Activation]:
    with lumen.house.reading():
        return list(Activation.objects.filter(**columns).order_by("first_seen_at"))


def told(answer: Any) -> tuple[bool, str, str | None]:
    """Whether the licence is good on the machine, the code, and why the step was not done."""
    assert answer.status_code == 200, answer.content
    body = answer.json()
    return body["valid"], body["code"], body["refusal"]


class Later:
    """The database's clock, moved by so much."""

    def __init__(self, **by: float) -> None:
        self.by, self.real = timedelta(**by), DatabaseClock.now

    def __enter__(self) -> None:
        real, by = self.real, self.by
        self.patch = mock.patch.object(DatabaseClock, "now", lambda clock: real(clock) + by)
        self.patch.start()

    def __exit__(self, *_error: object) -> None:
        self.patch.stop()


def test_a_machine_is_activated_and_the_answer_is_signed(lumen: Vendor) -> None:
    """The answer names licence and activation, the token says the same, and one entry is in the ledger."""
    license, key = lumen.on_machines()
    stated = {"components": PARTS, "vm": False, "country": "no"}
    answer = ask_for("activate", key, scope=stated, machine_words={"platform": "Windows 11", "label": "CAD-07"})
    assert told(answer) == (True, "VALID", None)
    body = answer.json()
    [row] = rows(lumen)
    assert (body["sub"], body["activation"]["id"], body["asked"]) == (str(license.id), str(row.id), "activate")
    token = verified(body["token"], kind=TokenKind.DECISION, slug="lumen", iss="lumen", nonce="bm9uY2U")
    assert token.claims == {name: value for name, value in body.items() if name != "token"}
    assert (row.country, row.virtual_machine, set(row.components)) == ("NO", False, set(PARTS))
    assert (row.platform, row.label) == ("Windows 11", "CAD-07")
    assert kinds(lumen.house, "activation.") == ["activation.created"]


def test_nothing_of_a_machine_is_stored_in_the_clear(lumen: Vendor) -> None:
    """Fingerprint and components are digests; equal texts of another kind have other digests."""
    _license, key = lumen.on_machines()
    ask_for("activate", key, "same text", scope={"components": {"disk": "same text"}})
    [row] = rows(lumen)
    assert "same text" not in f"{row.fingerprint}{row.components}"
    assert (len(row.fingerprint), len(row.components["disk"])) == (64, 64)
    assert row.fingerprint != row.components["disk"]


def test_the_same_machine_again_is_the_same_activation(lumen: Vendor) -> None:
    """Whitespace round the fingerprint says nothing; one row, one entry, the first moment stays."""
    _license, key = lumen.on_machines(1)
    first = ask_for("activate", key, "laptop").json()
    again = ask_for("activate", key, "  laptop \n").json()
    assert again["activation"]["id"] == first["activation"]["id"]
    assert again["activation"]["first_seen_at"] == first["activation"]["first_seen_at"]
    assert kinds(lumen.house, "activation.") == ["activation.created"]


@pytest.mark.requirement("REQ-152")
def test_a_key_that_is_bound_fails_on_another_machine(lumen: Vendor) -> None:
    """Valid where it was activated, by fingerprint alone; elsewhere it is not."""
    _license, key = lumen.on_machines(1)
    ask_for("activate", key, "laptop")
    assert ask(key, scope={"fingerprint": "laptop"}).json()["code"] == "VALID"
    assert ask(key, scope={"fingerprint": "desktop"}).json()["code"] == "FINGERPRINT_MISMATCH"


def test_the_limit_is_the_limit(lumen: Vendor) -> None:
    """Two of two; a third is refused; a place that is given back is taken by the next."""
    _license, key = lumen.on_machines(2)
    assert [told(ask_for("activate", key, name)) for name in "ab"] == [(True, "VALID", None)] * 2
    assert told(ask_for("activate", key, "c")) == (False, "TOO_MANY_ACTIVATIONS", "LIMIT_REACHED")
    assert told(ask_for("deactivate", key, "a"))[2] is None
    assert told(ask_for("activate", key, "c")) == (True, "VALID", None)
    assert len(rows(lumen, released_at__isnull=True)) == 2


@pytest.mark.parametrize(
    ("most", "rules", "admitted"),
    [
        (0, {}, 0),
        (None, {}, 6),
        (2, {"overage": "absolute", "overage_by": 1}, 3),
        (4, {"overage": "percent", "overage_by": 49}, 5),
        (4, {"overage": "percent", "overage_by": 50}, 6),
        (0, {"overage": "absolute", "overage_by": 5}, 0),
        (2, {"overage": "absolute", "overage_by": 1, "overage_until": datetime(2020, 1, 1, tzinfo=UTC)}, 2),
    ],
)
def test_limits_and_what_is_allowed_on_top(lumen: Vendor, most: int | None, rules: Any, admitted: int) -> None:
    """0 admits none, none is no limit, a percentage is rounded down, an overage that has ended counts no more."""
    _license, key = lumen.on_machines(most, **rules)
    answers = [told(ask_for("activate", key, name)) for name in "abcdef"]
    assert [valid for valid, _code, _refusal in answers] == [True] * admitted + [False] * (6 - admitted)
    assert {refusal for valid, _code, refusal in answers if not valid} <= {"LIMIT_REACHED"}


def test_a_licence_that_is_not_valid_admits_no_machine(lumen: Vendor) -> None:
    """Suspended, revoked: refused with their codes; what is active can still be given back."""
    license, key = lumen.on_machines()
    ask_for("activate", key, "a")
    with lumen.house.writing() as trail:
        suspend_license(license_id=license.id, reason="unpaid", trail=trail)
    assert told(ask_for("activate", key, "b")) == (False, "SUSPENDED", "LICENSE_NOT_VALID")
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", license.id, reason="returned")
        revoke_license(license_id=license.id, reason="returned", approval=approval, trail=trail)
    assert told(ask_for("activate", key, "b")) == (False, "REVOKED", "LICENSE_NOT_VALID")
    assert ask_for("deactivate", key, "a").json()["activation"]["state"] == "ended"


@pytest.mark.parametrize(
    ("strategy", "outcome"),
    [
        ("restrict", (False, "EXPIRED", "LICENSE_NOT_VALID")),
        ("revoke", (False, "EXPIRED", "LICENSE_NOT_VALID")),
        ("maintain", (False, "EXPIRED", "LICENSE_NOT_VALID")),
        ("allow", (True, "VALID", None)),
    ],
)
def test_an_expired_licence_takes_new_machines_only_if_it_allows(
    lumen: Vendor, strategy: str, outcome: tuple[bool, str, str | None]
) -> None:
    """Also `maintain`, which keeps known machines valid, takes no new one."""
    kind = lumen.license_type("node_locked", expiry_strategy=strategy)
    over = lumen.license(kind, valid_from=add_months(at=datetime.now(UTC), months=-13))
    assert told(ask_for("activate", lumen.key(over), "a")) == outcome


@pytest.mark.parametrize("scope", ["license", "type", "product", "organization"])
def test_a_machine_counts_once_within_its_scope(lumen: Vendor, scope: str) -> None:
    """Within a licence every licence has its own; within type, product and organisation the second is refused, until
    the first is given back or its licence revoked."""
    kind = lumen.license_type("node_locked", machines=MachineRules(uniqueness_scope=scope))
    first, second = (lumen.license(kind) for _ in range(2))
    keys = [lumen.key(one) for one in (first, second)]
    assert told(ask_for("activate", keys[0], "a"))[0]
    answer = told(ask_for("activate", keys[1], "a"))
    if scope == "license":
        assert answer == (True, "VALID", None)
        return
    assert answer == (False, "FINGERPRINT_MISMATCH", "FINGERPRINT_IN_USE")
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", first.id, reason="returned")
        revoke_license(license_id=first.id, reason="returned", approval=approval, trail=trail)
    assert told(ask_for("activate", keys[1], "a")) == (True, "VALID", None)
    assert [row.end_reason for row in rows(lumen)] == ["license_revoked", ""]


def test_the_first_activation_starts_a_term_that_counts_from_it(lumen: Vendor) -> None:
    """Start and end are stored and told as START_TERM; the second machine changes neither."""
    license, key = lumen.on_machines(kind={"expiry_basis": "first_activation"})
    [duty] = ask_for("activate", key, "a").json()["obligations"]
    with lumen.house.reading():
        begun = License.objects.get(id=license.id)
    assert begun.first_activated_at is not None
    assert begun.expires_at == add_months(at=begun.first_activated_at, months=12)
    assert duty["code"] == "START_TERM"
    assert ask_for("activate", key, "b").json()["obligations"] == []
    with lumen.house.reading():
        assert License.objects.get(id=license.id).expires_at == begun.expires_at


@pytest.mark.requirement("REQ-157")
def test_transfers_are_counted_per_calendar_year(lumen: Vendor) -> None:
    """One transfer a year: giving back and returning is none, another machine is one, a second one is refused; the
    vendor's release lets one more in, and the next year counts anew."""
    _license, key = lumen.on_machines(1, transfers_per_year=1)
    ask_for("activate", key, "a")
    ask_for("deactivate", key, "a")
    assert told(ask_for("activate", key, "a"))[0]
    ask_for("deactivate", key, "a")
    assert told(ask_for("activate", key, "b")) == (True, "VALID", None)
    assert [row.is_transfer for row in rows(lumen)] == [False, False, True]
    ask_for("deactivate", key, "b")
    refused = told(ask_for("activate", key, "c"))
    assert refused == (False, "TOO_MANY_ACTIVATIONS", "TRANSFERS_EXHAUSTED")
    assert told(ask_for("activate", key, "b"))[0]
    [live] = rows(lumen, released_at__isnull=True)
    with lumen.house.writing() as trail:
        release_activation(activation_id=live.id, reason="disk broke", trail=trail)
    assert told(ask_for("activate", key, "c")) == (True, "VALID", None)
    ask_for("deactivate", key, "c")
    with Later(days=366 - datetime.now(UTC).timetuple().tm_yday):
        assert told(ask_for("activate", key, "d")) == (True, "VALID", None)


def test_without_heartbeats_a_machine_stays(lumen: Vendor) -> None:
    """No rule, no silence: months later it is the same activation."""
    _license, key = lumen.on_machines()
    first = ask_for("activate", key).json()
    assert (first["activation"]["silent_at"], first["machine_rules"]["heartbeat_seconds"]) == (None, None)
    with Later(days=200):
        assert ask_for("activate", key).json()["activation"]["id"] == first["activation"]["id"]


@pytest.mark.parametrize(
    ("resurrection", "seconds", "alive"),
    [
        ("never", 599, True),
        ("never", 601, False),
        ("1_minute", 659, True),
        ("1_minute", 661, False),
        ("15_minutes", 1499, True),
        ("15_minutes", 1501, False),
        ("always", 10_000_000, True),
    ],
)
def test_a_silent_machine_comes_back_in_time_or_never(
    lumen: Vendor, resurrection: str, seconds: int, alive: bool
) -> None:
    """600 seconds of silence and the time of the strategy; afterwards a first ping comes too late."""
    _license, key = lumen.on_machines(
        heartbeat="from_creation", resurrection=resurrection, kind={"duration_months": 1200}
    )
    ask_for("activate", key)
    with Later(seconds=seconds):
        answer = told(ask_for("ping", key))
    assert answer == ((True, "VALID", None) if alive else (False, "HEARTBEAT_NOT_STARTED", "HEARTBEAT_LOST"))
    assert ("activation.revived" in kinds(lumen.house, "activation.")) == (alive and seconds > 600)


def test_from_the_first_ping_silence_counts(lumen: Vendor) -> None:
    """Before the first heartbeat none is missed."""
    _license, key = lumen.on_machines(heartbeat="from_first_ping", heartbeat_seconds=60)
    ask_for("activate", key)
    with Later(days=30):
        assert told(ask_for("ping", key)) == (True, "VALID", None)
    with Later(days=30, seconds=61):
        assert told(ask_for("ping", key)) == (False, "HEARTBEAT_DEAD", "HEARTBEAT_LOST")


def test_a_lost_machine_frees_its_place_before_anything_is_counted(lumen: Vendor) -> None:
    """No sweep has run: the next machine gets the place, and the lost one asks for a new one."""
    _license, key = lumen.on_machines(1, heartbeat="from_creation")
    ask_for("activate", key, "a")
    assert told(ask_for("activate", key, "b"))[2] == "LIMIT_REACHED"
    with Later(seconds=601):
        assert told(ask_for("activate", key, "b"))[0]
        assert told(ask_for("activate", key, "a"))[2] == "LIMIT_REACHED"
    assert [row.end_reason for row in rows(lumen)] == ["heartbeat_lost", ""]


def test_a_heartbeat_leaves_no_entry_and_moves_the_silence(lumen: Vendor) -> None:
    """Telemetry: the ledger has the activation alone."""
    _license, key = lumen.on_machines(heartbeat="from_creation")
    before = ask_for("activate", key).json()["activation"]
    after = ask_for("ping", key).json()["activation"]
    assert after["silent_at"] > before["silent_at"]
    assert after["last_ping_at"] is not None
    assert kinds(lumen.house, "activation.") == ["activation.created"]


@pytest.mark.parametrize("step", ["ping", "deactivate"])
def test_a_machine_without_an_activation_is_told_so(lumen: Vendor, step: str) -> None:
    """Not activated, or given back before: the same answer, as often as it asks."""
    _license, key = lumen.on_machines()
    ask_for("activate", key, "a")
    ask_for("deactivate", key, "a")
    for name in ("a", "a", "never seen"):
        answer = ask_for(step, key, name)
        assert told(answer)[2] == "NO_ACTIVATION"
        assert "NOT_ACTIVATED" in answer.json()["findings"]
        assert answer.json()["activation"] is None


@pytest.mark.parametrize("step", STEPS)
def test_an_unknown_key_is_answered_by_the_platform(lumen: Vendor, step: str) -> None:
    """NOT_FOUND, nothing of a licence, signed by the platform; mistyped and never issued look the same."""
    for typed in (NEVER_ISSUED, "no key at all"):
        body = ask_for(step, typed).json()
        assert (body["valid"], body["code"], body["iss"], body["activation"]) == (False, "NOT_FOUND", "platform", None)
        assert "sub" not in body
        verified(body["token"], kind=TokenKind.DECISION)
    assert rows(lumen) == []


@pytest.mark.parametrize("step", STEPS)
def test_one_vendors_key_reaches_no_machine_of_another(lumen: Vendor, step: str) -> None:
    """The same fingerprint in two books: each key moves its own alone."""
    other = vendor("other")
    (_one, ours), (_two, theirs) = lumen.on_machines(), other.on_machines()
    for key in (ours, theirs):
        ask_for("activate", key, "a")
    assert ask_for(step, theirs, "a").json()["iss"] == "other"
    [row] = rows(lumen)
    assert (row.is_live, row.last_ping_at) == (True, None)


BAD: dict[str, tuple[object, list[str]]] = {
    "no JSON": (b"{", ["/"]),
    "a list": ([], ["/"]),
    "nothing": ({}, ["/key", "/nonce", "/scope/fingerprint"]),
    "an empty fingerprint": ({"key": "A", "nonce": "n", "scope": {"fingerprint": " \t"}}, ["/scope/fingerprint"]),
    "a number": ({"key": "A", "nonce": "n", "scope": {"fingerprint": 7}}, ["/scope/fingerprint"]),
    "NUL": ({"key": "A", "nonce": "n", "scope": {"fingerprint": "a\0"}}, ["/scope/fingerprint"]),
    "vm is a word": ({"key": "A", "nonce": "n", "scope": {"fingerprint": "a", "vm": "no"}}, ["/scope/vm"]),
    "components are a list": (
        {"key": "A", "nonce": "n", "scope": {"fingerprint": "a", "components": []}},
        ["/scope/components"],
    ),
    "a component is a number": (
        {"key": "A", "nonce": "n", "scope": {"fingerprint": "a", "components": {"cpu": 1}}},
        ["/scope/components/cpu"],
    ),
    "too many components": (
        {"key": "A", "nonce": "n", "scope": {"fingerprint": "a", "components": {str(n): "x" for n in range(21)}}},
        ["/scope/components"],
    ),
    "unknown members": (
        {"key": "A", "nonce": "n", "at": 1, "scope": {"fingerprint": "a", "lease": "u"}, "machine": {"cpu": 1}},
        ["/at", "/scope/lease", "/machine/cpu"],
    ),
    "a machine in words": ({"key": "A", "nonce": "n", "scope": {"fingerprint": "a"}, "machine": "x"}, ["/machine"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_with_its_place(lumen: Vendor, name: str) -> None:
    """400 INVALID_INPUT as problem+json, each mistake with its JSON pointer."""
    body, pointers = BAD[name]
    browser = Client(HTTP_HOST="127.0.0.1")
    answer = browser.post("/api/v1/activations/activate", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


@pytest.mark.parametrize("step", STEPS)
def test_only_small_posts_are_read(lumen: Vendor, step: str) -> None:
    """405 with the method that is allowed; 413 beyond 4,096 bytes."""
    answer = Client(HTTP_HOST="127.0.0.1").get(f"/api/v1/activations/{step}")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert ask_for(step, "A", padding="x" * 5_000).status_code == 413


@pytest.mark.parametrize("step", STEPS)
def test_queries_do_not_grow_with_the_machines(lumen: Vendor, step: str) -> None:
    """The same number of statements with one machine and with thirty."""
    _license, key = lumen.on_machines(None)
    counts = []
    for machines in (1, 30):
        for number in range(machines):
            ask_for("activate", key, f"m{number}")
        with CaptureQueriesContext(connection) as queries:
            ask_for(step, key, "m0")
        counts.append(len([one for one in queries if "SAVEPOINT" not in one["sql"]]))
        ask_for("deactivate", key, "m0")
    assert counts[0] == counts[1]
    assert counts[0] <= 25


OLD, NEW = f"1:{'A' * 43}=", f"1:{'A' * 43}=,2:{'B' * 43}="


def test_machines_outlive_a_change_of_the_pepper(lumen: Vendor) -> None:
    """Found under the old pepper, the row moves to the new one, components too; it stays one activation."""
    with override_settings(KEY_PEPPERS=OLD):
        _license, key = lumen.on_machines(1)
        first = ask_for("activate", key, "a", scope={"components": PARTS}).json()["activation"]["id"]
        [before] = rows(lumen)
    with override_settings(KEY_PEPPERS=NEW):
        changed = {**PARTS, "disk": "another"}
        assert ask_for("ping", key, "a", scope={"components": changed}).json()["activation"]["id"] == first
        [after] = rows(lumen)
        assert (before.pepper_version, after.pepper_version) == (1, 2)
        assert after.fingerprint != before.fingerprint
        assert after.components["cpu"] != before.components["cpu"]
        assert after.components["disk"] == before.components["disk"]
        assert ask_for("activate", key, "a").json()["activation"]["id"] == first


@pytest.mark.requirement("REQ-155")
def test_a_machine_tries_a_product_once(lumen: Vendor) -> None:
    """A second trial of the same product on the same machine is refused, also when the first place was given back; the
    same trial again, another machine and a bought licence are not."""
    kind = lumen.license_type("trial", trial_once="fingerprint")
    first, second = (lumen.key(lumen.license(kind)) for _ in range(2))
    assert told(ask_for("activate", first, "a")) == (True, "VALID", None)
    ask_for("deactivate", first, "a")
    assert told(ask_for("activate", second, "a")) == (False, "NOT_ACTIVATED", "TRIAL_USED")
    assert told(ask_for("activate", first, "a")) == (True, "VALID", None)
    assert told(ask_for("activate", second, "b")) == (True, "VALID", None)
    bought = lumen.key(lumen.license(lumen.license_type("perpetual")))
    assert told(ask_for("activate", bought, "a")) == (True, "VALID", None)
