"""The navigation of every page, by what the signed-in person may do."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.models import Organization
from kernel.principal import Principal
from kernel.rest import principal_of


@dataclass(frozen=True)
class Item:
    label: Any
    url: str
    icon: str
    active: bool


@dataclass(frozen=True)
class Section:
    label: Any
    items: tuple[Item, ...]


# (section, ((label, route, icon, permission), …)); a route without permission is for every member.
PLACES: tuple[tuple[Any, tuple[tuple[Any, str, str, str], ...]], ...] = (
    (_("Overview"), ((_("Home"), "reporting:home", "home", "identity.organization.view"),)),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of every template: `navigation` (sections), `principal`, `organization`; empty for visitors."""
    principal = principal_of(request)
    if principal is None:
        return {"navigation": [], "principal": None, "organization": None}
    return {
        "navigation": [
            section for section in (_section(request, principal, *place) for place in PLACES) if section.items
        ],
        "principal": principal,
        "organization": Organization.objects.filter(id=principal.organization_id).first(),
    }


def _section(
    request: HttpRequest, principal: Principal, label: Any, places: tuple[tuple[Any, str, str, str], ...]
) -> Section:
    items = tuple(
        Item(name, url := reverse(route), icon, active=_is_here(request.path, url))
        for name, route, icon, permission in places
        if principal.may(permission)
    )
    return Section(label, items)


def _is_here(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
