"""Admin pages of provisioning, to read."""

from kernel.admin import DisplayAdmin

VIEW = "identity.provisioning.view"


class ScimTokenAdmin(DisplayAdmin):
    view_permission = VIEW
    list_display = ["name", "prefix", "created_at", "expires_at", "superseded_at", "revoked_at", "last_used_at"]
    search_fields = ["name", "prefix"]
    ordering = ["-created_at"]


class ProvisioningEntryAdmin(DisplayAdmin):
    view_permission = VIEW
    list_display = ["at", "token", "verb", "resource_type", "resource_id", "outcome", "status", "scim_type"]
    list_select_related = ["token"]
    list_filter = ["outcome", "verb", "resource_type"]
    search_fields = ["resource_id", "external_id", "request_id"]
    ordering = ["-id"]
