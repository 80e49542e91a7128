"""Who may give which roles to whom, and what an organisation must never be without."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OWNER: Final = "owner"
OPERATOR: Final = "platform_operator"
CUSTOMER: Final = "customer"
PLATFORM: Final = "platform"


class GrantCode(StrEnum):
    ALLOWED = "ALLOWED"
    ROLE_NOT_HERE = "ROLE_NOT_HERE"
    CUSTOMER_NEEDS_PARTY = "CUSTOMER_NEEDS_PARTY"
    CUSTOMER_STANDS_ALONE = "CUSTOMER_STANDS_ALONE"
    HEAD_ONLY = "HEAD_ONLY"
    LAST_OWNER = "LAST_OWNER"
    OWN_ROLES = "OWN_ROLES"


@dataclass(frozen=True, kw_only=True)
class RoleChange:
    """A membership's roles `before` and `after`, both empty where there is none.

    `kind` is the organisation's; `actor` are the roles of whoever acts, None for a task of the system, which may do
    what an operator may. `other_heads` counts the other live memberships with the role that answers for the house.
    """

    kind: str
    before: Set[str]
    after: Set[str]
    actor: Set[str] | None
    is_own: bool = False
    has_party: bool = False
    other_heads: int = 0


def head_role(kind: str) -> str:
    """The role without which nobody could let anybody in again."""
    return OPERATOR if kind == PLATFORM else OWNER


def may_change(change: RoleChange) -> GrantCode:
    """The first rule that the change breaks, or ALLOWED.

    Only whoever holds the head role gives it or takes it away; the last one keeps it; nobody adds to the own roles.
    """
    code = _may_stand(change)
    if code is not GrantCode.ALLOWED:
        return code
    head = head_role(change.kind)
    touches_head = (head in change.before) != (head in change.after)
    if touches_head and change.actor is not None and head not in change.actor:
        return GrantCode.HEAD_ONLY
    if head in change.before and head not in change.after and change.other_heads == 0:
        return GrantCode.LAST_OWNER
    if change.is_own and change.actor is not None and change.after - change.before:
        return GrantCode.OWN_ROLES
    return GrantCode.ALLOWED


def _may_stand(change: RoleChange) -> GrantCode:
    """Whether these roles may be held together here at all."""
    if OPERATOR in change.after and change.kind != PLATFORM:
        return GrantCode.ROLE_NOT_HERE
    if CUSTOMER in change.after and not change.has_party:
        return GrantCode.CUSTOMER_NEEDS_PARTY
    if CUSTOMER in change.after and len(change.after) > 1:
        return GrantCode.CUSTOMER_STANDS_ALONE
    return GrantCode.ALLOWED
