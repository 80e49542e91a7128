"""Who decides whether a seat that its holder wants to keep is kept, and how they hear of it."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.models import Membership
from identity.queries import addresses_of_roles
from jobs.operations import enqueue
from kernel.principal import Principal
from kernel.trail import Trail
from licensing.queries.ownership import product_owners
from seats.models import RemovalCandidate
from seats.rules.candidates import Approver, Decider

MANAGE = "seats.reclamation.manage"
ADMINISTRATORS = ("it_admin",)


def decider_of(candidate: RemovalCandidate, actor: Principal) -> Decider:
    """What the actor is to this candidate; a task of the system manages everything and holds nothing."""
    seat = candidate.assignment
    holder = seat.person_id if seat.device is None else seat.device.person_id
    mine = _person_of(actor)
    manager = seat.person.manager_id if seat.person is not None else None
    return Decider(
        manages_all=actor.is_system or actor.may(MANAGE),
        owns_product=actor.account_id is not None
        and product_owners().filter(product=seat.pool.product_id, membership__account_id=actor.account_id).exists(),
        manages_holder=mine is not None and mine == manager,
        is_holder=mine is not None and mine == holder,
    )


def _person_of(actor: Principal) -> UUID | None:
    """The person of the directory behind the account."""
    if actor.account_id is None:
        return None
    rows = Membership.objects.filter(account_id=actor.account_id, ended_at__isnull=True, person__isnull=False)
    return rows.values_list("person_id", flat=True).first()


def tell_approvers(*, candidate_ids: Sequence[UUID], trail: Trail) -> None:
    """One e-mail to each address for all that waits; administrators hear of what names nobody else."""
    if not candidate_ids:
        return
    now = trail.clock.now()
    rows = RemovalCandidate.objects.filter(id__in=candidate_ids).select_related("rule", "assignment__pool")
    waiting: dict[str, list[RemovalCandidate]] = defaultdict(list)
    administrators = addresses_of_roles(ADMINISTRATORS, at=now)
    owners, managers = _owners(), _managers(candidate_ids)
    for row in rows:
        named = {
            Approver.PRODUCT_OWNER: owners.get(row.assignment.pool.product_id, []),
            Approver.MANAGER: managers.get(row.id, []),
        }.get(Approver(row.rule.approver))
        for address in named or administrators:
            waiting[address].append(row)
    for address, mine in sorted(waiting.items()):
        _send(address, mine, trail)


def _owners() -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in product_owners():
        found[row.product_id].append(row.membership.account.email)
    return found


def _managers(candidate_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """By candidate: the accounts that belong to the manager of its holder."""
    pairs = RemovalCandidate.objects.filter(
        id__in=candidate_ids, assignment__person__manager__memberships__ended_at__isnull=True
    ).values_list("id", "assignment__person__manager__memberships__account__email")
    found: dict[UUID, list[str]] = defaultdict(list)
    for key, address in pairs:
        if address:
            found[key].append(address)
    return found


def _send(address: str, rows: Sequence[RemovalCandidate], trail: Trail) -> None:
    subject = ngettext(
        "Seatledger: %(count)d unused seat needs your decision",
        "Seatledger: %(count)d unused seats need your decision",
        len(rows),
    ) % {"count": len(rows)}
    lines = [
        _("%(pool)s, selected by “%(rule)s”") % {"pool": row.assignment.pool.name, "rule": row.rule.name}
        for row in rows[:20]
    ]
    page = settings.BASE_URL.rstrip("/") + reverse("seats:reclamation") + "?state=awaiting_approval"
    text = _("Decide whether these seats stay with their holders. Without a decision they do.")
    key = f"decide:{rows[0].id}:{address}"
    enqueue(
        organization_id=trail.organization_id,
        channel="email",
        payload={"to": [address], "subject": subject, "text": "\n".join([text, "", *lines, "", page, ""])},
        dedupe_key=key,
        order_key=key,
        now=trail.clock.now(),
    )
