"""Enrolling, using and giving up the second factor of an account.

The factor belongs to the account and not to one organisation: its row is locked before it is judged, and what changes
for others to know is recorded where the account works at that moment.
"""

import os
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import Account, RecoveryCode, SecondFactor
from identity.one_time_codes import SECRET_BYTES, accepted_counter, sealing_place, secret_of
from identity.queries.credentials import credential_digest
from identity.rules.second_factor import (
    CODE_BYTES,
    CODES,
    PENDING_FOR,
    Answer,
    Attempts,
    is_app_code,
    recovery_code,
    tidy,
)
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from kernel.vault import vault


class CodeWrong(InvalidInput):
    """The code is not the one that the authenticator app shows at this moment."""

    code = "SECOND_FACTOR_CODE_WRONG"


class FactorMissing(Conflict):
    """The account has no second factor that could be changed."""

    code = "SECOND_FACTOR_MISSING"


class FactorDemanded(Conflict):
    """The roles of the account, or the organisation's policy, do not let it go without a second factor."""

    code = "SECOND_FACTOR_DEMANDED"


def pending_secret(*, account: Account, clock: Clock) -> bytes:
    """The secret to show for enrolling: the same until it is confirmed or a quarter of an hour old.

    Raises Conflict when the account has a confirmed second factor: it is given up first.
    """
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        row = SecondFactor.objects.filter(account=account).first()
        now = clock.now()
        if row is not None and row.confirmed_at is not None:
            raise Conflict(_("This account has a second factor already."))
        if row is not None and now - row.created_at < PENDING_FOR:
            return secret_of(row)
        secret = os.urandom(SECRET_BYTES)
        sealed = vault().encrypt(secret, aad=sealing_place(account.id))
        SecondFactor.objects.update_or_create(account=account, defaults={"sealed_secret": sealed, "created_at": now})
    return secret


def enable_second_factor(*, account: Account, code: str, trail: Trail) -> list[str]:
    """The account has a second factor from now on; returns the recovery codes, which nobody can read again.

    Raises CodeWrong and FactorMissing.
    """
    row = SecondFactor.objects.select_for_update(no_key=True).filter(account=account, confirmed_at=None).first()
    if row is None:
        raise FactorMissing(_("Begin again: the picture that you scanned is no longer valid."))
    now, given = trail.clock.now(), tidy(code)
    counter = accepted_counter(secret_of(row), given, at=now, after=row.last_counter) if is_app_code(given) else None
    if counter is None:
        raise CodeWrong(
            _("This is not the code that your app shows now. Does the clock of your phone run right?"), pointer="/code"
        )
    row.confirmed_at, row.last_counter, row.failures, row.locked_until = now, counter, 0, None
    row.save(update_fields=["confirmed_at", "last_counter", "failures", "locked_until"])
    _record("account.second_factor_enabled", account, trail)
    return _draw_codes(row)


def renew_recovery_codes(*, account: Account, trail: Trail) -> list[str]:
    """Ten new recovery codes; the old ones are worth nothing from now on. Raises FactorMissing."""
    row = _confirmed(account)
    row.recovery_codes.all().delete()
    _record("account.recovery_codes_renewed", account, trail)
    return _draw_codes(row)


def disable_second_factor(*, account: Account, demanded: bool, trail: Trail) -> None:
    """The account signs in by its first factor alone. Raises FactorMissing and, where `demanded`, FactorDemanded."""
    row = _confirmed(account)
    if demanded:
        raise FactorDemanded(_("Your roles need a second factor. Renew the recovery codes, or move it to another app."))
    row.delete()
    _record("account.second_factor_disabled", account, trail)


def replace_second_factor(*, account: Account, trail: Trail) -> None:
    """Gives up the present app in order to enrol another one at once, which every role may."""
    _confirmed(account).delete()
    _record("account.second_factor_disabled", account, trail)


def accept_code(*, account: Account, code: str, clock: Clock) -> Answer:
    """Judges a code of the app or a recovery code; each is taken once. A transaction of its own: a failure must count
    whatever happens to the request."""
    with transaction.atomic():
        row = SecondFactor.objects.select_for_update(no_key=True).filter(account=account).first()
        now = clock.now()
        if row is None or row.confirmed_at is None:
            return Answer.WRONG
        attempts = Attempts(row.failures, row.locked_until)
        if attempts.locked(now):
            return Answer.LOCKED
        right = _take(row, tidy(code), now)
        after = Attempts(0, None) if right else attempts.failed(now)
        row.failures, row.locked_until = after.failures, after.locked_until
        row.save(update_fields=["failures", "locked_until", "last_counter"])
    if right:
        return Answer.ACCEPTED
    return Answer.LOCKED if after.locked(now) else Answer.WRONG


def record_lock(*, account: Account, trail: Trail) -> None:
    """Five wrong codes in a row: somebody knows the password and not the code."""
    _record("account.second_factor_locked", account, trail)


def _take(row: SecondFactor, given: str, now: datetime) -> bool:
    if is_app_code(given):
        counter = accepted_counter(secret_of(row), given, at=now, after=row.last_counter)
        row.last_counter = counter if counter is not None else row.last_counter
        return counter is not None
    unused = row.recovery_codes.filter(digest=credential_digest(given), used_at=None)
    return bool(unused.update(used_at=now))


def _confirmed(account: Account) -> SecondFactor:
    row = SecondFactor.objects.select_for_update(no_key=True).filter(account=account).first()
    if row is None or row.confirmed_at is None:
        raise FactorMissing(_("This account has no second factor."))
    return row


def _draw_codes(row: SecondFactor) -> list[str]:
    codes = [recovery_code(os.urandom(CODE_BYTES)) for _number in range(CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(factor=row, digest=credential_digest(tidy(code))) for code in codes])
    return codes


def _record(kind: str, account: Account, trail: Trail) -> None:
    trail.record(kind, subject=account, details={"account": str(account.pseudonym)})
