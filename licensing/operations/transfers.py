"""A licence passes to another party, as somebody asked and somebody else approved."""

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from kernel.principal import Approval
from kernel.trail import Trail
from licensing.models import License, Party
from licensing.operations.approvals import use_approval
from licensing.operations.license_steps import locked_license, record_step, require, stated
from licensing.rules.life import Step

TRANSFER = "license.transfer"
"""The kind of a change request that asks for a licence to pass to another party."""


class TransfereeInvalid(InvalidInput):
    """The party holds the licence already, is barred, or is no customer of this organisation."""

    code = "LICENSE_TRANSFEREE_INVALID"


def check_transferee(*, license: License, licensee_id: UUID) -> Party:
    """The party to which a licence may pass. Raises TransfereeInvalid."""
    party = Party.objects.filter(id=licensee_id).first()
    if party is None:
        raise TransfereeInvalid(_("There is no such customer in this organisation."), pointer="/licensee")
    if party.id == license.licensee_id:
        raise TransfereeInvalid(_("This customer holds the licence already."), pointer="/licensee")
    if party.barred_at is not None:
        raise TransfereeInvalid(_("This customer is barred and receives no licence."), pointer="/licensee")
    return party


def transfer_license(*, license_id: UUID, licensee_id: UUID, reason: str, approval: Approval, trail: Trail) -> License:
    """Hands a licence on. Its keys, activations and term stay with it, and its history names both parties.

    Raises LicenseStatusConflict for a revoked one, LicenseReasonRequired, TransfereeInvalid, and what use_approval
    raises.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    require(Step.TRANSFER, row, at=trail.clock.now())
    party = check_transferee(license=row, licensee_id=licensee_id)
    payload = {"licensee": str(party.id), "reason": reason}
    use_approval(approval=approval, kind=TRANSFER, license=row, payload=payload, trail=trail)
    before, row.licensee = row.licensee, party
    row.save(update_fields=["licensee"])
    record_step(
        kind="license.transferred",
        row=row,
        reason=reason,
        trail=trail,
        details={"from": str(before.id), "licensee": str(party.id), "request": str(approval.request_id)},
    )
    return row
