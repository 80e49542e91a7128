"""The second count of the sign-in throttle: failures of a whole network, whatever names were tried.

django-axes counts failures of one name from one network; somebody who tries one password on many names stays below
that count.
"""

from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest

from identity.privacy import truncated_address, user_digest
from kernel.clock import SystemClock


def network_is_locked_out(request: HttpRequest) -> bool:
    """Whether the network of this visitor has failed too often within the last quarter of an hour."""
    return _failures(request) >= settings.NETWORK_FAILURE_LIMIT


def name_is_locked_out(request: HttpRequest, email: str) -> bool:
    """The same count as at the sign-in, for a form that does not ask for the name again."""
    digest = user_digest(request, {"username": email})
    return _failures(request, username=digest) >= settings.AXES_FAILURE_LIMIT


def _failures(request: HttpRequest, **columns: str) -> int:
    since = SystemClock().now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows = AccessAttempt.objects.filter(ip_address=truncated_address(request), attempt_time__gte=since, **columns)
    return int(rows.aggregate(all=Sum("failures_since_start"))["all"] or 0)
