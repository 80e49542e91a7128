"""Admin pages of people, groups, units and devices."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.models import Person, PersonEmail
from identity.operations import deactivate_person
from identity.reading import ADMIN, note_people, note_person
from kernel.admin import DisplayAdmin, RecordedAdmin, action


class PersonEmailInline(admin.TabularInline):  # type: ignore[type-arg]  # generic at type-checking time only
    model = PersonEmail
    fields = ["value", "kind", "primary"]
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class PersonAdmin(DisplayAdmin):
    view_permission = "identity.person.view"
    list_display = ["display_name", "user_name", "department", "employee_number", "state", "left_at"]
    list_filter = ["active", "legal_hold", "department"]
    search_fields = ["user_name_lower", "display_name", "employee_number"]
    ordering = ["user_name_lower"]
    list_select_related = ["org_unit"]
    exclude = ["user_name_lower", "version"]
    inlines = [PersonEmailInline]
    actions = ["deactivate", "legal_hold"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; how many stood on it is noted."""
        answer = super().changelist_view(request, extra_context)
        found = getattr(answer, "context_data", None) or {}
        if "cl" in found:
            note_people(self._principal(request), len(found["cl"].result_list), through=ADMIN)
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One person; the look is noted."""
        answer = super().change_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, object_id) if answer.status_code == 200 else None
        if row is not None:
            note_person(self._principal(request), row, through=ADMIN)
        return answer

    @admin.display(description=_("State"), ordering="active")
    def state(self, row: Person) -> str:
        tone, label = ("ok", _("Active")) if row.active else ("neutral", _("Left"))
        return render_to_string("components/pill.html", {"tone": tone, "label": label})

    @action(description=_("Deactivate (leaves the organisation)"), needs="identity.person.manage")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        people = list(queryset.order_by("id"))
        for person in people:
            deactivate_person(person=person, trail=request.trail)  # type: ignore[attr-defined]  # set by the admin site
        self.message_user(request, _("%(count)s people deactivated.") % {"count": len(people)})

    @action(description=_("Legal hold…"), needs="identity.person.hold")
    def legal_hold(self, request: HttpRequest, queryset: QuerySet[Person]) -> HttpResponse | None:
        """One person at a time, on the page that asks why."""
        people = list(queryset.order_by("id")[:2])
        if len(people) != 1:
            self.message_user(request, _("Choose one person."), messages.WARNING)
            return None
        return HttpResponseRedirect(reverse("organization:person-hold", args=[people[0].pk]))


class OrgUnitAdmin(RecordedAdmin):
    view_permission = "identity.person.view"
    manage_permission = "identity.person.manage"
    event_prefix = "org_unit"
    list_display = ["code", "name", "kind", "parent", "approver", "finance_owner"]
    list_filter = ["kind"]
    list_select_related = ["parent", "approver", "finance_owner"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent", "approver", "finance_owner"]
    ordering = ["code"]


class DirectoryGroupAdmin(DisplayAdmin):
    view_permission = "identity.person.view"
    list_display = ["display_name", "external_id", "updated_at"]
    search_fields = ["display_name_lower"]
    ordering = ["display_name_lower"]
    exclude = ["display_name_lower", "version"]


class DeviceAdmin(DisplayAdmin):
    view_permission = "identity.person.view"
    list_display = ["hostname", "serial", "platform", "cores", "person", "last_seen_at", "source"]
    list_select_related = ["person"]
    list_filter = ["platform", "source"]
    search_fields = ["hostname_lower", "serial"]
    ordering = ["hostname_lower"]
    exclude = ["hostname_lower"]
