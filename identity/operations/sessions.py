"""Where an account is signed in: begun, seen, moved to another key, and ended.

A session is ended by removing Django's own row: the next request finds none, on every server at once.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from identity.models import Account, AccountSession
from kernel.errors import NotFound
from kernel.trail import Trail


class SessionUnknown(NotFound):
    """The account has no such session, or it is over already."""

    code = "SESSION_UNKNOWN"


def start_session(*, digest: str, account: Account, method: str, browser: str, network: str, at: datetime) -> None:
    """Notes a sign-in; what stood under the same key before is over."""
    with transaction.atomic():
        AccountSession.objects.filter(digest=digest).delete()
        AccountSession.objects.create(
            digest=digest,
            account=account,
            method=method,
            browser=browser,
            network=network,
            started_at=at,
            last_seen_at=at,
        )


def move_session(*, before: str, after: str) -> None:
    """The session has a new key."""
    AccountSession.objects.filter(digest=before).update(digest=after)


def session_works_in(*, digest: str, organization_id: UUID) -> None:
    AccountSession.objects.filter(digest=digest).update(organization_id=organization_id)


def session_passed_factor(*, digest: str, at: datetime) -> None:
    AccountSession.objects.filter(digest=digest).update(second_factor_at=at)


def session_seen(*, digest: str, at: datetime) -> None:
    AccountSession.objects.filter(digest=digest, last_seen_at__lt=at).update(last_seen_at=at)


def end_session(*, account: Account, session_id: UUID, trail: Trail) -> None:
    """Ends one session of the account, wherever it works. Raises SessionUnknown."""
    if not _end(AccountSession.objects.filter(account=account, id=session_id)):
        raise SessionUnknown(_("This session is over already."))
    _record(account, 1, trail)


def end_other_sessions(*, account: Account, keep: str, trail: Trail) -> int:
    """Ends every session of the account but the one with the digest `keep`; returns how many there were."""
    ended = _end(AccountSession.objects.filter(account=account).exclude(digest=keep))
    if ended:
        _record(account, ended, trail)
    return ended


def end_sessions_here(*, account: Account, trail: Trail) -> int:
    """Ends what works in the trail's organisation; sessions of the account in other organisations go on."""
    ended = _end(AccountSession.objects.filter(account=account, organization_id=trail.organization_id))
    if ended:
        _record(account, ended, trail)
    return ended


def end_sessions_without_factor(
    *, accounts: Sequence[UUID], keep: UUID | None, spared_method: str = "", trail: Trail
) -> int:
    """Ends what these accounts began in the trail's organisation without a second factor, save sessions of the account
    `keep` and those that were begun by `spared_method`."""
    rows = AccountSession.objects.filter(
        account_id__in=accounts, organization_id=trail.organization_id, second_factor_at=None
    ).exclude(method=spared_method)
    return _end(rows.exclude(account_id=keep) if keep is not None else rows)


def end_sessions_by_password(*, keep: str, trail: Trail) -> int:
    """Ends what works in the trail's organisation and no identity provider vouched for, save the session with the
    digest `keep`; the caller records how many."""
    rows = AccountSession.objects.filter(organization_id=trail.organization_id, method="password")
    return _end(rows.exclude(digest=keep))


def forget_ended_sessions(*, at: datetime) -> int:
    """Removes Django's rows that ran out, and ours that have none any more; returns how many of ours."""
    Session.objects.filter(expire_date__lte=at).delete()
    living = Session.objects.filter(session_key=OuterRef("digest"))
    gone, _by_model = AccountSession.objects.filter(~Exists(living)).delete()
    return gone


def _end(rows: QuerySet[AccountSession]) -> int:
    digests = list(rows.values_list("digest", flat=True))
    Session.objects.filter(session_key__in=digests).delete()
    AccountSession.objects.filter(digest__in=digests).delete()
    return len(digests)


def _record(account: Account, count: int, trail: Trail) -> None:
    trail.record("account.sessions_ended", subject=account, details={"account": str(account.pseudonym), "count": count})
