"""What the sign-in throttle keeps of visitors, and for how long.

Its rows are django-axes' own: refused sign-ins by the truncated address and a keyed digest of the typed name. They
belong to no organisation, so no ledger has a place for their removal.
"""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db.models import Q

KEPT = timedelta(days=30)


def forget_sign_in_attempts(*, at: datetime) -> int:
    """Removes refused sign-ins whose latest failure is 30 days old, and returns how many.

    What browsers said of themselves is not stored any more: rows of releases that did go as soon as they no longer lock
    anybody out. The library's log of sign-ins goes whole: it names people, nothing is written to it any more (the
    ledger and the sessions say who signed in), and releases before this one left rows there.
    """
    AccessLog.objects.all().delete()
    gone = 0
    for model in (AccessAttempt, AccessFailureLog):
        over, told = Q(attempt_time__lte=at - KEPT), ~Q(user_agent="", http_accept="")
        unlocked = Q(attempt_time__lte=at - timedelta(hours=settings.AXES_COOLOFF_TIME))
        gone += model.objects.filter(over | (told & unlocked)).delete()[0]
    return gone
