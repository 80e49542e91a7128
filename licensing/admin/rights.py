"""Admin pages of purchases, entitlements and observed use."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel.admin import DisplayAdmin
from kernel.clock import SystemClock
from licensing.admin.pills import pill
from licensing.models import Entitlement, ObservedUse, Purchase, PurchaseLine

RIGHTS = "licensing.entitlement.view"
MONEY = "licensing.money.view"


class PurchaseLineInline(admin.TabularInline):  # type: ignore[type-arg]
    model = PurchaseLine
    fields = ["position", "sku", "description", "product", "quantity", "unit_price", "line_total", "billing_period"]
    extra = 0
    max_num = 0
    can_delete = False
    ordering = ["position"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PurchaseAdmin(DisplayAdmin):
    """Orders and invoices: money, so the page needs the permission for it."""

    view_permission = MONEY
    list_display = ["order_number", "invoice_number", "supplier", "agreement", "ordered_on", "currency"]
    list_select_related = ["supplier", "agreement"]
    search_fields = ["order_number", "invoice_number"]
    ordering = ["-created_at"]
    inlines = [PurchaseLineInline]


class EntitlementAdmin(DisplayAdmin):
    view_permission = RIGHTS
    list_display = ["number", "product", "edition", "metric", "rights_shown", "model", "starts_at", "ends_at", "now"]
    list_select_related = ["product", "edition", "metric"]
    list_filter = ["state", "model", "metric"]
    search_fields = ["number", "product__name_lower"]
    ordering = ["product__name_lower", "starts_at"]

    @admin.display(description=_("Rights"), ordering="quantity")
    def rights_shown(self, row: Entitlement) -> Any:
        return _("Unlimited") if row.rights is None else row.rights

    @admin.display(description=_("State today"), ordering="state")
    def now(self, row: Entitlement) -> str:
        """Display only: nothing is decided by this clock."""
        at = SystemClock().now()
        if row.state == "active" and row.is_valid_at(at):
            return pill("ok", _("In force"))
        if row.state == "active":
            return pill("neutral", _("Ended") if row.ends_at and row.ends_at <= at else _("Not yet in force"))
        return pill("danger" if row.state == "revoked" else "pending", row.get_state_display())


class ObservedUseAdmin(DisplayAdmin):
    view_permission = RIGHTS
    list_display = [
        "product",
        "edition",
        "person",
        "device",
        "external_subject",
        "quantity",
        "since",
        "source",
        "ended_at",
    ]
    list_select_related = ["product", "edition", "person", "device"]
    list_filter = ["source"]
    search_fields = ["product__name_lower", "external_subject_lower"]
    ordering = ["-created_at"]


PAGES = (
    (Purchase, PurchaseAdmin),
    (Entitlement, EntitlementAdmin),
    (ObservedUse, ObservedUseAdmin),
)
