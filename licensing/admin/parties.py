"""Admin pages of business partners: the list, a form for each, and pages to bar one and to lift the bar."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.queries.members import live_members, with_role
from kernel.admin import DisplayAdmin, OwnedForm, RecordedAdmin, action
from kernel.pages import PageRequest, form_valid, page
from licensing.admin.catalogue import MANAGE, VIEW, NamedForm
from licensing.admin.pills import pill
from licensing.admin.steps import IssuingAdmin
from licensing.models import Party, PartyAccess, VendorContact
from licensing.operations import PartyParticulars, bar_party, create_party, lift_bar, move_party, update_party
from licensing.operations.party_access import ROLE, end_party_access, grant_party_access

BAR = "licensing.party.bar"
MEMBERS = "identity.membership.view"
MANAGE_MEMBERS = "identity.membership.manage"


class BarForm(forms.Form):
    """Why a partner is barred, or is so no longer."""

    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stays on record with the partner."),
    )


class PartyAdmin(IssuingAdmin, RecordedAdmin):
    """Added and changed by operations; a change of the parent moves the partner in the tree."""

    view_permission = VIEW
    manage_permission = MANAGE
    form = NamedForm
    list_display = ["name", "kind", "territory", "parent", "state"]
    list_select_related = ["parent"]
    list_filter = ["kind"]
    search_fields = ["name_lower", "email"]
    autocomplete_fields = ["parent"]
    ordering = ["name_lower"]
    exclude = ("name_lower", "created_at", "barred_by")
    readonly_fields = ("barred_at", "barred_reason")
    change_form_template = "admin/licensing/party/change_form.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is said about a bar stands on the page of a barred partner alone."""
        stated = ["kind", "name", "email", "territory", "parent"]
        return [*stated, "barred_at", "barred_reason"] if obj is not None and obj.is_barred else stated

    @admin.display(description=gettext_lazy("State"), ordering="barred_at")
    def state(self, row: Party) -> str:
        return pill("danger", _("Barred")) if row.is_barred else pill("ok", _("Good"))

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        given = PartyParticulars(kind=obj.kind, name=obj.name, email=obj.email, territory=obj.territory)
        if not change:
            made = create_party(particulars=given, parent=obj.parent, trail=request.trail)
            obj.pk, obj._state.adding = made.pk, False
            return
        update_party(party_id=obj.pk, particulars=given, trail=request.trail)
        if "parent" in form.changed_data:
            move_party(party_id=obj.pk, parent_id=obj.parent_id, trail=request.trail)

    def get_urls(self) -> list[Any]:
        """The steps, in front of the stock routes, whose last one takes every address."""
        return [
            path("<uuid:party_id>/bar/", page(BAR)(self.bar_view), name="licensing_party_bar"),
            path("<uuid:party_id>/lift-bar/", page(BAR)(self.lift_view), name="licensing_party_lift_bar"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        steps = self._steps(row) if row is not None and self.allowed(request, BAR) else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "steps": steps})

    def _steps(self, row: Party) -> list[tuple[str, str, str]]:
        if row.is_barred:
            return [(reverse("admin:licensing_party_lift_bar", args=[row.id]), _("Lift the bar"), "circle-check")]
        return [(reverse("admin:licensing_party_bar", args=[row.id]), _("Bar"), "ban")]

    def bar_view(self, request: PageRequest, party_id: UUID) -> HttpResponse:
        """Says what will happen, and asks why."""
        return self._reasoned(
            request,
            party_id,
            operation=bar_party,
            title=_("Bar %(name)s"),
            explanation=_(
                "Every licence of this partner answers BANNED from now on, and it receives no new one. "
                "What belongs to the partner is not barred with it."
            ),
            submit=_("Bar the partner"),
            done=_("%(name)s is barred."),
            danger=True,
        )

    def lift_view(self, request: PageRequest, party_id: UUID) -> HttpResponse:
        """Says what will happen, and asks why."""
        return self._reasoned(
            request,
            party_id,
            operation=lift_bar,
            title=_("Lift the bar on %(name)s"),
            explanation=_("The licences of this partner answer again as they did before."),
            submit=_("Lift the bar"),
            done=_("%(name)s is barred no longer."),
            danger=False,
        )

    def _reasoned(
        self,
        request: PageRequest,
        party_id: UUID,
        *,
        operation: Callable[..., Party],
        title: str,
        explanation: str,
        submit: str,
        done: str,
        danger: bool,
    ) -> HttpResponse:
        row = get_object_or_404(Party.objects.all(), id=party_id)
        back = reverse("admin:licensing_party_change", args=[row.id])
        form = BarForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            operation(party_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            messages.success(request, done % {"name": row.name})
            return HttpResponseRedirect(back)
        return self.step(
            request,
            title=title % {"name": row.name},
            form=form,
            submit=submit,
            back=back,
            danger=danger,
            explanation=explanation,
        )


class ContactForm(OwnedForm):
    """There is one contact: a second is refused beside the form, before the database would."""

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.instance._state.adding and VendorContact.objects.exists():
            self.add_error(None, _("There is a contact already; change that one."))
        return given


class VendorContactAdmin(RecordedAdmin):
    """What the portal tells customers; one row."""

    view_permission = VIEW
    manage_permission = MANAGE
    event_prefix = "vendor_contact"
    form = ContactForm
    list_display = ["name", "email", "phone", "hours"]
    exclude = ("created_at",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = request.trail.clock.now()
        super().save_model(request, obj, form, change)


class PartyAccessAdmin(DisplayAdmin):
    """Which customers see which further partners: granted by a form, ended by an action."""

    view_permission = MEMBERS
    list_display = ["member", "party", "with_children", "granted_at", "ended_at"]
    list_select_related = ["membership__account", "party"]
    search_fields = ["party__name_lower", "membership__account__email_lower"]
    autocomplete_fields = ["party"]
    ordering = ["-granted_at"]
    actions = ["end_access"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        given = ["membership", "party", "with_children"]
        return given if obj is None else [*given, "granted_at", "ended_at"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self._principal(request).may(MANAGE_MEMBERS)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "membership":
            kwargs["queryset"] = with_role(live_members(), ROLE).order_by("account__email_lower")
        found: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "membership":
            found.label_from_instance = lambda row: row.account.email
        return found

    @admin.display(description=gettext_lazy("Member"))
    def member(self, row: PartyAccess) -> str:
        return row.membership.account.email

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        given = form.cleaned_data
        made = grant_party_access(
            membership=given["membership"],
            party=given["party"],
            with_children=given["with_children"],
            trail=request.trail,
        )
        obj.pk, obj._state.adding = made.pk, False

    @action(description=gettext_lazy("End the access"), needs=MANAGE_MEMBERS)
    def end_access(self, request: Any, queryset: Any) -> None:
        for row in queryset:
            end_party_access(access_id=row.id, trail=request.trail)


PAGES = ((Party, PartyAdmin), (PartyAccess, PartyAccessAdmin), (VendorContact, VendorContactAdmin))
