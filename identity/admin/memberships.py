"""Admin page of memberships."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from identity.models import Membership
from identity.operations import end_membership, end_sessions_here, send_password_reset
from identity.wording import role_names
from kernel.admin import DisplayAdmin, action


class MembershipAdmin(DisplayAdmin):
    view_permission = "identity.membership.view"
    list_display = ["account", "role_names", "started_at", "ended_at"]
    list_select_related = ["account"]
    ordering = ["-started_at"]
    actions = ["end", "end_sessions", "send_password_link", "reset_second_factor"]

    @admin.display(description=_("Roles"))
    def role_names(self, row: Membership) -> str:
        return role_names(row.roles)

    @action(description=_("End membership (may no longer sign in here)"), needs="identity.membership.manage")
    def end(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset.order_by("id"):
            end_membership(membership=membership, trail=request.trail)  # type: ignore[attr-defined]  # set by the admin site
        self.message_user(request, _("Memberships ended."))

    @action(description=_("End all sessions (sign out everywhere here)"), needs="identity.session.manage")
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        ended = 0
        for membership in queryset.select_related("account").order_by("id"):
            ended += end_sessions_here(account=membership.account, trail=request.trail)  # type: ignore[attr-defined]  # set by the admin site
        self.message_user(request, _("%(count)s sessions ended.") % {"count": ended})

    @action(description=_("Send a link that sets a new password"), needs="identity.session.manage")
    def send_password_link(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset.filter(ended_at=None).select_related("account").order_by("id"):
            send_password_reset(account=membership.account, trail=request.trail)  # type: ignore[attr-defined]  # set by the admin site
        self.message_user(request, _("A link was sent to each address; it holds for an hour."))

    @action(description=_("Remove a lost second factor…"), needs="identity.second_factor.reset")
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[Membership]) -> HttpResponse | None:
        """Leads to the page that says what happens, asks for a proof and for the reason, which is each member's own."""
        chosen = list(queryset.order_by("id")[:2])
        if len(chosen) == 1:
            return redirect("organization:member-second-factor", membership_id=chosen[0].id)
        self.message_user(request, _("Choose one member: each has a reason of its own."), messages.WARNING)
        return None
