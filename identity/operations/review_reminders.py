"""Reminders: whoever has not answered hears of it, once a day, from three days before the due date on."""

from collections import Counter

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from identity.models import AccessReview, Account
from identity.queries.access_reviews import open_items, open_reviews
from identity.rules.access_reviews import is_to_be_reminded
from jobs.operations import enqueue
from kernel.trail import Trail

PAGE = "/organization/access-reviews/mine/"


def remind_reviewers(*, trail: Trail) -> int:
    """Sends what is due and returns how many messages there are; the second call of a day sends none again."""
    now, sent = trail.clock.now(), 0
    for review in open_reviews().order_by("id"):
        if is_to_be_reminded(due_at=review.due_at, at=now):
            sent += _remind(review, trail)
    return sent


def _remind(review: AccessReview, trail: Trail) -> int:
    rows = open_items().filter(review=review, reviewer__ended_at__isnull=True, reviewer__account__is_active=True)
    left = Counter(row.reviewer.account for row in rows)
    for account, count in left.items():
        _send(review, account, count, trail)
    if left:
        trail.record("access_review.reminded", subject=review, details={"reviewers": len(left)})
    return len(left)


def _send(review: AccessReview, account: Account, count: int, trail: Trail) -> None:
    now = trail.clock.now()
    key = f"access-review:{review.id}:{account.id}:{now:%Y-%m-%d}"
    with override(account.language):
        subject = _("Access review “%(name)s”: your answer is missing") % {"name": review.name}
        asked = ngettext("%(count)d question waits for you", "%(count)d questions wait for you", count)
        text = _("%(asked)s. The review is due on %(due)s UTC.\n\nAnswer here:\n%(link)s\n") % {
            "asked": asked % {"count": count},
            "due": date_format(review.due_at, "DATETIME_FORMAT"),
            "link": settings.BASE_URL + PAGE,
        }
    enqueue(
        organization_id=trail.organization_id,
        channel="email",
        payload={"to": [account.email], "subject": subject, "text": text},
        dedupe_key=key,
        order_key=key,
        now=now,
    )
