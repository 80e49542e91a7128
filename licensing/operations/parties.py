"""Business partners: added, changed, moved in the tree of groups, barred and let in again.

Order of locks: the organisation (for moves alone) and parties come before entitlements and licences.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Organization
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.trail import Personal, Trail
from licensing.models import Party
from licensing.operations.reasons import stated_reason
from licensing.queries.party_tree import parents_of_parties
from licensing.rules.party_tree import leads_to


class PartyNotFound(NotFound):
    """There is no such business partner in this organisation."""

    code = "PARTY_NOT_FOUND"


class PartyExists(Conflict):
    """There is a partner of this kind under this name."""

    code = "PARTY_EXISTS"


class PartyNameMissing(InvalidInput):
    """A partner has a name."""

    code = "PARTY_NAME_MISSING"


class PartyBelowItself(Conflict):
    """The move would put the partner below itself."""

    code = "PARTY_BELOW_ITSELF"


class PartyBarConflict(Conflict):
    """The partner is barred already, or is not barred."""

    code = "PARTY_BAR_CONFLICT"


class PartyReasonRequired(InvalidInput):
    """Barring a partner and lifting the bar need a reason, which stays on record."""

    code = "PARTY_REASON_REQUIRED"


@dataclass(frozen=True, kw_only=True)
class PartyParticulars:
    """What is known about a partner beside its place in the tree. `territory` is ISO 3166-1 alpha-2, or empty."""

    kind: str
    name: str
    email: str = ""
    territory: str = ""


def ensure_party(*, kind: str, name: str, trail: Trail, territory: str = "", email: str = "") -> Party:
    """The partner of this kind under this name, added when it is not there yet."""
    found = Party.objects.filter(kind=kind, name_lower=name.lower()).first()
    if found is not None:
        return found
    return create_party(
        particulars=PartyParticulars(kind=kind, name=name, email=email, territory=territory), trail=trail
    )


def create_party(*, particulars: PartyParticulars, trail: Trail, parent: Party | None = None) -> Party:
    """Adds a partner, below `parent` where one is named: a new row closes no cycle. Raises PartyExists and
    PartyNameMissing."""
    row = Party(organization_id=trail.organization_id, parent=parent, created_at=trail.clock.now())
    _fill(row, particulars)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _taken() from error
    # A partner may be a human, and has no pseudonym of a directory; the row's own id stands for the name.
    trail.record(
        "party.created",
        subject=row,
        details={"kind": row.kind, "territory": row.territory, "parent": str(parent.id) if parent else None},
        personal={"name": Personal(row.id, row.name)},
    )
    return row


def update_party(*, party_id: UUID, particulars: PartyParticulars, trail: Trail) -> Party:
    """Gives a partner these particulars; the same again changes nothing. Raises PartyNotFound, PartyExists and
    PartyNameMissing."""
    row = locked_party(party_id=party_id)
    before = {name: getattr(row, name) for name in ("kind", "name", "email", "territory")}
    _fill(row, particulars)
    changed = sorted(name for name, value in before.items() if getattr(row, name) != value)
    if not changed:
        return row
    try:
        with transaction.atomic():
            row.save(update_fields=["kind", "name", "name_lower", "email", "territory"])
    except IntegrityError as error:
        raise _taken() from error
    trail.record("party.updated", subject=row, details={"fields": [*changed]})
    return row


def move_party(*, party_id: UUID, parent_id: UUID | None, trail: Trail) -> Party:
    """Puts a partner, and whatever stands below it, below another one, or at the top with None.

    Moves of an organisation are made one after the other, under the lock of its row: two of them together could close
    a cycle that neither closes alone. Raises PartyNotFound and PartyBelowItself.
    """
    Organization.objects.select_for_update(no_key=True).get(id=trail.organization_id)
    row = locked_party(party_id=party_id)
    if parent_id == row.parent_id:
        return row
    # Read after the lock, in a statement of its own: what the move before this one committed is in it.
    parents = parents_of_parties()
    if parent_id is not None and parent_id not in parents:
        raise PartyNotFound(_("There is no such business partner in your organisation."), pointer="/parent")
    if leads_to(parents, start=parent_id, target=row.id):
        raise PartyBelowItself(
            _("%(name)s cannot stand below itself or below what belongs to it.") % {"name": row.name},
            pointer="/parent",
        )
    before, row.parent_id = row.parent_id, parent_id
    row.save(update_fields=["parent"])
    trail.record(
        "party.moved",
        subject=row,
        details={"before": str(before) if before else None, "after": str(parent_id) if parent_id else None},
    )
    return row


def bar_party(*, party_id: UUID, reason: str, trail: Trail) -> Party:
    """From now on every licence of the partner answers BANNED, and it receives no new one. What stands below it in the
    tree is not barred with it. Raises PartyNotFound, PartyBarConflict and PartyReasonRequired."""
    reason = _stated(reason)
    row = locked_party(party_id=party_id)
    if row.is_barred:
        raise PartyBarConflict(_("This partner is barred already."))
    row.barred_at, row.barred_by, row.barred_reason = trail.clock.now(), str(trail.actor.pseudonym), reason
    _save_bar("party.barred", row, reason, trail)
    return row


def lift_bar(*, party_id: UUID, reason: str, trail: Trail) -> Party:
    """Licences of the partner answer as before it was barred. Raises PartyNotFound, PartyBarConflict and
    PartyReasonRequired."""
    reason = _stated(reason)
    row = locked_party(party_id=party_id)
    if not row.is_barred:
        raise PartyBarConflict(_("This partner is not barred."))
    row.barred_at, row.barred_by, row.barred_reason = None, "", ""
    _save_bar("party.bar_lifted", row, reason, trail)
    return row


def locked_party(*, party_id: UUID) -> Party:
    """The partner, its row locked. Raises PartyNotFound."""
    row = Party.objects.select_for_update(no_key=True, of=("self",)).filter(id=party_id).first()
    if row is None:
        raise PartyNotFound(_("There is no such business partner in your organisation."))
    return row


def _fill(row: Party, particulars: PartyParticulars) -> None:
    name = particulars.name.strip()
    if not name:
        raise PartyNameMissing(_("Give the partner a name."), pointer="/name")
    row.kind, row.name, row.name_lower = particulars.kind, name, name.lower()
    row.email, row.territory = particulars.email.strip(), particulars.territory.upper()


def _taken() -> PartyExists:
    return PartyExists(_("There is a partner of this kind under this name already."), pointer="/name")


def _stated(text: str) -> str:
    return stated_reason(text, refusal=PartyReasonRequired)


def _save_bar(kind: str, row: Party, reason: str, trail: Trail) -> None:
    row.save(update_fields=["barred_at", "barred_by", "barred_reason"])
    trail.record(
        kind, subject=row, details={"kind": row.kind}, personal={"reason": Personal(trail.actor.pseudonym, reason)}
    )
