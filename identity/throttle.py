"""The second count of the sign-in throttle: failures of a whole network, whatever names were tried.

django-axes counts failures of one name from one network; somebody who tries one password on many names stays below
that count.
"""

from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest

from identity.privacy import truncated_address
from kernel.clock import SystemClock


def network_is_locked_out(request: HttpRequest) -> bool:
    """Whether the network of this visitor has failed too often within the last quarter of an hour."""
    since = SystemClock().now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows = AccessAttempt.objects.filter(ip_address=truncated_address(request), attempt_time__gte=since)
    failed = rows.aggregate(all=Sum("failures_since_start"))["all"] or 0
    return int(failed) >= settings.NETWORK_FAILURE_LIMIT
