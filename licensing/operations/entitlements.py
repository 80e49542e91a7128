"""Rights of use: recorded, activated with evidence, renewed by a linked new row, revoked; never edited."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.ids import human_number
from kernel.trail import Personal, Trail
from licensing.models import (
    Agreement,
    Edition,
    Entitlement,
    EntitlementModel,
    EntitlementState,
    ImportRow,
    Metric,
    Party,
    Product,
    PurchaseLine,
)
from licensing.ports import bindings


class EvidenceMissing(InvalidInput):
    """An active right needs a document, a purchase line or an import row; or a waiver with a reason."""

    code = "EVIDENCE_MISSING"


class EntitlementTermInvalid(InvalidInput):
    """Term and model contradict each other, or the end lies before the start."""

    code = "ENTITLEMENT_TERM_INVALID"


class EntitlementNotActive(Conflict):
    """The right is not in the state that this step starts from."""

    code = "ENTITLEMENT_NOT_ACTIVE"


class ParentRightUnfit(Conflict):
    """The right above is not active, is for another product or metric, ends earlier, or has too little left."""

    code = "ENTITLEMENT_PARENT_UNFIT"


class EntitlementRenewed(Conflict):
    """A renewal chain is a line: this right has its renewal already."""

    code = "ENTITLEMENT_RENEWED_ALREADY"


@dataclass(frozen=True, kw_only=True)
class NewEntitlement:
    """A right as it was bought or granted; times are aware, `ends_at` is half-open. `quantity` None: unlimited."""

    product: Product
    metric: Metric
    model: str
    quantity: int | None
    starts_at: datetime
    ends_at: datetime | None = None
    edition: Edition | None = None
    rights_per_unit: int = 1
    overdraft: int = 0
    maintenance_until: datetime | None = None
    territory: str = ""
    agreement: Agreement | None = None
    licensor: Party | None = None
    licensee: Party | None = None
    document: str = ""
    purchase_line: PurchaseLine | None = None
    import_row: ImportRow | None = None
    waiver: str = ""
    previous: Entitlement | None = None
    parent: Entitlement | None = None


def create_entitlement(*, entitlement: NewEntitlement, trail: Trail, activate: bool = True) -> Entitlement:
    """Records a right and, with `activate`, lets it count at once: its seats join a pool in the same transaction.
    A sublicence takes its rights from the `parent`, whose row is locked first, also while it is a draft.

    Raises EvidenceMissing, EntitlementTermInvalid, EntitlementRenewed and ParentRightUnfit.
    """
    _check_term(entitlement)
    if entitlement.parent is not None:
        _take_from_parent(entitlement, entitlement.parent.id)
    now = trail.clock.now()
    row = Entitlement(
        organization_id=trail.organization_id,
        number=human_number("E"),
        product=entitlement.product,
        edition=entitlement.edition,
        metric=entitlement.metric,
        model=entitlement.model,
        unlimited=entitlement.quantity is None,
        quantity=entitlement.quantity,
        rights_per_unit=entitlement.rights_per_unit,
        overdraft=entitlement.overdraft,
        starts_at=entitlement.starts_at,
        ends_at=entitlement.ends_at,
        maintenance_until=entitlement.maintenance_until,
        territory=entitlement.territory,
        agreement=entitlement.agreement,
        licensor=entitlement.licensor,
        licensee=entitlement.licensee,
        document=entitlement.document,
        purchase_line=entitlement.purchase_line,
        import_row=entitlement.import_row,
        previous=entitlement.previous,
        parent=entitlement.parent,
        created_at=now,
    )
    if entitlement.waiver:
        row.evidence_waiver, row.evidence_waived_at = entitlement.waiver, now
        row.evidence_waived_by = str(trail.actor.pseudonym)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "previous" not in str(error) and "renewed_once" not in str(error):
            raise
        raise EntitlementRenewed(_("This right has been renewed already."), pointer="/previous") from error
    trail.record("entitlement.created", subject=row, details=_economics(row))
    if activate:
        _activate(row, trail)
    return row


def activate_entitlement(*, entitlement_id: UUID, trail: Trail) -> Entitlement:
    """Lets a recorded right count. Raises EntitlementNotActive for one that is no draft, and EvidenceMissing."""
    row = locked_entitlement(entitlement_id=entitlement_id)
    if row.state != EntitlementState.DRAFT:
        raise EntitlementNotActive(_("Only a right in draft can be activated."))
    _activate(row, trail)
    return row


def renew_entitlement(
    *, entitlement: Entitlement, quantity: int, ends_at: datetime | None, document: str, trail: Trail
) -> Entitlement:
    """The next term of a right, from the end of the one before: a new row that names its predecessor.

    Raises EntitlementNotActive for a right without an end or that was revoked, and what create_entitlement raises.
    """
    if entitlement.state != EntitlementState.ACTIVE or entitlement.ends_at is None:
        raise EntitlementNotActive(_("Only an active right with an end can be renewed."))
    following = NewEntitlement(
        product=entitlement.product,
        metric=entitlement.metric,
        model=entitlement.model,
        quantity=quantity,
        starts_at=entitlement.ends_at,
        ends_at=ends_at,
        edition=entitlement.edition,
        rights_per_unit=entitlement.rights_per_unit,
        overdraft=entitlement.overdraft,
        territory=entitlement.territory,
        agreement=entitlement.agreement,
        licensor=entitlement.licensor,
        licensee=entitlement.licensee,
        document=document,
        previous=entitlement,
        parent=_parent_of_renewal(entitlement),
    )
    return create_entitlement(entitlement=following, trail=trail)


def revoke_entitlement(*, entitlement_id: UUID, reason: str, trail: Trail) -> Entitlement:
    """Withdraws a right: it counts no more from this moment, stays on record, and frees no seat silently.

    A sublicence gives its rights back to the right above. Raises EntitlementNotActive when it was revoked before.
    """
    # The right above is locked first; a sublicence never changes its parent.
    parent_id = Entitlement.objects.get(id=entitlement_id).parent_id
    parent = locked_entitlement(entitlement_id=parent_id) if parent_id is not None else None
    row = locked_entitlement(entitlement_id=entitlement_id)
    if row.state == EntitlementState.REVOKED:
        raise EntitlementNotActive(_("This right was revoked before."))
    row.state, row.revoked_at = EntitlementState.REVOKED, trail.clock.now()
    row.revoked_by, row.revoked_reason = str(trail.actor.pseudonym), reason
    row.save(update_fields=["state", "revoked_at", "revoked_by", "revoked_reason"])
    if parent is not None and row.rights is not None and not parent.unlimited:
        parent.sublicensed -= row.rights
        parent.save(update_fields=["sublicensed"])
    trail.record(
        "entitlement.revoked",
        subject=row,
        details={"number": row.number, "rights": row.rights},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
    return row


def _activate(row: Entitlement, trail: Trail) -> None:
    if not row.has_evidence and row.evidence_waived_at is None:
        raise EvidenceMissing(
            _("A right counts only with evidence: name a document or a purchase, or waive it with a reason."),
            pointer="/document",
        )
    row.state = EntitlementState.ACTIVE
    row.save(update_fields=["state"])
    trail.record("entitlement.activated", subject=row, details={"number": row.number, "rights": row.rights})
    bindings.rights_activated(entitlement=row, trail=trail)


def locked_entitlement(*, entitlement_id: UUID) -> Entitlement:
    """The right, its row locked. Raises Entitlement.DoesNotExist."""
    return Entitlement.objects.select_for_update(no_key=True, of=("self",)).get(id=entitlement_id)


def _take_from_parent(entitlement: NewEntitlement, parent_id: UUID) -> None:
    """Counts a sublicence on the right above, under its lock: what is read here is what is written over."""
    above = locked_entitlement(entitlement_id=parent_id)
    if above.state != EntitlementState.ACTIVE:
        raise ParentRightUnfit(_("Only an active right is given on."), pointer="/parent")
    if (above.product_id, above.metric_id) != (entitlement.product.id, entitlement.metric.id):
        raise ParentRightUnfit(_("The right above is for another product or metric."), pointer="/parent")
    if above.edition_id is not None and above.edition_id != getattr(entitlement.edition, "id", None):
        raise ParentRightUnfit(_("The right above is for another edition."), pointer="/parent")
    outlives = above.ends_at is not None and (entitlement.ends_at is None or entitlement.ends_at > above.ends_at)
    if entitlement.starts_at < above.starts_at or outlives:
        raise ParentRightUnfit(_("A sublicence lies within the term of the right above."), pointer="/parent")
    if above.territory not in ("", entitlement.territory):
        raise ParentRightUnfit(_("The right above holds in another territory."), pointer="/territory")
    if above.rights is None:
        return
    if entitlement.quantity is None:
        raise ParentRightUnfit(_("The right above is limited, and so is what is given on."), pointer="/quantity")
    asked = entitlement.quantity * entitlement.rights_per_unit
    left = min(above.rights - above.sublicensed, above.rights + above.overdraft - above.sublicensed - above.issued)
    if asked > left:
        raise ParentRightUnfit(
            _("The right above has %(left)d left: %(asked)d do not fit.") % {"left": max(left, 0), "asked": asked},
            pointer="/quantity",
            details={"left": max(left, 0), "asked": asked},
        )
    above.sublicensed += asked
    above.save(update_fields=["sublicensed"])


def _parent_of_renewal(entitlement: Entitlement) -> Entitlement | None:
    """A renewed sublicence hangs on the renewal of the right above where there is one."""
    above = entitlement.parent
    return None if above is None else Entitlement.objects.filter(previous=above).first() or above


def _check_term(entitlement: NewEntitlement) -> None:
    if entitlement.model == EntitlementModel.PERPETUAL and entitlement.ends_at is not None:
        raise EntitlementTermInvalid(_("A perpetual right has no end."), pointer="/ends_at")
    if entitlement.model in {EntitlementModel.SUBSCRIPTION, EntitlementModel.TRIAL} and entitlement.ends_at is None:
        raise EntitlementTermInvalid(_("A subscription or trial needs an end."), pointer="/ends_at")
    if entitlement.ends_at is not None and entitlement.ends_at <= entitlement.starts_at:
        raise EntitlementTermInvalid(_("The right ends before it starts."), pointer="/ends_at")
    if entitlement.quantity is not None and entitlement.quantity < 1:
        raise EntitlementTermInvalid(_("A right is for at least one unit."), pointer="/quantity")


def _economics(row: Entitlement) -> dict[str, str | int | None]:
    return {
        "number": row.number,
        "product": str(row.product_id),
        "edition": str(row.edition_id) if row.edition_id else None,
        "metric": str(row.metric_id),
        "model": row.model,
        "quantity": row.quantity,
        "rights_per_unit": row.rights_per_unit,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "previous": str(row.previous_id) if row.previous_id else None,
        "parent": str(row.parent_id) if row.parent_id else None,
    }
