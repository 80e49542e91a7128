"""E-mail about change requests, by way of the outbox: it leaves when the transaction has."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from compliance.models import ChangeRequest
from identity.models import Account
from jobs.operations import enqueue
from kernel.trail import Trail


def tell_approvers(row: ChangeRequest, *, to: Iterable[Account], trail: Trail) -> None:
    """Whoever may decide hears of a new request, each in the own language. The reason stays on the page."""
    for account in to:
        with override(account.language):
            subject = _("Seatledger: %(number)s waits for your decision") % {"number": row.number}
            text = _("%(what)s: %(about)s. This was asked for and needs a second person by %(due)s UTC.") % {
                "what": row.get_kind_display(),
                "about": row.about,
                "due": date_format(row.due_at, "DATETIME_FORMAT"),
            }
        _send(row, account, subject, text, "asked", trail)


def tell_requester(row: ChangeRequest, *, trail: Trail) -> None:
    """Whoever asked hears what was decided; programs and tasks do not."""
    account = row.requester
    if account is None:
        return
    with override(account.language):
        state = row.get_state_display()
        subject = _("Seatledger: %(number)s is decided: %(state)s") % {"number": row.number, "state": state}
        text = _("%(what)s, %(about)s: %(state)s.") % {
            "what": row.get_kind_display(),
            "about": row.about,
            "state": state,
        }
    _send(row, account, subject, text, "decided", trail)


def _send(row: ChangeRequest, account: Account, subject: str, text: str, when: str, trail: Trail) -> None:
    page = settings.BASE_URL.rstrip("/") + reverse("compliance:change", args=[row.id])
    key = f"change:{row.id}:{account.id}:{when}"
    enqueue(
        organization_id=trail.organization_id,
        channel="email",
        payload={"to": [account.email], "subject": subject, "text": f"{text}\n\n{page}\n"},
        dedupe_key=key,
        order_key=key,
        now=trail.clock.now(),
    )
