"""The one thing that a validation writes: the first use, from which a term may count."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from kernel.trail import Trail
from licensing.operations.license_states import locked_license, start_term
from licensing.queries.leases import with_lease
from licensing.queries.license_facts import license_behind
from licensing.rules.codes import ObligationCode
from licensing.rules.decision import decide
from licensing.rules.facts import ValidationScope
from licensing.rules.outcome import Decision


def first_validation(
    *, license_id: UUID, digests: Collection[bytes], asked: ValidationScope, trail: Trail
) -> tuple[Decision, datetime]:
    """Decides once more under the licence's lock and answers with the moment at which it did. Lets the term
    begin if this is its first valid use.

    Of several clients that come first at once, one starts the term and the others are told of the same end.
    """
    license = locked_license(license_id=license_id)
    now = trail.clock.now()
    known = license_behind(digests=digests, version=asked.version, fingerprints=asked.fingerprints or (), at=now)
    known = None if known is None else with_lease(known, lease=asked.lease, at=now)
    decision = decide(known.facts if known else None, asked, now)
    if any(duty.code is ObligationCode.START_TERM for duty in decision.obligations):
        start_term(license=license, at=now, trail=trail)
    return decision, now
