"""When the codes about machines, places and clocks are found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from licensing.rules.allowances import Allowance
from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.machines import FingerprintMatching, HeartbeatRule, MachineTerms
from tests.licensing.boundaries import ALWAYS_FOUND, NEVER_FOUND, Boundary, When, from_on, up_to
from tests.licensing.cases import (
    A_MICROSECOND,
    ACTIVATED,
    ANYTHING,
    BOUND,
    CREATED,
    LONG_AGO,
    NOW,
    PERPETUAL,
    THIS_MACHINE,
)

TEN_MINUTES = timedelta(minutes=10)
ELSEWHERE = ValidationScope(fingerprints=("f9",))
NO_MACHINE = ValidationScope(fingerprints=())


def matching(rule: FingerprintMatching, *names: str, components: int = 3) -> tuple[LicenseFacts, ValidationScope]:
    """An activation of so many components that must match by the rule, and the machine with these found again."""
    facts, activation = ACTIVATED, ACTIVATED.activation
    assert activation is not None
    stored = {f"part-{number}": f"p{number}" for number in range(components)}
    found = {name: stored.get(name, "another") for name in names}
    facts = replace(
        facts, machines=MachineTerms(bound=True, matching=rule), activation=replace(activation, components=stored)
    )
    return facts, replace(THIS_MACHINE, components=found)


def beating(rule: HeartbeatRule, **activation: Any) -> LicenseFacts:
    assert ACTIVATED.activation is not None
    return replace(
        ACTIVATED,
        machines=MachineTerms(bound=True, heartbeat=rule),
        activation=replace(ACTIVATED.activation, **activation),
    )


def on_virtual_machines(allowed: bool, activated_on: bool | None = None) -> LicenseFacts:
    assert ACTIVATED.activation is not None
    return replace(
        ACTIVATED,
        machines=MachineTerms(virtual_machines_allowed=allowed),
        activation=replace(ACTIVATED.activation, virtual_machine=activated_on),
    )


ANY, TWO, MOST, ALL = FingerprintMatching
FROM_CREATION, FROM_FIRST_PING = HeartbeatRule.FROM_CREATION, HeartbeatRule.FROM_FIRST_PING
PINGED: dict[str, Any] = {"first_ping_at": CREATED, "last_ping_at": NOW}
NO_VMS = on_virtual_machines(allowed=False)
DOMAINS = replace(PERPETUAL, domains=frozenset({"fjord.example"}))
SALES = replace(PERPETUAL, departments=frozenset({"sales"}))
AWAY = replace(PERPETUAL, connectivity_grace=timedelta(hours=72), last_check_in_at=NOW)

MACHINES: dict[str, Boundary] = {
    "no fingerprint": Boundary(Code.FINGERPRINT_REQUIRED, BOUND, ANYTHING, **ALWAYS_FOUND),
    "no fingerprint, not bound": Boundary(Code.FINGERPRINT_REQUIRED, PERPETUAL, ANYTHING, **NEVER_FOUND),
    "an empty list": Boundary(Code.FINGERPRINT_EMPTY, BOUND, NO_MACHINE, **ALWAYS_FOUND),
    "an empty list, not bound": Boundary(Code.FINGERPRINT_EMPTY, PERPETUAL, NO_MACHINE, **ALWAYS_FOUND),
    "a fingerprint": Boundary(Code.FINGERPRINT_EMPTY, ACTIVATED, THIS_MACHINE, **NEVER_FOUND),
    "another machine": Boundary(Code.FINGERPRINT_MISMATCH, BOUND, ELSEWHERE, **ALWAYS_FOUND),
    "another machine, though gathered": Boundary(Code.FINGERPRINT_MISMATCH, ACTIVATED, ELSEWHERE, **ALWAYS_FOUND),
    "one of several fingerprints": Boundary(
        Code.FINGERPRINT_MISMATCH, ACTIVATED, ValidationScope(fingerprints=("f9", "f1")), **NEVER_FOUND
    ),
    "a fingerprint under an older pepper": Boundary(
        Code.FINGERPRINT_MISMATCH,
        ACTIVATED,
        ValidationScope(fingerprints=("f1 anew",), older={"f1 anew": frozenset({"f1"})}),
        **NEVER_FOUND,
    ),
    "another machine, not bound": Boundary(Code.FINGERPRINT_MISMATCH, PERPETUAL, ELSEWHERE, **NEVER_FOUND),
    "never activated": Boundary(
        Code.NOT_ACTIVATED, replace(BOUND, activations=Allowance(limit=3, used=0)), ELSEWHERE, **ALWAYS_FOUND
    ),
    "never activated, nothing counted": Boundary(
        Code.NOT_ACTIVATED, replace(BOUND, activations=None), ELSEWHERE, **ALWAYS_FOUND
    ),
    "activated": Boundary(Code.NOT_ACTIVATED, ACTIVATED, THIS_MACHINE, **NEVER_FOUND),
    **{
        f"{rule}: {len(found)} of {of} parts": Boundary(
            Code.COMPONENTS_MISMATCH, *matching(rule, *found, components=of), **when
        )
        for rule, found, of, when in (
            (ANY, ["part-9"], 3, ALWAYS_FOUND),
            (ANY, ["part-0"], 3, NEVER_FOUND),
            (TWO, ["part-0"], 3, ALWAYS_FOUND),
            (TWO, ["part-0", "part-2"], 3, NEVER_FOUND),
            (TWO, ["part-0"], 1, NEVER_FOUND),
            (TWO, [], 1, ALWAYS_FOUND),
            (MOST, ["part-0"], 3, ALWAYS_FOUND),
            (MOST, ["part-0", "part-1"], 3, NEVER_FOUND),
            (MOST, ["part-0"], 4, ALWAYS_FOUND),
            (MOST, ["part-0", "part-1"], 4, NEVER_FOUND),
            (MOST, ["part-0", "part-1"], 5, ALWAYS_FOUND),
            (MOST, ["part-0", "part-1", "part-2"], 5, NEVER_FOUND),
            (ALL, ["part-0", "part-1"], 3, ALWAYS_FOUND),
            (ALL, ["part-0", "part-1", "part-2", "part-3"], 3, NEVER_FOUND),
        )
    },
    "a part that was exchanged": Boundary(
        Code.COMPONENTS_MISMATCH,
        replace(ACTIVATED, machines=MachineTerms(bound=True, matching=ALL)),
        replace(THIS_MACHINE, components={"board": "b1", "disk": "d2", "cpu": "c1"}),
        **ALWAYS_FOUND,
    ),
    "a part under an older pepper": Boundary(
        Code.COMPONENTS_MISMATCH,
        ACTIVATED,
        replace(THIS_MACHINE, components={"disk": "d1 anew"}, older={"d1 anew": frozenset({"d1"})}),
        **NEVER_FOUND,
    ),
    "parts not stated": Boundary(Code.COMPONENTS_MISMATCH, ACTIVATED, THIS_MACHINE, **NEVER_FOUND),
    "activated without parts": Boundary(Code.COMPONENTS_MISMATCH, *matching(ALL, components=0), **NEVER_FOUND),
    "first heartbeat overdue": Boundary(
        Code.HEARTBEAT_NOT_STARTED, beating(FROM_CREATION), THIS_MACHINE, **from_on(CREATED + TEN_MINUTES)
    ),
    "never pinged, counts from the first": Boundary(
        Code.HEARTBEAT_NOT_STARTED, beating(FROM_FIRST_PING), THIS_MACHINE, **NEVER_FOUND
    ),
    "never pinged, no heartbeat": Boundary(
        Code.HEARTBEAT_NOT_STARTED, beating(HeartbeatRule.OFF), THIS_MACHINE, **NEVER_FOUND
    ),
    "silent, from creation": Boundary(
        Code.HEARTBEAT_DEAD, beating(FROM_CREATION, **PINGED), THIS_MACHINE, **from_on(NOW + TEN_MINUTES)
    ),
    "silent, from the first ping": Boundary(
        Code.HEARTBEAT_DEAD, beating(FROM_FIRST_PING, **PINGED), THIS_MACHINE, **from_on(NOW + TEN_MINUTES)
    ),
    "silent, no heartbeat": Boundary(
        Code.HEARTBEAT_DEAD, beating(HeartbeatRule.OFF, **PINGED), THIS_MACHINE, **NEVER_FOUND
    ),
}

PLACES: dict[str, Boundary] = {
    "domain outside": Boundary(
        Code.DOMAIN_DENIED, DOMAINS, ValidationScope(domain="www.fjord.example"), **ALWAYS_FOUND
    ),
    "domain inside": Boundary(Code.DOMAIN_DENIED, DOMAINS, ValidationScope(domain="Fjord.Example"), **NEVER_FOUND),
    "domain not stated": Boundary(Code.DOMAIN_DENIED, DOMAINS, ANYTHING, **NEVER_FOUND),
    "any domain": Boundary(Code.DOMAIN_DENIED, PERPETUAL, ValidationScope(domain="a.example"), **NEVER_FOUND),
    "no domain at all": Boundary(
        Code.DOMAIN_DENIED, replace(PERPETUAL, domains=frozenset()), ValidationScope(domain="a.example"), **ALWAYS_FOUND
    ),
    "virtual": Boundary(Code.VM_DENIED, NO_VMS, ValidationScope(virtual_machine=True), **ALWAYS_FOUND),
    "physical": Boundary(Code.VM_DENIED, NO_VMS, ValidationScope(virtual_machine=False), **NEVER_FOUND),
    "neither said": Boundary(Code.VM_DENIED, NO_VMS, THIS_MACHINE, **NEVER_FOUND),
    "activated on a virtual one": Boundary(
        Code.VM_DENIED, on_virtual_machines(allowed=False, activated_on=True), THIS_MACHINE, **ALWAYS_FOUND
    ),
    "activated on a virtual one, now denied": Boundary(
        Code.VM_DENIED,
        on_virtual_machines(allowed=False, activated_on=True),
        replace(THIS_MACHINE, virtual_machine=False),
        **ALWAYS_FOUND,
    ),
    "virtual, allowed": Boundary(
        Code.VM_DENIED,
        on_virtual_machines(allowed=True, activated_on=True),
        replace(THIS_MACHINE, virtual_machine=True),
        **NEVER_FOUND,
    ),
    "department outside": Boundary(Code.DEPARTMENT_DENIED, SALES, ValidationScope(department="ops"), **ALWAYS_FOUND),
    "department inside": Boundary(Code.DEPARTMENT_DENIED, SALES, ValidationScope(department="Sales"), **NEVER_FOUND),
    "department not stated": Boundary(Code.DEPARTMENT_DENIED, SALES, ANYTHING, **NEVER_FOUND),
}


def clock(client_at: datetime, **facts: Any) -> tuple[LicenseFacts, ValidationScope]:
    return replace(PERPETUAL, **facts), ValidationScope(client_at=client_at)


FIVE = timedelta(minutes=5)
HOUR = timedelta(hours=1)
# A client that stated 11:00 when it was 12:00 here: an hour slow, and nobody minds.
SLOW: dict[str, Any] = {"last_client_at": NOW - HOUR, "last_answer_at": NOW}
FAST: dict[str, Any] = {"last_client_at": NOW + 2 * HOUR, "last_answer_at": NOW}


def at_once(code_found: bool, at: datetime) -> When:
    return {"found": (at,), "absent": ()} if code_found else {"found": (), "absent": (at,)}


CLOCKS: dict[str, Boundary] = {
    "stated and stopped": Boundary(
        # The clock still says 11:00: behind itself by more than five minutes, five minutes and a microsecond later.
        Code.CLOCK_TAMPERED,
        *clock(NOW - HOUR, **SLOW),
        **from_on(NOW + FIVE + A_MICROSECOND),
    ),
    "two hours back": Boundary(
        Code.CLOCK_TAMPERED, *clock(NOW - 2 * HOUR, last_client_at=NOW, last_answer_at=NOW), **at_once(True, NOW)
    ),
    "back by the tolerance": Boundary(
        Code.CLOCK_TAMPERED, *clock(NOW - FIVE, last_client_at=NOW, last_answer_at=NOW), **at_once(False, NOW)
    ),
    "back by a microsecond more": Boundary(
        Code.CLOCK_TAMPERED,
        *clock(NOW - FIVE - A_MICROSECOND, last_client_at=NOW, last_answer_at=NOW),
        **at_once(True, NOW),
    ),
    "slow, and steady": Boundary(Code.CLOCK_TAMPERED, *clock(NOW, **SLOW), **at_once(False, NOW + HOUR)),
    "fast, set to the true time": Boundary(
        Code.CLOCK_TAMPERED, *clock(NOW + HOUR, **FAST), **at_once(False, NOW + HOUR)
    ),
    "fast, set back beyond the true time": Boundary(
        Code.CLOCK_TAMPERED, *clock(NOW + HOUR - FIVE - A_MICROSECOND, **FAST), **at_once(True, NOW + HOUR)
    ),
    "never stated before": Boundary(Code.CLOCK_TAMPERED, *clock(LONG_AGO), **at_once(False, NOW)),
    "answered at an unknown time": Boundary(
        Code.CLOCK_TAMPERED, *clock(NOW - HOUR, last_client_at=NOW), **at_once(True, NOW)
    ),
    "first year of the calendar": Boundary(
        Code.CLOCK_TAMPERED,
        *clock(datetime.min.replace(tzinfo=UTC), last_client_at=datetime.max.replace(tzinfo=UTC), last_answer_at=NOW),
        **at_once(True, NOW),
    ),
    "behind the server's time that it kept": Boundary(
        Code.CLOCK_TAMPERED,
        PERPETUAL,
        ValidationScope(client_at=NOW - FIVE - A_MICROSECOND, last_server_at=NOW),
        **at_once(True, NOW),
    ),
    "behind the server's time by the tolerance": Boundary(
        Code.CLOCK_TAMPERED,
        PERPETUAL,
        ValidationScope(client_at=NOW - FIVE, last_server_at=NOW),
        **at_once(False, NOW + HOUR),
    ),
    "a right clock, a time of the server that never was": Boundary(
        Code.CLOCK_TAMPERED,
        PERPETUAL,
        ValidationScope(client_at=NOW, last_server_at=NOW + 24 * HOUR),
        **at_once(False, NOW),
    ),
    "no clock stated": Boundary(
        Code.CLOCK_TAMPERED, replace(PERPETUAL, **FAST), ValidationScope(last_server_at=NOW), **NEVER_FOUND
    ),
    "away": Boundary(Code.OVERDUE, AWAY, ANYTHING, **from_on(NOW + timedelta(hours=72))),
    "away without end": Boundary(Code.OVERDUE, replace(AWAY, connectivity_grace=None), ANYTHING, **NEVER_FOUND),
    "never heard of": Boundary(Code.OVERDUE, replace(AWAY, last_check_in_at=None), ANYTHING, **NEVER_FOUND),
    "no absence allowed": Boundary(
        Code.OVERDUE, replace(AWAY, connectivity_grace=timedelta(0)), ANYTHING, **from_on(NOW)
    ),
    "throttled": Boundary(Code.THROTTLED, replace(PERPETUAL, throttled_until=NOW), ANYTHING, **up_to(NOW)),
}
CLIENTS = {**MACHINES, **PLACES, **CLOCKS}
