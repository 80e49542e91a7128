"""What a person of a customer may see beside the own partner's matters: granted and ended."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Membership
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.trail import Trail
from licensing.models import Party, PartyAccess

ROLE = "customer"


class PartyAccessNotFound(NotFound):
    """There is no such access in this organisation."""

    code = "PARTY_ACCESS_NOT_FOUND"


class PartyAccessExists(Conflict):
    """The person sees the matters of this partner already."""

    code = "PARTY_ACCESS_EXISTS"


class NotACustomer(InvalidInput):
    """Access to partners is for live memberships with the role customer; everybody else sees what the roles say."""

    code = "NOT_A_CUSTOMER"


def grant_party_access(
    *, membership: Membership, party: Party, trail: Trail, with_children: bool = False
) -> PartyAccess:
    """From the next request on the customer sees this partner's matters too, with `with_children` also those of
    whatever belongs to it. Raises NotACustomer and PartyAccessExists."""
    if membership.ended_at is not None or ROLE not in membership.roles:
        raise NotACustomer(_("This member is no customer."), pointer="/membership")
    if party.id == membership.party_id and not with_children:
        raise PartyAccessExists(_("This is the member's own partner."), pointer="/party")
    try:
        with transaction.atomic():
            row = PartyAccess.objects.create(
                organization_id=trail.organization_id,
                party=party,
                membership=membership,
                with_children=with_children,
                granted_at=trail.clock.now(),
                granted_by=str(trail.actor.pseudonym),
            )
    except IntegrityError as error:
        raise PartyAccessExists(_("The member sees the matters of this partner already."), pointer="/party") from error
    _record("party_access.granted", row, trail)
    return row


def end_party_access(*, access_id: UUID, trail: Trail) -> PartyAccess:
    """From the next request on the customer no longer sees it; twice changes nothing. Raises PartyAccessNotFound."""
    rows = PartyAccess.objects.select_for_update(no_key=True, of=("self",)).select_related("membership__account")
    row = rows.filter(id=access_id).first()
    if row is None:
        raise PartyAccessNotFound(_("There is no such access in your organisation."))
    if row.ended_at is None:
        row.ended_at, row.ended_by = trail.clock.now(), str(trail.actor.pseudonym)
        row.save(update_fields=["ended_at", "ended_by"])
        _record("party_access.ended", row, trail)
    return row


def _record(kind: str, row: PartyAccess, trail: Trail) -> None:
    trail.record(
        kind,
        subject=row,
        details={
            "party": str(row.party_id),
            "account": str(row.membership.account.pseudonym),
            "with_children": row.with_children,
        },
    )
