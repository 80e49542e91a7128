"""Admin page of memberships."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from identity.models import Membership
from identity.operations import end_membership
from identity.wording import role_names
from kernel.admin import DisplayAdmin, action


class MembershipAdmin(DisplayAdmin):
    view_permission = "identity.membership.view"
    list_display = ["account", "role_names", "started_at", "ended_at"]
    list_select_related = ["account"]
    ordering = ["-started_at"]
    actions = ["end"]

    @admin.display(description=_("Roles"))
    def role_names(self, row: Membership) -> str:
        return role_names(row.roles)

    @action(description=_("End membership (may no longer sign in here)"), needs="identity.membership.manage")
    def end(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset.order_by("id"):
            end_membership(membership=membership, trail=request.trail)  # type: ignore[attr-defined]  # set by the admin site
        self.message_user(request, _("Memberships ended."))
