"""Organisations by name and number."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from identity.models import Organization
from kernel.errors import NotFound


class OrganizationUnknown(NotFound):
    """A command named an organisation that does not exist."""

    code = "ORGANIZATION_UNKNOWN"


def organization_ids() -> Iterable[UUID]:
    """All organisations that are open, for tasks that visit each in its own scope."""
    return list(Organization.objects.filter(closed_at__isnull=True).order_by("id").values_list("id", flat=True))


def platform_organization() -> Organization | None:
    return Organization.objects.filter(kind="platform").first()


def published_organization(named: str) -> Organization | None:
    """The open organisation whose public keys somebody asks for, by short name or id; the platform's for no name."""
    if not named:
        return platform_organization()
    if "\0" in named:
        return None  # PostgreSQL cannot even be asked for it
    try:
        wanted = Q(id=UUID(named)) | Q(slug=named)
    except ValueError:
        wanted = Q(slug=named)
    return Organization.objects.filter(wanted, closed_at__isnull=True).first()


def chosen_organizations(slug: str) -> list[Organization]:
    """The open organisation with this short name, or all of them when it is empty. Raises OrganizationUnknown."""
    rows = Organization.objects.filter(closed_at__isnull=True).order_by("slug")
    found = list(rows.filter(slug=slug) if slug else rows)
    if slug and not found:
        known = ", ".join(rows.values_list("slug", flat=True)) or "none"
        raise OrganizationUnknown(
            _("No organisation is called %(slug)s; there are: %(known)s.") % {"slug": slug, "known": known}
        )
    return found
