"""E-mail about seats that end and about leavers who wait, by way of the outbox: it leaves when the transaction has."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from identity.models import Account, Membership, PersonEmail
from identity.rules.roles import permissions_of
from jobs.operations import enqueue
from kernel.trail import Trail
from seats.models import SeatClaim

DECIDE = "seats.departure.decide"


def tell_of_grace(*, claims: Sequence[SeatClaim], trail: Trail) -> None:
    """Whoever left a group hears until when the seat stays. Nobody is written to without an address."""
    if not claims:
        return
    addresses: dict[UUID, str] = {}
    rows = PersonEmail.objects.filter(person__in={claim.person_id for claim in claims}).order_by("primary")
    for person_id, address in rows.values_list("person_id", "value"):
        addresses[person_id] = address
    for claim in claims:
        if claim.person_id not in addresses or claim.leaves_at is None:
            continue
        until = date_format(claim.leaves_at, "DATE_FORMAT")
        subject = _("Seatledger: your seat of %(pool)s ends") % {"pool": claim.pool.name}
        text = _(
            "A group that you are no longer in gave you a seat of %(pool)s. It stays until %(until)s. Whoever needs it "
            "longer asks for a seat of their own:"
        ) % {"pool": claim.pool.name, "until": until}
        page = settings.BASE_URL.rstrip("/") + "/my/"
        _send(addresses[claim.person_id], subject, f"{text}\n\n{page}\n", f"seat-grace:{claim.id}:{until}", trail)


def tell_deciders(*, first: UUID, count: int, trail: Trail) -> int:
    """Those who may decide hear that leavers wait for them; says how many were written to."""
    accounts = _deciders(trail)
    page = settings.BASE_URL.rstrip("/") + reverse("seats:leavers") + "?state=stopped"
    for account in accounts:
        with override(account.language):
            subject = _("Seatledger: unusually many people left")
            text = ngettext(
                "More people left within 24 hours than the safety limit allows. They have no access any more, but the "
                "seats of %(count)d person wait for you to look.",
                "More people left within 24 hours than the safety limit allows. They have no access any more, but the "
                "seats of %(count)d people wait for you to look.",
                count,
            ) % {"count": count}
        _send(account.email, subject, f"{text}\n\n{page}\n", f"leavers:{first}:{account.id}", trail)
    return len(accounts)


def _deciders(trail: Trail) -> list[Account]:
    now = trail.clock.now()
    rows = Membership.objects.select_related("account").filter(started_at__lte=now, account__is_active=True)
    return [
        row.account
        for row in rows
        if (row.ended_at is None or row.ended_at > now) and DECIDE in permissions_of(row.roles)
    ]


def _send(address: str, subject: str, text: str, key: str, trail: Trail) -> None:
    enqueue(
        organization_id=trail.organization_id,
        channel="email",
        payload={"to": [address], "subject": subject, "text": text},
        dedupe_key=key,
        order_key=key,
        now=trail.clock.now(),
    )
