"""Business partners."""

from kernel.trail import Personal, Trail
from licensing.models import Party


def ensure_party(*, kind: str, name: str, trail: Trail, territory: str = "", email: str = "") -> Party:
    """The partner of this kind under this name, added when it is not there yet."""
    row, created = Party.objects.get_or_create(
        organization_id=trail.organization_id,
        kind=kind,
        name_lower=name.lower(),
        defaults={"name": name, "territory": territory, "email": email, "created_at": trail.clock.now()},
    )
    if created:
        # A partner may be a human, and has no pseudonym of a directory; the row's own id stands for the name.
        trail.record(
            "party.created",
            subject=row,
            details={"kind": kind, "territory": territory},
            personal={"name": Personal(row.id, name)},
        )
    return row
