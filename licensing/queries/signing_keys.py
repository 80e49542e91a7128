"""Which key signs for the open organisation, and which are published."""

from licensing.models import SigningKey, SigningKeyStatus


def active_signing_key() -> SigningKey | None:
    """The one key that signs now; None before ensure_signing_key was ever called."""
    return SigningKey.objects.filter(status=SigningKeyStatus.ACTIVE).first()


def published_keys() -> list[bytes]:
    """The public halves of all keys that verify something, the one that signs first."""
    rows = SigningKey.objects.exclude(status=SigningKeyStatus.REVOKED).order_by("-created_at", "-id")
    signing_first = sorted(rows, key=lambda row: row.status != SigningKeyStatus.ACTIVE)
    return [bytes(row.public) for row in signing_first]
