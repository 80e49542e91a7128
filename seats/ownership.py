"""The one check of every surface before a seat is given or taken back: is the product within the actor's reach?"""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import PermissionRefused
from kernel.principal import Principal
from licensing.queries.ownership import reach_of
from licensing.rules.reach import Reach

ASSIGN = "seats.assignment.manage"
ASSIGN_OWN = "seats.assignment.manage_own"


class NotYourProduct(PermissionRefused):
    """The actor answers for other products, not for this one."""

    code = "PRODUCT_NOT_OWNED"


def seat_reach(actor: Principal) -> Reach:
    return reach_of(actor, all_of=ASSIGN, own=ASSIGN_OWN)


def require_reach(actor: Principal, product_ids: Iterable[UUID]) -> None:
    """Raises NotYourProduct unless the actor may give and take seats of all these products."""
    reach = seat_reach(actor)
    if not all(reach.covers(product_id) for product_id in product_ids):
        raise NotYourProduct(_("You give and take back seats of the products that you answer for, and this is none."))
