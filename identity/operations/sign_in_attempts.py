"""What the sign-in throttle keeps of visitors, and for how long.

Its rows are django-axes' own: refused sign-ins by the truncated address and a keyed digest of the typed name. They
belong to no organisation, so no ledger has a place for their removal.
"""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog

KEPT = timedelta(days=30)


def forget_sign_in_attempts(*, at: datetime) -> int:
    """Removes refused sign-ins whose latest failure is 30 days old, and returns how many.

    The library's log of sign-ins goes whole: it names people, nothing is written to it any more (the ledger and the
    sessions say who signed in), and releases before this one left rows there.
    """
    AccessLog.objects.all().delete()
    gone = 0
    for model in (AccessAttempt, AccessFailureLog):
        gone += model.objects.filter(attempt_time__lte=at - KEPT).delete()[0]
    return gone
