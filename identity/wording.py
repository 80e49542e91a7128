"""Roles and permissions in the reader's language."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.ports import bindings
from identity.rules.roles import ROLES

ROLE_NAMES: Mapping[str, object] = {
    "owner": gettext_lazy("Owner"),
    "it_admin": gettext_lazy("IT administrator"),
    "finance": gettext_lazy("Finance"),
    "procurement": gettext_lazy("Procurement"),
    "approver": gettext_lazy("Approver"),
    "licence_owner": gettext_lazy("Licence owner"),
    "auditor": gettext_lazy("Auditor"),
    "viewer": gettext_lazy("Viewer"),
    "compliance_officer": gettext_lazy("Compliance officer"),
    "legal": gettext_lazy("Legal"),
    "vendor_ops": gettext_lazy("Vendor operations"),
    "support": gettext_lazy("Support"),
    "customer": gettext_lazy("Customer"),
    "member": gettext_lazy("Member"),
    "platform_operator": gettext_lazy("Platform operator"),
}
"""In the order in which lists show them; a test finds roles without a name."""

AREAS: Mapping[str, object] = {
    "identity": gettext_lazy("People and access"),
    "licensing": gettext_lazy("Catalogue, rights and licences"),
    "seats": gettext_lazy("Seats"),
    "compliance": gettext_lazy("Compliance"),
    "reporting": gettext_lazy("Dashboards and audit packages"),
    "audit": gettext_lazy("Ledger"),
    "jobs": gettext_lazy("Schedules and runs"),
}
"""The first part of a permission → what it is about; a test finds those that are missing."""


def role_name(code: str) -> str:
    """The code itself where a role is from another release."""
    return str(ROLE_NAMES.get(code, code))


def role_names(codes: Iterable[str]) -> str:
    return ", ".join(role_name(code) for code in sorted(codes, key=role_order))


def role_order(code: str) -> int:
    """Where a role stands in lists; unknown ones come last."""
    order = list(ROLE_NAMES)
    return order.index(code) if code in order else len(order)


def role_purpose(code: str) -> str:
    return _(ROLES[code].purpose) if code in ROLES else ""


def permission_words(permission: str) -> str:
    """The sentence that its app declares for a permission, translated."""
    words = bindings.permissions.get(permission, "")
    return _(words) if words else permission


def area_of(permission: str) -> str:
    return str(AREAS.get(permission.partition(".")[0], permission.partition(".")[0]))


def role_choices(*, without: Iterable[str] = ()) -> list[tuple[str, str]]:
    """For the fields of forms, in the order of lists."""
    hidden = set(without)
    return [(code, role_name(code)) for code in ROLE_NAMES if code in ROLES and code not in hidden]
