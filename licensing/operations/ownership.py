"""Naming and releasing those who answer for a product."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Membership
from kernel.errors import Conflict, NotFound
from kernel.trail import Trail
from licensing.models import Product, ProductOwner

ROLE = "licence_owner"


class ProductOwnerExists(Conflict):
    """The member answers for the product already."""

    code = "PRODUCT_OWNER_EXISTS"


class ProductOwnerRole(Conflict):
    """Only a member with the role licence_owner answers for products; give the role first."""

    code = "PRODUCT_OWNER_ROLE"


class ProductOwnerNotFound(NotFound):
    """There is no such product, member or owner in this organisation."""

    code = "PRODUCT_OWNER_NOT_FOUND"


def name_product_owner(*, product: Product, membership: Membership, trail: Trail) -> ProductOwner:
    """The member answers for the product from now on. Raises ProductOwnerRole and ProductOwnerExists."""
    if membership.ended_at is not None or ROLE not in membership.roles:
        raise ProductOwnerRole(
            _("%(name)s does not hold the role of a licence owner.") % {"name": membership.account},
            pointer="/membership",
        )
    try:
        with transaction.atomic():
            row = ProductOwner.objects.create(
                organization_id=trail.organization_id,
                product=product,
                membership=membership,
                since=trail.clock.now(),
            )
    except IntegrityError as error:
        raise ProductOwnerExists(
            _("%(name)s answers for this product already.") % {"name": membership.account}, pointer="/membership"
        ) from error
    _record("product_owner.named", row, trail)
    return row


def end_product_ownership(*, owner_id: UUID, trail: Trail) -> ProductOwner:
    """The member no longer answers for the product; ending twice changes nothing. Raises ProductOwnerNotFound."""
    rows = ProductOwner.objects.select_for_update(no_key=True, of=("self",)).select_related("membership__account")
    row = rows.filter(id=owner_id).first()
    if row is None:
        raise ProductOwnerNotFound(_("There is no such owner in your organisation."))
    if row.ended_at is None:
        row.ended_at = trail.clock.now()
        row.save(update_fields=["ended_at"])
        _record("product_owner.ended", row, trail)
    return row


def _record(kind: str, row: ProductOwner, trail: Trail) -> None:
    account = row.membership.account
    trail.record(kind, subject=row, details={"product": str(row.product_id), "account": str(account.pseudonym)})
