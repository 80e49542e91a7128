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


def create_entitlement(*, entitlement: NewEntitlement, trail: Trail, activate: bool = True) -> Entitlement:
    """Records a right and, with `activate`, lets it count at once: its seats join a pool in the same transaction.

    Raises EvidenceMissing, EntitlementTermInvalid and EntitlementRenewed.
    """
    _check_term(entitlement)
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
    row = Entitlement.objects.select_for_update(no_key=True, of=("self",)).get(id=entitlement_id)
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
    )
    return create_entitlement(entitlement=following, trail=trail)


def revoke_entitlement(*, entitlement_id: UUID, reason: str, trail: Trail) -> Entitlement:
    """Withdraws a right: it counts no more from this moment, stays on record, and frees no seat silently.

    Raises EntitlementNotActive when it was revoked before.
    """
    row = Entitlement.objects.select_for_update(no_key=True, of=("self",)).get(id=entitlement_id)
    if row.state == EntitlementState.REVOKED:
        raise EntitlementNotActive(_("This right was revoked before."))
    row.state, row.revoked_at = EntitlementState.REVOKED, trail.clock.now()
    row.revoked_by, row.revoked_reason = str(trail.actor.pseudonym), reason
    row.save(update_fields=["state", "revoked_at", "revoked_by", "revoked_reason"])
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
    }
