"""Admin pages of the catalogue, partners, agreements, purchases and entitlements."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from kernel.admin import DisplayAdmin, OwnedForm, RecordedAdmin
from kernel.clock import SystemClock
from licensing.models import (
    Agreement,
    Edition,
    Entitlement,
    Metric,
    ObservedUse,
    Party,
    Product,
    ProductAlias,
    Publisher,
    Purchase,
    PurchaseLine,
    Release,
)

VIEW = "licensing.catalogue.view"
MANAGE = "licensing.catalogue.manage"
RIGHTS = "licensing.entitlement.view"
MONEY = "licensing.money.view"


def pill(tone: str, label: Any) -> str:
    return render_to_string("components/pill.html", {"tone": tone, "label": label})


class NamedForm(OwnedForm):
    """Keeps the stored twin of `name` before uniqueness is checked."""

    def _post_clean(self) -> None:
        self.instance.name_lower = (self.cleaned_data.get("name") or "").lower()
        super()._post_clean()


class CatalogueAdmin(RecordedAdmin):
    """Base of the reference rows: `created_at` is set here, twins by the form."""

    view_permission = VIEW
    manage_permission = MANAGE
    form = NamedForm
    exclude: ClassVar[tuple[str, ...]] = ("name_lower", "created_at")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = request.trail.clock.now()
        super().save_model(request, obj, form, change)


class PublisherAdmin(CatalogueAdmin):
    event_prefix = "publisher"
    list_display = ["name", "created_at"]
    search_fields = ["name_lower"]
    ordering = ["name_lower"]


class EditionInline(admin.TabularInline):  # type: ignore[type-arg]  # generic when types are checked, not when it runs
    """Editions of a product, to read; they are added on their own page."""

    model = Edition
    fields = ["name", "created_at"]
    extra = 0
    max_num = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProductAdmin(CatalogueAdmin):
    event_prefix = "product"
    list_display = ["name", "publisher", "code", "unspsc", "created_at"]
    list_select_related = ["publisher"]
    list_filter = ["publisher"]
    search_fields = ["name_lower", "code"]
    autocomplete_fields = ["publisher"]
    ordering = ["name_lower"]
    inlines = [EditionInline]


class EditionAdmin(CatalogueAdmin):
    event_prefix = "edition"
    list_display = ["name", "product", "created_at"]
    list_select_related = ["product"]
    search_fields = ["name_lower", "product__name_lower"]
    autocomplete_fields = ["product"]
    ordering = ["product__name_lower", "name_lower"]


class PartyAdmin(CatalogueAdmin):
    event_prefix = "party"
    list_display = ["name", "kind", "territory", "parent", "barred"]
    list_select_related = ["parent"]
    list_filter = ["kind"]
    search_fields = ["name_lower", "email"]
    autocomplete_fields = ["parent"]
    ordering = ["name_lower"]
    exclude = ("name_lower", "created_at", "barred_at", "barred_by", "barred_reason")

    @admin.display(description=_("Barred"), boolean=True)
    def barred(self, row: Party) -> bool:
        return row.is_barred


class MetricAdmin(DisplayAdmin):
    view_permission = VIEW
    list_display = ["code", "name", "subject", "function", "version", "superseded_at"]
    ordering = ["code", "-version"]


class ReleaseAdmin(DisplayAdmin):
    view_permission = VIEW
    list_display = ["product", "version", "channel", "status", "released_at"]
    list_select_related = ["product"]
    list_filter = ["channel", "status"]
    ordering = ["-created_at"]


class ProductAliasAdmin(DisplayAdmin):
    view_permission = VIEW
    list_display = ["alias", "product", "edition", "source"]
    list_select_related = ["product", "edition"]
    search_fields = ["alias_normalised"]
    ordering = ["alias_normalised"]


class AgreementAdmin(DisplayAdmin):
    view_permission = RIGHTS
    list_display = ["number", "title", "type", "licensor", "starts_at", "ends_at", "notice_by", "auto_renew"]
    list_select_related = ["licensor"]
    list_filter = ["type", "state", "auto_renew"]
    search_fields = ["number", "title"]
    ordering = ["ends_at"]

    @admin.display(description=_("Notice by"), ordering="ends_at")
    def notice_by(self, row: Agreement) -> Any:
        return row.notice_deadline


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
    (Publisher, PublisherAdmin),
    (Product, ProductAdmin),
    (Edition, EditionAdmin),
    (ProductAlias, ProductAliasAdmin),
    (Release, ReleaseAdmin),
    (Metric, MetricAdmin),
    (Party, PartyAdmin),
    (Agreement, AgreementAdmin),
    (Purchase, PurchaseAdmin),
    (Entitlement, EntitlementAdmin),
    (ObservedUse, ObservedUseAdmin),
)
