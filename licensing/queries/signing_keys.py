"""Which key signs for the open organisation, and which are published."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from licensing.models import Certificate, SigningKey, SigningKeyStatus

VERIFIES = (SigningKeyStatus.ACTIVE, SigningKeyStatus.RETIRING)


def active_signing_key() -> SigningKey | None:
    """The one key that signs now; None before ensure_signing_key was ever called."""
    return SigningKey.objects.filter(status=SigningKeyStatus.ACTIVE).first()


def published_keys() -> list[bytes]:
    """The public halves of all keys that verify something, the one that signs first."""
    rows = SigningKey.objects.filter(status__in=VERIFIES).order_by("-created_at", "-id")
    signing_first = sorted(rows, key=lambda row: row.status != SigningKeyStatus.ACTIVE)
    return [bytes(row.public) for row in signing_first]


def revoked_kids() -> list[str]:
    """The names of all keys that were ever revoked, in the order of their names."""
    return list(
        SigningKey.objects.filter(status=SigningKeyStatus.REVOKED).order_by("kid").values_list("kid", flat=True)
    )


def keys_that_are_over(*, at: datetime, answers_kept: timedelta) -> QuerySet[SigningKey]:
    """Retiring keys whose certificates have all ended, and whose last answers are older than `answers_kept`."""
    holds = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    holding = Certificate.objects.filter(holds, signing_key=OuterRef("pk"))
    return SigningKey.objects.filter(
        ~Exists(holding), status=SigningKeyStatus.RETIRING, retired_at__lte=at - answers_kept
    )
