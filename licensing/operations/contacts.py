"""Whom customers turn to."""

from kernel.trail import Personal, Trail
from licensing.models import VendorContact


def name_vendor_contact(*, name: str, email: str, trail: Trail, phone: str = "", hours: str = "") -> VendorContact:
    """What the portal says about how to reach the organisation: the one row, added or changed."""
    row, created = VendorContact.objects.update_or_create(
        organization_id=trail.organization_id,
        defaults={"name": name, "email": email, "phone": phone, "hours": hours},
        create_defaults={
            "name": name, "email": email, "phone": phone, "hours": hours, "created_at": trail.clock.now(),
        },
    )  # fmt: skip
    kind = "vendor_contact.created" if created else "vendor_contact.updated"
    trail.record(kind, subject=row, personal={"name": Personal(row.id, name)})
    return row
