"""Admin pages of single sign-on: to look at. Changes happen on the pages of the organisation."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from identity.models import SamlLink
from identity.operations.saml_accounts import remove_link
from kernel.admin import DisplayAdmin, action


class SamlConnectionAdmin(DisplayAdmin):
    view_permission = "identity.sso.view"
    list_display = ["name", "state", "idp_entity_id", "creates_people", "allows_idp_initiated", "updated_at"]
    list_filter = ["state"]
    search_fields = ["name", "idp_entity_id"]
    ordering = ["name"]


class SamlLinkAdmin(DisplayAdmin):
    view_permission = "identity.sso.view"
    list_display = ["name_id", "account", "connection", "domain", "created_at"]
    list_select_related = ["account", "connection"]
    search_fields = ["name_id"]
    ordering = ["-created_at"]
    actions = ["remove"]

    @action(description=_("Remove the link (the person links it again)"), needs="identity.sso.manage")
    def remove(self, request: HttpRequest, queryset: QuerySet[SamlLink]) -> None:
        for link in queryset.select_related("account", "connection").order_by("id"):
            remove_link(link=link, trail=request.trail)  # type: ignore[attr-defined]  # set by the admin site
        self.message_user(request, _("Links removed."))


class ProvedDomainAdmin(DisplayAdmin):
    view_permission = "identity.sso.view"
    list_display = ["domain", "proved_at", "checked_at", "missing_since", "created_at"]
    search_fields = ["domain"]
    ordering = ["domain"]
