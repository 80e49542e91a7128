"""The ledger at the cut-off: what verifying it found. The checkpoint is signed afterwards, where writing is allowed."""

from django.conf import settings

from audit.operations import NoSigningKey
from audit.operations.keys import verifier_key
from audit.queries import active_key, events, head
from audit.rules.note import format_verifier_key
from audit.verification import verify
from identity.models import Organization
from reporting.gather.frame import Frame
from reporting.packages.snapshot import LedgerFinding, LedgerResult


def ledger(frame: Frame, organization: Organization) -> LedgerResult:
    """The verification of every entry so far; `checkpoint` and `root` are still to be filled in. Raises
    NoSigningKey."""
    state, key = head(), active_key()
    if state is None or key is None:
        raise NoSigningKey("the organisation has no ledger or no active audit key")
    outcome = verify(at=frame.at)
    ends = events().filter(sequence__in=[1, state.size])
    recorded = dict(ends.values_list("sequence", "recorded_at"))
    return LedgerResult(
        chain=str(state.chain_id),
        size=state.size,
        chain_hash=state.chain_hash.hex(),
        root="",
        verified_at=outcome.checked_at,
        checkpoint="",
        verification_key=format_verifier_key(verifier_key(key)),
        key_address=f"{settings.BASE_URL}/.well-known/audit-keys.json?organization={organization.slug}",
        first_recorded_at=recorded.get(1),
        last_recorded_at=recorded.get(state.size),
        findings=tuple(
            LedgerFinding(problem.code, problem.message, problem.sequence)
            for problem in (*outcome.tampered, *outcome.incomplete)
        ),
    )
