"""Who answers for which product, and what somebody may therefore act on."""

from uuid import UUID

from django.db.models import QuerySet

from identity.models import Membership
from identity.rules.roles import permissions_of
from kernel.principal import Principal
from licensing.models import ProductOwner
from licensing.rules.reach import EVERYTHING, Reach, reach_with


def product_owners() -> QuerySet[ProductOwner]:
    """Those who answer for a product now."""
    return ProductOwner.objects.filter(ended_at__isnull=True, membership__ended_at__isnull=True).select_related(
        "product__publisher", "membership__account"
    )


def reach_of(actor: Principal, *, all_of: str, own: str) -> Reach:
    """What the actor may act on. No query for whoever may act on everything.

    A worker that acts for an account reaches as far as the account does at this moment; a task of the system reaches
    everything.
    """
    if actor.is_system and actor.account_id is None:
        return EVERYTHING
    account_id = actor.account_id
    permissions = actor.permissions
    if actor.is_system and account_id is not None:
        permissions = _permissions_now(account_id)
    if all_of in permissions or own not in permissions or account_id is None:
        return reach_with(permissions, all_of=all_of, own=own, owned=())
    return reach_with(permissions, all_of=all_of, own=own, owned=_owned_by(account_id))


def _owned_by(account_id: UUID) -> list[UUID]:
    return list(product_owners().filter(membership__account_id=account_id).values_list("product_id", flat=True))


def _permissions_now(account_id: UUID) -> frozenset[str]:
    row = Membership.objects.filter(account_id=account_id, ended_at__isnull=True).first()
    return permissions_of(row.roles) if row is not None else frozenset()
