"""Admin pages of bundles and use rights, to read; REST changes them."""

from kernel.admin import DisplayAdmin
from licensing.models import BundleItem, UseRight


class BundleItemAdmin(DisplayAdmin):
    view_permission = "licensing.catalogue.view"
    list_display = ["parent", "component", "since", "ended_at"]
    list_select_related = ["parent", "component"]
    search_fields = ["parent__name_lower", "component__name_lower"]
    ordering = ["parent__name_lower", "component__name_lower"]


class UseRightAdmin(DisplayAdmin):
    view_permission = "licensing.entitlement.view"
    list_display = ["entitlement", "kind", "target_product", "target_edition", "ratio", "since", "ended_at"]
    list_select_related = ["entitlement", "target_product", "target_edition"]
    list_filter = ["kind"]
    search_fields = ["entitlement__number"]
    ordering = ["-since"]


PAGES = ((BundleItem, BundleItemAdmin), (UseRight, UseRightAdmin))
