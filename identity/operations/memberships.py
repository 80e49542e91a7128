"""Memberships that change: other roles, another person behind the account."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import GroupRole, Membership, Person
from identity.operations.accounts import refuse_unknown
from identity.operations.granting import check_roles
from identity.operations.withholding import forget_granted, withhold_taken
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.trail import Personal, Trail


class MembershipNotFound(NotFound):
    """There is no such membership in this organisation."""

    code = "MEMBERSHIP_NOT_FOUND"


class MembershipOver(Conflict):
    """The membership has ended; grant a new one."""

    code = "MEMBERSHIP_OVER"


class RolesReasonRequired(InvalidInput):
    """Roles are changed and memberships are ended with a reason, which stays on record."""

    code = "ROLES_REASON_REQUIRED"


class PersonTaken(Conflict):
    """Another account of this organisation belongs to this person."""

    code = "MEMBERSHIP_PERSON_TAKEN"


def change_roles(
    *,
    membership: Membership,
    roles: Sequence[str],
    reason: str,
    trail: Trail,
    party_id: UUID | None = None,
) -> Membership:
    """Gives the membership exactly these roles, from the next request on; the same roles again change nothing. What a
    group gave and nobody took away still goes with the group; all else counts as granted by hand from now on. What is
    taken away here no group brings back (WithheldRole), and what is granted here is withheld no longer.

    Raises RoleUnknown, RolesReasonRequired, MembershipNotFound, MembershipOver and what check_roles raises.
    """
    refuse_unknown(roles)
    if not reason.strip():
        raise RolesReasonRequired(_("Say why the roles change."), pointer="/reason")
    row = locked_membership(membership.id)
    before, after = list(row.roles), sorted(set(roles))
    if before == after and party_id == row.party_id:
        return row
    check_roles(trail=trail, before=before, after=after, membership=row, account_id=row.account_id, party_id=party_id)
    row.roles, row.party_id, row.group_roles = after, party_id, _still_by_group(row, after)
    row.save(update_fields=["roles", "party_id", "group_roles"])
    trail.record(
        "membership.roles_changed",
        subject=row,
        details={"account": str(row.account.pseudonym), "before": before, "after": [*after]},
        personal={"reason": Personal(row.account.pseudonym, reason.strip())},
    )
    withhold_taken(membership=row, taken=set(before) - set(after), trail=trail)
    forget_granted(membership=row, granted=after, trail=trail)
    return row


def _still_by_group(row: Membership, after: Sequence[str]) -> list[str]:
    """A role that no group can give was the default for want of others: whoever kept it by hand wants it."""
    kept = set(row.group_roles) & set(after)
    return sorted(set(GroupRole.objects.filter(role__in=kept).values_list("role", flat=True))) if kept else []


def link_person(*, membership: Membership, person: Person | None, trail: Trail) -> Membership:
    """Says whose account this is, or that nobody knows; the same again changes nothing.

    Raises MembershipNotFound, MembershipOver and PersonTaken.
    """
    row = locked_membership(membership.id)
    if row.person_id == (person.id if person else None):
        return row
    taken = Membership.objects.filter(person=person, ended_at__isnull=True).exclude(id=row.id)
    if person is not None and taken.exists():
        raise PersonTaken(_("Another account belongs to %(name)s already.") % {"name": person}, pointer="/person")
    row.person = person
    row.save(update_fields=["person"])
    trail.record(
        "membership.person_linked",
        subject=row,
        details={
            "account": str(row.account.pseudonym),
            "person": str(person.pseudonym) if person is not None else None,
        },
    )
    return row


def locked_membership(membership_id: UUID) -> Membership:
    """The live membership, its row locked. Raises MembershipNotFound and MembershipOver."""
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("account")
    row = rows.filter(id=membership_id).first()
    if row is None:
        raise MembershipNotFound(_("There is no such membership in your organisation."))
    if row.ended_at is not None:
        raise MembershipOver(_("This membership has ended. Invite the account again."))
    return row
