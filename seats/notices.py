"""E-mail to the holders of seats that are asked back: the outbox channel, and the words in the holder's language.

A message rests in the outbox as two ids. Name, address and link are read when it leaves, so that a question that was
settled meanwhile is not asked any more.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from identity.models import Membership, Organization, Person
from jobs.channels import send_email
from jobs.ports import Payload
from kernel.scope import scope
from seats.answer_links import answer_address
from seats.models import CandidateState, RemovalCandidate
from seats.queries import removal_candidates
from seats.rules.candidates import UNDO_WINDOW, Happening
from seats.use_words import source_label

ASKS = frozenset({"asked", "reminder"})


@dataclass(frozen=True)
class Words:
    """What one message says; buttons are (label, address), the first one stands out."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    buttons: tuple[tuple[str, str], ...] = ()
    closing: str = ""


def send_seat_notice(payload: Payload) -> None:
    """`payload`: organization and candidate (ids), about ("asked", "reminder-<n>", "taken", "kept"). Says nothing to a
    holder without an address, or about what is settled by now. Raises DeliveryFailed."""
    about = str(payload["about"]).partition("-")[0]
    with scope(UUID(payload["organization"])):
        row = removal_candidates().filter(id=UUID(payload["candidate"])).first()
        person = _holder(row) if row is not None else None
        if row is None or person is None or (about in ASKS and row.state != CandidateState.AWAITING_USER):
            return
        to, language = _address(person), _language(person)
        house = Organization.objects.get(id=row.organization_id).name
        with override(language):
            message = _rendered(_words(row, about), house, str(person), language) if to else None
    if message is not None:
        send_email({"to": [to], **message})


def _holder(row: RemovalCandidate) -> Person | None:
    """The person, or the person whose the device is."""
    seat = row.assignment
    return seat.person if seat.device is None else seat.device.person


def _address(person: Person) -> str:
    """The primary address, else any; empty for somebody who has left or has none."""
    if not person.active:
        return ""
    return person.emails.order_by("-primary", "id").values_list("value", flat=True).first() or ""


def _language(person: Person) -> str:
    """What the directory says, else what the person's account reads, as far as Seatledger speaks it."""
    spoken = [code for code, _name in settings.LANGUAGES]
    account = Membership.objects.filter(person=person, ended_at__isnull=True).values_list(
        "account__language", flat=True
    )
    for wished in (person.preferred_language, person.locale, account.first() or ""):
        code = wished.replace("_", "-").partition("-")[0].lower()
        if code in spoken:
            return code
    return str(settings.LANGUAGE_CODE)


def _rendered(words: Words, house: str, name: str, language: str) -> dict[str, str]:
    context = {"words": words, "organization": house, "name": name, "language": language}
    return {
        "subject": words.subject,
        "text": render_to_string("seats/mail/notice.txt", context),
        "html": render_to_string("seats/mail/notice.html", context),
    }


def _words(row: RemovalCandidate, about: str) -> Words:
    return {"asked": _question, "reminder": _reminder, "taken": _taken, "kept": _kept}[about](row)


def _question(row: RemovalCandidate) -> Words:
    return _asking(row, _("Do you still need %(product)s?"), ())


def _reminder(row: RemovalCandidate) -> Words:
    return _asking(
        row, _("Reminder: do you still need %(product)s?"), (_("We asked you before and have no answer yet."),)
    )


def _asking(row: RemovalCandidate, subject: str, before: tuple[str, ...]) -> Words:
    product, due = row.assignment.pool.product.name, _day(row.due_at)
    device = row.assignment.device
    about = (
        _("A seat of %(product)s is assigned to your device %(device)s. It looks unused.")
        if device is not None
        else _("You have a seat of %(product)s. It looks unused.")
    )
    return Words(
        subject=subject % {"product": product},
        heading=_("Do you still need %(product)s?") % {"product": product},
        paragraphs=(
            *before,
            about % {"product": product, "device": device.hostname if device else ""},
            _("Without an answer by %(due)s the seat is taken back and given to somebody who needs it.") % {"due": due},
        ),
        facts=(*_facts(row), (_("Answer by"), due)),
        buttons=(
            (_("Keep the seat"), answer_address(row, choice="keep")),
            (_("Give it back"), answer_address(row, choice="give-back")),
        ),
        closing=_(
            "The links are for you alone and work once, without signing in. If you simply use the product again, the "
            "question settles itself."
        ),
    )


def _taken(row: RemovalCandidate) -> Words:
    product = row.assignment.pool.product.name
    why = {
        Happening.GIVEN_BACK: _("You gave it back. Thank you."),
        Happening.NO_ANSWER: _("It looked unused, and we had no answer in time."),
        Happening.KEEP_REFUSED: _("You wanted to keep it; this was looked at and refused."),
    }
    reason = row.decision_reason if row.outcome == Happening.KEEP_REFUSED else ""
    until = _day(row.ended_at + UNDO_WINDOW) if row.ended_at else ""
    return Words(
        subject=_("Your seat of %(product)s was taken back") % {"product": product},
        heading=_("Your seat of %(product)s was taken back") % {"product": product},
        paragraphs=(
            why[Happening(row.outcome)],
            *((_("Reason: %(reason)s") % {"reason": reason},) if reason else ()),
            _("If you need it after all, tell your IT: until %(until)s it can be given again, if one is free.")
            % {"until": until},
        ),
        facts=_facts(row),
    )


def _kept(row: RemovalCandidate) -> Words:
    product = row.assignment.pool.product.name
    why = {
        Happening.USED_AGAIN: _("You used it again, so the question has settled itself."),
        Happening.PROTECTED: _("Your seat is exempt from such questions now."),
    }
    said = why.get(Happening(row.outcome), _("You do not have to do anything."))
    return Words(
        subject=_("You keep your seat of %(product)s") % {"product": product},
        heading=_("You keep your seat of %(product)s") % {"product": product},
        paragraphs=(said,),
        facts=_facts(row),
    )


def _facts(row: RemovalCandidate) -> tuple[tuple[str, str], ...]:
    used = _day(row.last_used_at) if row.last_used_at else _("not known")
    source = f" ({source_label(row.use_source)})" if row.use_source else ""
    return (
        (_("Product"), row.assignment.pool.product.name),
        (_("Yours since"), _day(row.assignment.since)),
        (_("Last used"), f"{used}{source}"),
    )


def _day(at: datetime | None) -> str:
    return str(date_format(localtime(at), "DATE_FORMAT")) if at is not None else ""
