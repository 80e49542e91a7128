"""Checks that every change of roles passes, whoever asks: page, REST, admin, invitation, review, sign-in."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import Membership, Organization
from identity.ports import bindings
from identity.rules.granting import GrantCode, RoleChange, head_role, may_change
from kernel.errors import Conflict, InvalidInput, PermissionRefused, Refusal
from kernel.trail import Trail


class RoleNotHere(InvalidInput):
    """The role exists in the platform organisation alone."""

    code = "ROLE_NOT_HERE"


class CustomerNeedsParty(InvalidInput):
    """A customer is somebody's customer: name the business partner whose matters the account may see."""

    code = "CUSTOMER_NEEDS_PARTY"


class PartnerUnknown(InvalidInput):
    """There is no such business partner in this organisation."""

    code = "PARTNER_UNKNOWN"


class CustomerStandsAlone(InvalidInput):
    """Whoever is a customer holds no other role of the organisation."""

    code = "CUSTOMER_STANDS_ALONE"


class HeadOnly(PermissionRefused):
    """Only whoever holds the role that answers for the organisation gives it to others or takes it away."""

    code = "ROLE_HEAD_ONLY"


class LastOwner(Conflict):
    """The organisation would be left without anybody who can let others in."""

    code = "LAST_OWNER"


class OwnRoles(PermissionRefused):
    """Nobody adds to the own roles; a colleague has to."""

    code = "OWN_ROLES"


def check_roles(
    *,
    trail: Trail,
    before: Collection[str],
    after: Collection[str],
    membership: Membership | None = None,
    account_id: UUID | None = None,
    party_id: UUID | None = None,
) -> None:
    """Raises what the rule refuses. Locks the organisation's row when the head role is at stake, so that two owners
    cannot take each other's role at the same moment."""
    organization = Organization.objects.get(id=trail.organization_id)
    head = head_role(organization.kind)
    actor = trail.actor
    has_party = party_id is not None and party_id in bindings.partners(party_id)
    code = may_change(
        RoleChange(
            kind=organization.kind,
            before=frozenset(before),
            after=frozenset(after),
            actor=None if actor.is_system else actor.roles,
            is_own=account_id is not None and account_id == actor.account_id,
            has_party=has_party,
            other_heads=_other_heads(head, membership, trail) if head in before and head not in after else 1,
        )
    )
    if code is not GrantCode.ALLOWED:
        raise _refusal(code, head)
    if party_id is not None and not has_party:
        raise PartnerUnknown(_("There is no such business partner here."), pointer="/party")


def _other_heads(head: str, membership: Membership | None, trail: Trail) -> int:
    Organization.objects.select_for_update(no_key=True).get(id=trail.organization_id)
    live = Membership.objects.filter(ended_at__isnull=True, account__is_active=True)
    others = live.exclude(id=membership.id) if membership is not None else live
    return sum(head in roles for roles in others.values_list("roles", flat=True))


def _refusal(code: GrantCode, head: str) -> Refusal:
    if code is GrantCode.ROLE_NOT_HERE:
        return RoleNotHere(_("Platform operators work in the platform organisation alone."), pointer="/roles")
    if code is GrantCode.CUSTOMER_NEEDS_PARTY:
        return CustomerNeedsParty(_("Choose the business partner that this customer belongs to."), pointer="/party")
    if code is GrantCode.CUSTOMER_STANDS_ALONE:
        return CustomerStandsAlone(_("A customer holds no other role here."), pointer="/roles")
    if code is GrantCode.HEAD_ONLY:
        return HeadOnly(
            _("Only who holds the role %(role)s gives it or takes it away.") % {"role": head}, pointer="/roles"
        )
    if code is GrantCode.LAST_OWNER:
        return LastOwner(
            _("Nobody else holds the role %(role)s. Give it to a colleague first.") % {"role": head}, pointer="/roles"
        )
    return OwnRoles(_("Nobody adds to the own roles. Ask a colleague who may."), pointer="/roles")
