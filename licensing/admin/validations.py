"""The admin page of recorded validations, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.admin import DisplayAdmin
from licensing.admin.pills import pill
from licensing.models import License, ValidationEvent, ValidationOrigin
from licensing.rules.codes import Code


class AnswerFilter(admin.SimpleListFilter):
    """All answers there can be, without asking a million rows which there are."""

    title = gettext_lazy("answer")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(one.value, one.value) for one in Code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(code=self.value()) if self.value() else queryset


class OriginFilter(admin.SimpleListFilter):
    title = gettext_lazy("origin")
    parameter_name = "origin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ValidationOrigin.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(origin=self.value()) if self.value() else queryset


class ValidationEventAdmin(DisplayAdmin):
    view_permission = "licensing.validation.view"
    list_display = ["moment", "licence", "answer", "origin", "version", "domain", "country", "network", "sdk"]
    list_filter = [AnswerFilter, OriginFilter]
    ordering = ["-id"]
    fields = [
        "at", "licence", "code", "refusal", "origin", "features", "version", "user", "device", "client_at", "domain",
        "country", "network", "sdk",
    ]  # fmt: skip

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """The licence's page links to its own."""
        return lookup == "license_id" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]  # the stubs ask for a request that Django may leave out

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the number of each licence, in the one query of the list."""
        of_licence = License.objects.filter(id=OuterRef("license_id")).values("number")
        return super().get_queryset(request).annotate(number=Subquery(of_licence))

    @admin.display(description=gettext_lazy("At"))
    def moment(self, row: ValidationEvent) -> Any:
        return row.at

    @admin.display(description=gettext_lazy("Licence"))
    def licence(self, row: Any) -> str:
        if row.number is None:
            return _("No such key")
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:licensing_license_change", args=[row.license_id]), row.number
        )

    @admin.display(description=gettext_lazy("Answer"))
    def answer(self, row: ValidationEvent) -> str:
        if row.refusal:
            return pill("warn", row.refusal)
        return pill("ok" if row.code == Code.VALID.value else "danger", row.code)


PAGES = ((ValidationEvent, ValidationEventAdmin),)
