"""The navigation of every page, by what the signed-in person may do."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.models import Organization
from kernel.admin import ADMIN_ROLES
from kernel.principal import Principal
from kernel.rest import principal_of


@dataclass(frozen=True)
class Item:
    label: Any
    route: str
    url: str
    icon: str
    active: bool


@dataclass(frozen=True)
class Section:
    label: Any
    items: tuple[Item, ...]


# (label, route, icon, permission); the most specific address that fits the page is the active one.
Place = tuple[Any, str, str, str]
# In place of a permission: whoever may enter the admin.
RECORDS = "admin"
HOME = "reporting:home"
PLACES: tuple[tuple[Any, tuple[Place, ...]], ...] = (
    (
        _("Overview"),
        (
            (_("Home"), HOME, "home", "identity.organization.view"),
            (_("Your licences"), "licensing:portal", "license", "licensing.portal.view"),
            (_("My software"), "compliance:my", "device-laptop", "seats.own.use"),
            (_("IT"), "reporting:it", "layout-dashboard", "reporting.dashboard.it"),
            (_("Finance"), "reporting:finance", "coin", "reporting.dashboard.finance"),
            (_("Procurement"), "reporting:procurement", "shopping-cart", "reporting.dashboard.procurement"),
        ),
    ),
    (
        _("Work"),
        (
            (_("Seats"), "seats:pools", "armchair", "seats.pool.view"),
            (_("My products"), "seats:own-products", "package", "seats.assignment.manage_own"),
            (_("Group rules"), "seats:group-rules", "users-group", "seats.group_rule.manage"),
            (_("Leavers"), "seats:leavers", "user-off", "seats.departure.view"),
            (_("Unused seats"), "seats:reclamation", "hourglass", "seats.reclamation.view"),
            (_("Violations"), "compliance:violations", "scale", "compliance.violation.view"),
            (_("Change requests"), "compliance:changes", "users", "compliance.change.view"),
            (_("Product owners"), "licensing:product-owners", "user-cog", "licensing.product_owner.manage"),
            (_("Imports"), "licensing:imports", "upload", "licensing.import.run"),
        ),
    ),
    (
        _("Proof"),
        (
            (_("Audit centre"), "reporting:audit", "shield-check", "reporting.dashboard.audit"),
            (_("Audit packages"), "reporting:packages", "file-zip", "reporting.package.view"),
            (_("Records"), "admin:index", "database", RECORDS),
        ),
    ),
    (
        _("Organisation"),
        (
            (_("People"), "organization:people", "users-group", "identity.person.view"),
            (_("Members"), "organization:members", "users", "identity.membership.view"),
            (_("Roles"), "organization:roles", "shield-lock", "identity.membership.view"),
            (_("Access reviews"), "organization:access-reviews", "checklist", "identity.access_review.view"),
            (_("To review"), "organization:access-review-mine", "user-check", "identity.access_review.decide"),
            (_("Sign-in"), "organization:sign-in", "shield-lock", "identity.sign_in_policy.view"),
            (_("Single sign-on"), "organization:sso", "login", "identity.sso.view"),
            (_("Provisioning"), "organization:provisioning", "users-group", "identity.provisioning.view"),
            (_("API clients"), "organization:api-clients", "plug", "identity.api_client.view"),
            (_("GraphQL"), "graphql", "code", "identity.graphql.explore"),
            (_("Reads"), "organization:reads", "eye", "audit.access_event.view"),
        ),
    ),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of every template: `navigation` (sections), `principal`, `organization`; empty for visitors."""
    principal = principal_of(request)
    if principal is None:
        return {"navigation": [], "principal": None, "organization": None}
    return {
        "navigation": places(request),
        "principal": principal,
        "organization": Organization.objects.filter(id=principal.organization_id).first(),
    }


def places(request: HttpRequest) -> list[Section]:
    """Where the signed-in person may go; sections without a place are left out, and visitors have none."""
    principal = principal_of(request)
    if principal is None:
        return []
    allowed = [(label, [place for place in inside if _shown(principal, place)]) for label, inside in PLACES]
    addresses = [reverse(place[1]) for _label, inside in allowed for place in inside]
    here = max((url for url in addresses if _covers(url, request.path)), key=len, default="")
    return [_section(label, inside, here) for label, inside in allowed if inside]


def _shown(principal: Principal, place: Place) -> bool:
    """A customer's home is the portal."""
    return _may(principal, place[3]) and not (place[1] == HOME and principal.parties is not None)


def _may(principal: Principal, permission: str) -> bool:
    return bool(principal.roles & ADMIN_ROLES) if permission == RECORDS else principal.may(permission)


def _section(label: Any, inside: list[Place], here: str) -> Section:
    items = ((name, route, reverse(route), icon) for name, route, icon, _permission in inside)
    return Section(label, tuple(Item(name, route, url, icon, active=url == here) for name, route, url, icon in items))


def _covers(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
