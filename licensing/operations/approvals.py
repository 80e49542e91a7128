"""The second pair of eyes, seen from the operation that needs it: the approval fits, and is used once."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, JsonValue, PermissionRefused
from kernel.principal import Approval, payload_digest
from kernel.trail import Trail
from licensing.models import License, UsedApproval


class ApprovalDoesNotFit(Conflict):
    """What was approved is not what would be carried out now."""

    code = "APPROVAL_DOES_NOT_FIT"


class ApprovalUsed(Conflict):
    """This approval was carried out before."""

    code = "APPROVAL_USED"


class ApproverIsRequester(PermissionRefused):
    """Whoever asks for a change does not approve it."""

    code = "APPROVER_IS_REQUESTER"


def use_approval(
    *, approval: Approval, kind: str, license: License, payload: Mapping[str, JsonValue], trail: Trail
) -> None:
    """Uses an approval for one step of a locked licence. The hash is recomputed from what is about to happen.

    Raises ApproverIsRequester, ApprovalDoesNotFit and ApprovalUsed.
    """
    if not approval.approvers or approval.requester in approval.approvers:
        raise ApproverIsRequester(_("Somebody other than the person who asked has to approve this."))
    expected = payload_digest({"license": str(license.id), **payload})
    if (approval.kind, approval.payload_hash) != (kind, expected):
        raise ApprovalDoesNotFit(_("What was approved is not what would be done now; ask again."))
    row = UsedApproval(
        organization_id=trail.organization_id,
        request_id=approval.request_id,
        kind=kind,
        license=license,
        used_at=trail.clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ApprovalUsed(_("This approval was carried out before.")) from error
