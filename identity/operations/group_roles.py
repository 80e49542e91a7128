"""Roles that groups of an identity provider give at a sign-in, under the rules that hold for every change of roles."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import Account, GroupConflict, GroupRole, Membership, Person, SamlConnection, WithheldRole
from identity.operations.accounts import grant_membership
from identity.operations.granting import (
    CustomerNeedsParty,
    CustomerStandsAlone,
    LastOwner,
    PartnerUnknown,
    RoleNotHere,
    check_roles,
)
from identity.operations.saml_requests import MessageRefused
from identity.rules.single_sign_on import GroupOutcome, roles_by_group, ways_out
from kernel.trail import Trail

CANNOT_HOLD = (LastOwner, CustomerNeedsParty, CustomerStandsAlone, PartnerUnknown, RoleNotHere)


def grant_by_groups(
    *, connection: SamlConnection, account: Account, person: Person, groups: Collection[str], trail: Trail
) -> Membership:
    """A membership with the roles that these groups give, or the default. Raises MessageRefused where none can be."""
    outcome = _outcome(connection, groups, account.id, None, trail)
    row = grant_membership(account=account, roles=outcome.roles.held, person=person, trail=trail)
    row.group_roles = list(outcome.roles.by_group)
    row.save(update_fields=["group_roles"])
    _note(connection, row, outcome, trail)
    return row


def take_group_roles(
    *, connection: SamlConnection, membership: Membership, person: Person | None, groups: Collection[str], trail: Trail
) -> None:
    """Gives a membership, whose row is locked, the roles of this moment, and says whose account it is.

    What may not be is not done and stands on record (GroupConflict): the last owner keeps the role, and roles that may
    not be held together are not given. Raises MessageRefused where nobody could hold what is left.
    """
    outcome = _outcome(connection, groups, membership.account_id, membership, trail)
    before = sorted(membership.roles)
    if person is not None and membership.person is None:
        membership.person = person
    membership.roles, membership.group_roles = list(outcome.roles.held), list(outcome.roles.by_group)
    membership.save(update_fields=["person", "roles", "group_roles"])
    if before != membership.roles:
        account = str(membership.account.pseudonym)
        trail.record(
            "membership.roles_changed",
            subject=membership,
            details={"account": account, "before": before, "after": membership.roles, "by": "groups"},
        )
    _note(connection, membership, outcome, trail)


def _outcome(
    connection: SamlConnection, groups: Collection[str], account_id: UUID, row: Membership | None, trail: Trail
) -> GroupOutcome:
    """The first way out that the rules allow. Nothing is asked where nothing changes."""
    table = GroupRole.objects.filter(connection=connection).values_list("group", "role")
    withheld = WithheldRole.objects.filter(membership=row).values_list("role", flat=True) if row is not None else ()
    held, by_group = (row.roles, row.group_roles) if row is not None else ([], [])
    ways = ways_out(
        held=held,
        by_group=by_group,
        now=roles_by_group(groups, table),
        default=connection.default_role,
        withheld=frozenset(withheld),
    )
    for way in ways:
        if way.roles.held and (set(way.roles.held) == set(held) or _may_stand(way, account_id, row, trail)):
            return way
    raise MessageRefused(
        _("Your groups leave you no role here that you may hold. Ask an administrator of your organisation."),
        why="no_role_left",
        subject=connection,
    )


def _may_stand(way: GroupOutcome, account_id: UUID, row: Membership | None, trail: Trail) -> bool:
    try:
        check_roles(
            trail=trail,
            before=row.roles if row is not None else (),
            after=way.roles.held,
            membership=row,
            account_id=account_id,
            party_id=row.party_id if row is not None else None,
        )
    except CANNOT_HOLD:
        return False
    return True


def _note(connection: SamlConnection, row: Membership, outcome: GroupOutcome, trail: Trail) -> None:
    """One entry when a conflict begins or becomes another one, not one for each sign-in at which it lasts."""
    found = GroupConflict.objects.filter(membership=row).first()
    kept, refused = list(outcome.kept), list(outcome.refused)
    if not kept and not refused:
        if found is not None:
            found.delete()
        return
    if found is not None and (found.connection_id, found.kept, found.refused) == (connection.id, kept, refused):
        return
    GroupConflict.objects.update_or_create(
        organization_id=trail.organization_id,
        membership=row,
        defaults={"connection": connection, "kept": kept, "refused": refused, "noticed_at": trail.clock.now()},
    )
    trail.record(
        "membership.group_conflict",
        subject=row,
        details={"account": str(row.account.pseudonym), "kept": [*kept], "refused": [*refused]},
    )
