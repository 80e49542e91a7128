"""The admin page of usage, to read: sums of days."""

from kernel.admin import DisplayAdmin
from licensing.models import UsageDaily


class UsageDailyAdmin(DisplayAdmin):
    view_permission = "licensing.license.view"
    list_display = ["license", "feature", "day", "value", "events"]
    list_select_related = ["license"]
    list_filter = ["feature"]
    search_fields = ["license__number", "feature"]
    ordering = ["-day", "feature"]


PAGES = ((UsageDaily, UsageDailyAdmin),)
