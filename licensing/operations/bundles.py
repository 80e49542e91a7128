"""What belongs to a bundle, and what else may be done with a right. Changes of these graphs wait for one another: each
takes the lock on the organisation before it looks for circles."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Organization
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.models import BundleItem, Edition, Entitlement, Product, UseRight, UseRightKind
from licensing.models.bundles import WITH_TARGET
from licensing.queries.bundles import bundle_edges
from licensing.rules.graphs import closes_circle

LARGEST_RATIO = Decimal(1_000_000)


class BundleCycle(Conflict):
    """The component consists of the bundle already, directly or by way of others."""

    code = "BUNDLE_CYCLE"


class BundleItemExists(Conflict):
    """The product is a component of the bundle already."""

    code = "BUNDLE_ITEM_EXISTS"


class UseRightCycle(Conflict):
    """Downgrades would lead back to where they began."""

    code = "USE_RIGHT_CYCLE"


class UseRightExists(Conflict):
    """The entitlement has this use right already."""

    code = "USE_RIGHT_EXISTS"


class UseRightInvalid(InvalidInput):
    """Kind, target and ratio of the use right contradict each other."""

    code = "USE_RIGHT_INVALID"


def add_component(*, parent: Product, component: Product, trail: Trail) -> BundleItem:
    """Licences of the parent cover the component from now on. Raises BundleCycle and BundleItemExists."""
    _one_at_a_time(trail)
    if closes_circle(bundle_edges(), parent.id, component.id):
        raise BundleCycle(
            _("%(component)s contains %(parent)s already.") % {"component": component, "parent": parent},
            pointer="/component",
        )
    try:
        with transaction.atomic():
            row = BundleItem.objects.create(
                organization_id=trail.organization_id, parent=parent, component=component, since=trail.clock.now()
            )
    except IntegrityError as error:
        raise BundleItemExists(
            _("%(component)s belongs to the bundle already.") % {"component": component}, pointer="/component"
        ) from error
    trail.record("bundle_item.added", subject=row, details=_parts(row))
    return row


def end_component(*, item_id: UUID, trail: Trail) -> BundleItem:
    """Licences of the parent cover the component no more; ending twice changes nothing."""
    row = BundleItem.objects.select_for_update(no_key=True, of=("self",)).get(id=item_id)
    if row.ended_at is None:
        row.ended_at = trail.clock.now()
        row.save(update_fields=["ended_at"])
        trail.record("bundle_item.ended", subject=row, details=_parts(row))
    return row


@dataclass(frozen=True, kw_only=True)
class NewUseRight:
    """A use right to record; a target for downgrades and upgrades alone."""

    entitlement: Entitlement
    kind: str
    target_product: Product | None = None
    target_edition: Edition | None = None
    ratio: Decimal = Decimal(1)


def grant_use_right(*, use_right: NewUseRight, trail: Trail) -> UseRight:
    """Widens an entitlement. Raises UseRightInvalid, UseRightCycle and UseRightExists."""
    _check(use_right)
    _one_at_a_time(trail)
    if use_right.kind == UseRightKind.DOWNGRADE:
        _check_downgrade(use_right)
    try:
        with transaction.atomic():
            row = UseRight.objects.create(
                organization_id=trail.organization_id,
                entitlement=use_right.entitlement,
                kind=use_right.kind,
                target_product=use_right.target_product,
                target_edition=use_right.target_edition,
                ratio=use_right.ratio,
                since=trail.clock.now(),
            )
    except IntegrityError as error:
        raise UseRightExists(_("This right is widened in this way already."), pointer="/kind") from error
    trail.record("use_right.granted", subject=row, details=_particulars(row))
    return row


def end_use_right(*, use_right_id: UUID, trail: Trail) -> UseRight:
    """The entitlement is widened no more; ending twice changes nothing."""
    row = UseRight.objects.select_for_update(no_key=True, of=("self",)).get(id=use_right_id)
    if row.ended_at is None:
        row.ended_at = trail.clock.now()
        row.save(update_fields=["ended_at"])
        trail.record("use_right.ended", subject=row, details=_particulars(row))
    return row


def _one_at_a_time(trail: Trail) -> None:
    Organization.objects.select_for_update(no_key=True, of=("self",)).get(id=trail.organization_id)


def _check(given: NewUseRight) -> None:
    if (given.kind in WITH_TARGET) != (given.target_product is not None):
        raise UseRightInvalid(
            _("Downgrades and upgrades name the product that may be used; nothing else does."),
            pointer="/target_product",
        )
    edition, product = given.target_edition, given.target_product
    if edition is not None and (product is None or edition.product_id != product.id):
        raise UseRightInvalid(_("This edition belongs to another product."), pointer="/target_edition")
    if not 0 < given.ratio <= LARGEST_RATIO:
        raise UseRightInvalid(_("A unit covers more than nothing."), pointer="/ratio")


def _check_downgrade(given: NewUseRight) -> None:
    """From the entitlement's product and edition to the target's, beside all that stand already."""
    rows = UseRight.objects.filter(kind=UseRightKind.DOWNGRADE, ended_at__isnull=True).values_list(
        "entitlement__product_id", "entitlement__edition_id", "target_product_id", "target_edition_id"
    )
    edges = [((product, edition), (target, target_edition)) for product, edition, target, target_edition in rows]
    source = (given.entitlement.product_id, given.entitlement.edition_id)
    target = (given.target_product and given.target_product.id, given.target_edition and given.target_edition.id)
    if closes_circle(edges, source, target):
        raise UseRightCycle(_("Downgrades would lead back to this edition."), pointer="/target_product")


def _parts(row: BundleItem) -> dict[str, str]:
    return {"parent": str(row.parent_id), "component": str(row.component_id)}


def _particulars(row: UseRight) -> dict[str, str | None]:
    return {
        "entitlement": str(row.entitlement_id),
        "kind": row.kind,
        "target_product": str(row.target_product_id) if row.target_product_id else None,
        "target_edition": str(row.target_edition_id) if row.target_edition_id else None,
        "ratio": str(row.ratio),
    }
