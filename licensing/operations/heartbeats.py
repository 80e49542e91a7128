"""What a client says about the activation that it has: it is alive, or it gives the place back."""

from collections.abc import Collection
from uuid import UUID

from kernel.trail import Trail
from licensing.models import Activation, EndReason, License
from licensing.operations.activation_ends import end
from licensing.operations.activation_signs import seen
from licensing.operations.activations import ActivationAnswer
from licensing.operations.license_states import locked_license
from licensing.queries.activations import activation_of
from licensing.queries.license_facts import RELATED, license_behind, with_machine
from licensing.rules.activating import ActivationRefusal, with_finding
from licensing.rules.codes import Code
from licensing.rules.decision import NOT_FOUND, decide
from licensing.rules.facts import ValidationScope
from licensing.rules.heartbeats import is_lost
from licensing.rules.outcome import Finding
from licensing.rules.statements import StatedMachine


def ping(
    *, license_id: UUID, digests: Collection[bytes], scope: ValidationScope, machine: StatedMachine, trail: Trail
) -> ActivationAnswer:
    """A heartbeat: the machine is alive, whatever the licence is. Answers the decision about both.

    Locks the activation alone. One that is silent comes back as long as its licence type lets it; one that is lost
    stays lost, and the client activates again. A heartbeat leaves no entry in the ledger, a return does.
    """
    license = License.objects.select_related(*RELATED).get(id=license_id)
    row = _locked(activation_of(license_id=license_id, fingerprints=machine.fingerprints))
    now = trail.clock.now()
    known = license_behind(digests=digests, version=scope.version, at=now)
    if known is None:
        return ActivationAnswer(decision=NOT_FOUND, at=now, license=license, refusal=ActivationRefusal.NO_ACTIVATION)
    if row is None:
        decision = with_finding(
            decide(known.facts, machine.asked(scope), now), Finding(Code.NOT_ACTIVATED, "activation")
        )
        return ActivationAnswer(decision=decision, at=now, license=license, refusal=ActivationRefusal.NO_ACTIVATION)
    asked, terms = machine.asked(scope, pepper_version=row.pepper_version), known.facts.machines
    if is_lost(terms, row.as_fact, now):
        decision = with_finding(decide(with_machine(known.facts, row), asked, now), _silence(row))
        return ActivationAnswer(
            decision=decision, at=now, license=license, row=row, refusal=ActivationRefusal.HEARTBEAT_LOST
        )
    seen(row=row, machine=machine, terms=terms, at=now, is_ping=True, trail=trail)
    asked = machine.asked(scope, pepper_version=row.pepper_version)
    return ActivationAnswer(
        decision=decide(with_machine(known.facts, row), asked, now), at=now, license=license, row=row
    )


def deactivate(
    *, license_id: UUID, digests: Collection[bytes], scope: ValidationScope, machine: StatedMachine, trail: Trail
) -> ActivationAnswer:
    """Gives the machine's place back, in whatever state the licence is. Locks the licence. A machine without a place
    is answered NO_ACTIVATION, however often it asks."""
    license = locked_license(license_id=license_id)
    row = _locked(activation_of(license_id=license_id, fingerprints=machine.fingerprints))
    now = trail.clock.now()
    if row is not None:
        end(row=row, reason=EndReason.DEACTIVATED, at=now)
        trail.record(
            "activation.deactivated", subject=row, details={"license": str(license.id), "number": license.number}
        )
    known = license_behind(digests=digests, version=scope.version, at=now)
    decision = NOT_FOUND if known is None else decide(known.facts, machine.asked(scope), now)
    return ActivationAnswer(
        decision=with_finding(decision, Finding(Code.NOT_ACTIVATED, "activation")),
        at=now,
        license=license,
        row=row,
        refusal=ActivationRefusal.NO_ACTIVATION if row is None else None,
    )


def _silence(row: Activation) -> Finding:
    if row.last_ping_at is None:
        return Finding(Code.HEARTBEAT_NOT_STARTED, "activation.created_at", row.first_seen_at)
    return Finding(Code.HEARTBEAT_DEAD, "activation.last_ping_at", row.last_ping_at)


def _locked(found: Activation | None) -> Activation | None:
    """The row under its lock, unless it has ended meanwhile."""
    if found is None:
        return None
    live = Activation.objects.live().select_for_update(no_key=True, of=("self",))
    return live.filter(id=found.id).first()
