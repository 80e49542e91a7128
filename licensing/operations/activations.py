"""A licence begins on a machine: the limit is counted, the place is taken, the term may start."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kernel.trail import Trail
from licensing.models import Activation, EndReason, License
from licensing.operations.activation_ends import end, end_lost
from licensing.operations.activation_signs import seen
from licensing.operations.license_states import locked_license, note_first_activation, start_term
from licensing.operations.trial_claims import TrialUsed, claim_trial_machine
from licensing.queries.activations import activation_within, places_given_up, transfers_since
from licensing.queries.license_facts import license_behind, with_machine
from licensing.rules.activating import (
    ActivationRefusal,
    EndedPlace,
    admits_machines,
    place_taken_over,
    scope_key,
    with_finding,
    year_start,
)
from licensing.rules.amounts import ceiling
from licensing.rules.codes import Code, ObligationCode
from licensing.rules.decision import NOT_FOUND, decide
from licensing.rules.facts import LicenseFacts, LicenseStatus, ValidationScope
from licensing.rules.heartbeats import lost_at
from licensing.rules.machines import LiveActivation, UniquenessScope
from licensing.rules.outcome import Decision, Finding, Obligation
from licensing.rules.statements import StatedMachine

TOO_MANY = frozenset({Code.TOO_MANY_ACTIVATIONS, Code.TOO_MANY_USERS})


@dataclass(frozen=True, kw_only=True)
class ActivationAnswer:
    """What a client is told: the decision about licence and machine after the step, the activation that it concerns,
    and why the step was not done."""

    decision: Decision
    at: datetime
    license: License
    row: Activation | None = None
    refusal: ActivationRefusal | None = None


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One question under the licence's lock, with the facts as they are there."""

    license: License
    facts: LicenseFacts
    scope: ValidationScope
    machine: StatedMachine
    at: datetime
    trail: Trail


def activate(
    *, license_id: UUID, digests: Collection[bytes], scope: ValidationScope, machine: StatedMachine, trail: Trail
) -> ActivationAnswer:
    """Takes a place on the machine for the licence, or answers why not. A machine that has a place keeps it: asking
    again returns the same activation.

    Locks the licence. Places of machines that fell silent for good are free before anything is counted, and what is
    counted is read in a statement of its own after the lock. `digests` are those of the key that was presented.
    """
    license = locked_license(license_id=license_id)
    now = trail.clock.now()
    end_lost(license=license, at=now, trail=trail)
    key = _scope_key(license)
    found = _unless_revoked(activation_within(scope_key=key, fingerprints=machine.fingerprints), license, now, trail)
    known = license_behind(digests=digests, version=scope.version, at=now)
    if known is None:
        return ActivationAnswer(
            decision=NOT_FOUND, at=now, license=license, refusal=ActivationRefusal.LICENSE_NOT_VALID
        )
    asked = _Asked(license=license, facts=known.facts, scope=scope, machine=machine, at=now, trail=trail)
    if found is None:
        return _admit(asked, key)
    if found.license_id != license.id:
        finding = Finding(Code.FINGERPRINT_MISMATCH, "uniqueness_scope", license.license_type.uniqueness_scope)
        decision = with_finding(_decided_as_if_admitted(asked), finding)
        return _refused(asked, decision, ActivationRefusal.FINGERPRINT_IN_USE)
    return _again(asked, found)


def _unless_revoked(found: Activation | None, license: License, at: datetime, trail: Trail) -> Activation | None:
    """A revoked licence holds no machine against another one."""
    if found is None or found.license_id == license.id or found.license.status != LicenseStatus.REVOKED:
        return found
    row = Activation.objects.live().select_for_update(no_key=True, of=("self",)).filter(id=found.id).first()
    if row is not None:
        end(row=row, reason=EndReason.LICENSE_REVOKED, at=at)
        trail.record("activation.ended", subject=row, details={"reason": row.end_reason})
    return None


def _again(asked: _Asked, found: Activation) -> ActivationAnswer:
    """The activation that the machine has, which was seen once more; silent, but in time, it comes back."""
    row = Activation.objects.select_for_update(no_key=True, of=("self",)).get(id=found.id)
    seen(row=row, machine=asked.machine, terms=asked.facts.machines, at=asked.at, is_ping=False, trail=asked.trail)
    scope = asked.machine.asked(asked.scope, pepper_version=row.pepper_version)
    decision = decide(with_machine(asked.facts, row), scope, asked.at)
    if decision.valid:
        _name_user(row, scope)
    decision = _with_start_of_term(asked, decision)
    return ActivationAnswer(decision=decision, at=asked.at, license=asked.license, row=row)


def _name_user(row: Activation, scope: ValidationScope) -> None:
    """The user of a machine is who activated it last. What is stored of this user under older peppers is replaced on
    all machines of the licence, so that one person is counted once after a rotation."""
    if scope.user is None:
        return
    stored = Activation.objects.live().filter(license=row.license_id, user__in=scope.older.get(scope.user, ()))
    stored.update(user=scope.user)
    if row.user != scope.user:
        row.user = scope.user
        row.save(update_fields=["user"])


def _admit(asked: _Asked, key: str) -> ActivationAnswer:
    """A new place, unless the licence is not valid, no place is left, the year's transfers are spent, or the machine
    has tried the product before."""
    decision = _decided_as_if_admitted(asked)
    refusal = None if decision.valid else ActivationRefusal.LICENSE_NOT_VALID
    if not admits_machines(asked.facts, asked.at):
        decision = with_finding(decision, Finding(Code.EXPIRED, "expires_at", asked.license.expires_at))
        refusal = ActivationRefusal.LICENSE_NOT_VALID
    taken = _place_taken_over(asked)
    if refusal is None or _only_too_many(decision):
        decision, refusal = _within_numbers(asked, decision, taken)
    if refusal is None:
        decision, refusal = _unless_tried(asked, decision)
    if refusal is not None:
        return _refused(asked, decision, refusal)
    row = _taken(asked, key, taken)
    _name_user(row, asked.scope)
    begun = note_first_activation(license=asked.license, at=asked.at, trail=asked.trail)
    decision = _with_start_of_term(asked, decision)
    if begun and asked.license.expires_at is not None:
        duty = Obligation(ObligationCode.START_TERM, asked.at, asked.license.expires_at)
        decision = replace(decision, obligations=(*decision.obligations, duty))
    return ActivationAnswer(decision=decision, at=asked.at, license=asked.license, row=row)


def _decided_as_if_admitted(asked: _Asked) -> Decision:
    """The decision about the licence as it would be with this machine on it: what is new is heard of now and needs no
    seat."""
    facts, machine = asked.facts, asked.machine
    wanted = LiveActivation(
        fingerprint=machine.newest.fingerprint,
        created_at=asked.at,
        components=machine.newest.components,
        virtual_machine=machine.virtual_machine,
    )
    allowed = facts.activations
    if allowed is not None:
        allowed = replace(allowed, used=allowed.used + 1)
    admitted = replace(facts, activation=wanted, activations=allowed, last_check_in_at=asked.at, lease_required=False)
    return decide(admitted, machine.asked(asked.scope), asked.at)


def _only_too_many(decision: Decision) -> bool:
    return {finding.code for finding in decision.findings} <= TOO_MANY


def _within_numbers(
    asked: _Asked, decision: Decision, taken: EndedPlace | None
) -> tuple[Decision, ActivationRefusal | None]:
    if any(finding.code is Code.TOO_MANY_USERS for finding in decision.findings):
        return decision, ActivationRefusal.LIMIT_REACHED
    allowed, kind = asked.facts.activations, asked.license.license_type
    most = None if allowed is None else ceiling(limit=allowed.limit, overage=allowed.overage, at=asked.at)
    if allowed is not None and most is not None and allowed.used >= most:
        finding = Finding(Code.TOO_MANY_ACTIVATIONS, "activations", allowed.used, most)
        return with_finding(decision, finding), ActivationRefusal.LIMIT_REACHED
    if kind.transfers_per_year is None or not _is_transfer(asked.machine, taken):
        return decision, None
    made = transfers_since(license_id=asked.license.id, since=year_start(asked.at))
    if made < kind.transfers_per_year:
        return decision, None
    finding = Finding(Code.TOO_MANY_ACTIVATIONS, "transfers_per_year", made, kind.transfers_per_year)
    return with_finding(decision, finding), ActivationRefusal.TRANSFERS_EXHAUSTED


def _unless_tried(asked: _Asked, decision: Decision) -> tuple[Decision, ActivationRefusal | None]:
    """Notes the machine that tries the product, where the licence type allows one trial for each."""
    try:
        claim_trial_machine(license=asked.license, digests=asked.machine.fingerprints, trail=asked.trail)
    except TrialUsed:
        return with_finding(decision, Finding(Code.NOT_ACTIVATED, "activation")), ActivationRefusal.TRIAL_USED
    return decision, None


def _place_taken_over(asked: _Asked) -> EndedPlace | None:
    machines = asked.machine.fingerprints
    given_up = places_given_up(license_id=asked.license.id, since=year_start(asked.at), fingerprints=machines)
    return place_taken_over(fingerprints=machines, given_up=given_up)


def _is_transfer(machine: StatedMachine, taken: EndedPlace | None) -> bool:
    return taken is not None and taken.fingerprint not in machine.fingerprints


def _taken(asked: _Asked, key: str, taken: EndedPlace | None) -> Activation:
    machine, license, newest = asked.machine, asked.license, asked.machine.newest
    row = Activation(
        organization_id=asked.trail.organization_id,
        license=license,
        scope_key=key,
        fingerprint=newest.fingerprint,
        pepper_version=newest.pepper_version,
        components=dict(newest.components),
        platform=machine.platform,
        label=machine.label,
        country=machine.country,
        virtual_machine=machine.virtual_machine,
        first_seen_at=asked.at,
        last_seen_at=asked.at,
        replaces_id=None if taken is None else taken.id,
        is_transfer=_is_transfer(machine, taken),
    )
    row.lost_at = lost_at(asked.facts.machines, row.as_fact)
    row.save(force_insert=True)
    allowed = asked.facts.activations
    asked.trail.record(
        "activation.created",
        subject=row,
        details={
            "license": str(license.id),
            "number": license.number,
            "live": None if allowed is None else allowed.used + 1,
            "limit": None if allowed is None else allowed.limit,
            "country": row.country,
            "virtual_machine": row.virtual_machine,
            "transfer": row.is_transfer,
        },
    )
    return row


def _with_start_of_term(asked: _Asked, decision: Decision) -> Decision:
    """A term that counts from the first valid use begins with an activation, too."""
    if any(duty.code is ObligationCode.START_TERM for duty in decision.obligations):
        start_term(license=asked.license, at=asked.at, trail=asked.trail)
    return decision


def _refused(asked: _Asked, decision: Decision, refusal: ActivationRefusal) -> ActivationAnswer:
    return ActivationAnswer(decision=decision, at=asked.at, license=asked.license, refusal=refusal)


def _scope_key(license: License) -> str:
    kind = license.license_type
    return scope_key(
        scope=UniquenessScope(kind.uniqueness_scope),
        license_id=str(license.id),
        type_code=kind.code,
        product_id=str(license.product_id),
    )
