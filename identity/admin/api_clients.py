"""Admin page of API clients, to read; what changes them has pages of its own, to which it leads."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from identity.models import ApiClient, ClientKind
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
        "former_secret_until",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "changes",
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

    @admin.display(description=_("Change"))
    def changes(self, row: ApiClient) -> str:
        """Each of them asks for the right to manage clients, and for a proof of identity where it gives more."""
        if row.revoked_at is not None:
            return "–"
        links = [("organization:api-client-scopes", _("Scopes")), ("organization:api-client-revoke", _("Revoke"))]
        if row.client_type == ClientKind.CONFIDENTIAL:
            links.insert(1, ("organization:api-client-secret", _("New secret")))
        return format_html_join(
            " · ", '<a href="{}">{}</a>', [(reverse(name, args=[row.pk]), label) for name, label in links]
        )
