"""Admin page of API clients, to read; what changes them has pages of its own."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from identity.models import ApiClient
from kernel.admin import DisplayAdmin


class ApiClientAdmin(DisplayAdmin):
    view_permission = "identity.api_client.view"
    list_display = ["name", "client_id", "acts", "scope_names", "last_used_at", "expires_at", "revoked_at"]
    list_filter = ["authorization_grant_type", "revoked_at"]
    search_fields = ["name", "client_id"]
    ordering = ["-created_at"]
    fields = [
        "name",
        "client_id",
        "authorization_grant_type",
        "client_type",
        "scope_names",
        "role_names",
        "redirect_uris",
        "created_at",
        "secret_drawn_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
    ]

    @admin.display(description=_("Acts"), ordering="authorization_grant_type")
    def acts(self, row: ApiClient) -> str:
        return str(row.get_authorization_grant_type_display())

    @admin.display(description=_("Scopes"))
    def scope_names(self, row: ApiClient) -> str:
        return ", ".join(row.scopes)

    @admin.display(description=_("Roles"))
    def role_names(self, row: ApiClient) -> str:
        return ", ".join(row.roles)
