"""Admin pages of access reviews and invitations, to read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from identity.models import AccessReviewItem
from identity.wording import role_names
from kernel.admin import DisplayAdmin


class AccessReviewAdmin(DisplayAdmin):
    view_permission = "identity.access_review.view"
    list_display = ["name", "reviewer_rule", "started_at", "due_at", "closed_at"]
    search_fields = ["name"]
    ordering = ["-started_at"]


class AccessReviewItemAdmin(DisplayAdmin):
    view_permission = "identity.access_review.view"
    list_display = ["account", "review", "role_names", "asked", "decision", "decided_at"]
    list_select_related = ["review", "membership__account", "reviewer__account"]
    list_filter = ["decision"]
    search_fields = ["membership__account__email_lower"]
    ordering = ["-id"]

    @admin.display(description=_("Account"), ordering="membership__account__email_lower")
    def account(self, row: AccessReviewItem) -> str:
        return str(row.membership.account)

    @admin.display(description=_("Who is asked"))
    def asked(self, row: AccessReviewItem) -> str:
        return str(row.reviewer.account)

    @admin.display(description=_("Roles"))
    def role_names(self, row: AccessReviewItem) -> str:
        return role_names(row.roles)


class InvitationAdmin(DisplayAdmin):
    view_permission = "identity.membership.view"
    list_display = ["email", "roles", "invited_at", "expires_at", "accepted_at", "withdrawn_at"]
    search_fields = ["email_lower"]
    ordering = ["-invited_at"]
    exclude = ["email_lower", "digest"]
