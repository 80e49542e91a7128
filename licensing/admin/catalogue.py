"""Admin pages of the catalogue."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel.admin import DisplayAdmin, OwnedForm, RecordedAdmin
from licensing.models import Edition, Metric, Product, ProductAlias, ProductOwner, Publisher

VIEW = "licensing.catalogue.view"
MANAGE = "licensing.catalogue.manage"


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


class MetricAdmin(DisplayAdmin):
    view_permission = VIEW
    list_display = ["code", "name", "subject", "function", "version", "superseded_at"]
    ordering = ["code", "-version"]


class ProductAliasAdmin(DisplayAdmin):
    view_permission = VIEW
    list_display = ["alias", "product", "edition", "source"]
    list_select_related = ["product", "edition"]
    search_fields = ["alias_normalised"]
    ordering = ["alias_normalised"]


class ProductOwnerAdmin(DisplayAdmin):
    view_permission = VIEW
    list_display = ["product", "account", "since", "ended_at"]
    list_select_related = ["product", "membership__account"]
    search_fields = ["product__name_lower", "membership__account__email_lower"]
    ordering = ["-since"]

    @admin.display(description=_("Licence owner"))
    def account(self, row: ProductOwner) -> str:
        return str(row.membership.account)


PAGES = (
    (ProductOwner, ProductOwnerAdmin),
    (Publisher, PublisherAdmin),
    (Product, ProductAdmin),
    (Edition, EditionAdmin),
    (ProductAlias, ProductAliasAdmin),
    (Metric, MetricAdmin),
)
