"""Owners are told before a certificate of a connection ends."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.queries.memberships import addresses_of_roles
from identity.queries.single_sign_on import Expiry, expiries
from jobs.operations import enqueue
from kernel.clock import Clock
from kernel.scope import scope

STAGES = (timedelta(days=7), timedelta(days=30))
"""Told once when so much time is left, the shorter one first; certificates that are over are not told again."""


def warn_of_ending_certificates(*, organization_id: UUID, clock: Clock) -> int:
    """Puts one e-mail for each certificate and stage into the outbox; called every minute, it changes nothing more.

    Returns how many certificates end within the longest stage.
    """
    with scope(organization_id):
        now = clock.now()
        found = [one for one in expiries(at=now, within=STAGES[-1]) if one.not_after > now]
        if found:
            to = addresses_of_roles(["owner", "it_admin"], at=now)
            for one in found:
                _tell(one, to, organization_id, now)
        return len(found)


def _tell(one: Expiry, to: list[str], organization_id: UUID, now: datetime) -> None:
    stage = next(stage for stage in STAGES if one.not_after <= now + stage)
    when = {"name": one.connection.name, "when": date_format(one.not_after, "DATE_FORMAT")}
    said = (
        _("Our own certificate for the connection “%(name)s” ends on %(when)s.") % when
        if one.is_ours
        else _("A certificate of the identity provider of the connection “%(name)s” ends on %(when)s.") % when
    )
    page = settings.BASE_URL.rstrip("/") + reverse("organization:sso-connection", args=[one.connection.id])
    enqueue(
        organization_id=organization_id,
        channel="email",
        payload={
            "to": to,
            "subject": _("Seatledger: a certificate of single sign-on ends"),
            "text": "\n\n".join([said, _("The page of the connection says what to do: %(page)s") % {"page": page}]),
        },
        dedupe_key=f"certificate:{one.connection.id}:{one.fingerprint}:{stage.days}",
        order_key=f"certificate:{one.connection.id}",
        now=now,
    )
