"""Roles that were taken away and that no group of an identity provider brings back."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import GroupRole, Membership, WithheldRole
from identity.operations.granting import check_roles
from kernel.errors import NotFound
from kernel.trail import Trail


class RoleNotWithheld(NotFound):
    """This role is not withheld from the membership, or no longer."""

    code = "ROLE_NOT_WITHHELD"


def withhold_taken(*, membership: Membership, taken: Collection[str], trail: Trail) -> None:
    """Withholds those of the roles `taken` away that some group could give; the caller has locked the membership and
    records the change of roles with its reason."""
    given = GroupRole.objects.filter(role__in=taken).values_list("role", flat=True) if taken else ()
    roles = sorted(set(given) - set(membership.withheld_roles.values_list("role", flat=True))) if given else []
    if not roles:
        return
    now = trail.clock.now()
    WithheldRole.objects.bulk_create(
        WithheldRole(
            organization_id=trail.organization_id,
            membership=membership,
            role=role,
            withheld_at=now,
            withheld_by=str(trail.actor.pseudonym),
        )
        for role in roles
    )
    _record("membership.role_withheld", membership, roles, trail)


def forget_granted(*, membership: Membership, granted: Collection[str], trail: Trail) -> None:
    """Whoever grants a withheld role by hand thereby releases it."""
    rows = list(membership.withheld_roles.filter(role__in=granted))
    if rows:
        WithheldRole.objects.filter(id__in=[row.id for row in rows]).delete()
        _record("membership.role_released", membership, sorted(row.role for row in rows), trail)


def withheld_role(withheld_id: UUID) -> WithheldRole:
    """A role that is withheld from somebody who works here. Raises RoleNotWithheld."""
    return _found(id=withheld_id)


def role_withheld_from(*, membership: Membership, role: str) -> WithheldRole:
    """The same for a role that is named by its code. Raises RoleNotWithheld."""
    return _found(membership=membership, role=role)


def _found(**what: object) -> WithheldRole:
    rows = WithheldRole.objects.select_related("membership__account")
    row = rows.filter(membership__ended_at__isnull=True, **what).first()
    if row is None:
        raise RoleNotWithheld(_("This role is not withheld any more."))
    return row


def release_role(*, withheld: WithheldRole, trail: Trail) -> None:
    """Groups may give the role again, from the next sign-in on. It is as good as granting it, so the same rules hold:
    nobody releases the own roles, and the role of an owner is released by owners.

    Raises RoleNotWithheld and what check_roles raises.
    """
    # The member's row first, as everywhere: a sign-in that reads what is withheld holds it too.
    Membership.objects.select_for_update(no_key=True).get(id=withheld.membership_id)
    row = withheld_role(withheld.id)
    member = row.membership
    check_roles(
        trail=trail,
        before=member.roles,
        after=[*member.roles, row.role],
        membership=member,
        account_id=member.account_id,
        party_id=member.party_id,
    )
    row.delete()
    _record("membership.role_released", member, [row.role], trail)


def _record(kind: str, membership: Membership, roles: list[str], trail: Trail) -> None:
    account = str(membership.account.pseudonym)
    trail.record(kind, subject=membership, details={"account": account, "roles": [*roles]})
