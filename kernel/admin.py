"""Our own admin site and the bases of its pages.

The whole of each view runs in a scope or a trail, rendering included. Models with operations are display-only; their
transitions are actions and forms that call one operation.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextInputWidget, AutocompleteSelect
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kernel import scope
from kernel.errors import Refusal
from kernel.owned import constraint_errors
from kernel.principal import Principal
from kernel.rest import SAFE, principal_of, request_id_of
from kernel.trail import Trail, run_in_trail

ADMIN_ROLES = frozenset(
    {
        "owner",
        "it_admin",
        "procurement",
        "finance",
        "auditor",
        "compliance_officer",
        "vendor_ops",
        "support",
        "licence_owner",
        "legal",
        "platform_operator",
    }
)


# Entries on the history page of a row; the audit pages have all.
HISTORY = 200


class LedgerAdminSite(admin.AdminSite):
    """Signed-in members with a role that works here may enter; each page asks for its own permission.

    `history(subject_type, subject_id, reader, most)` tells the ledger's latest entries about a row, newest first;
    `history_permission` opens the page that shows them.
    """

    site_title = _("Seatledger")
    site_header = _("Seatledger")
    index_title = _("Records")
    enable_nav_sidebar = True

    def __init__(
        self, name: str, *, history: Callable[[str, str, Principal, int], Sequence[Any]], history_permission: str
    ) -> None:
        super().__init__(name)
        self.history = history
        self.history_permission = history_permission

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "may_see_history": self.may_see_history(request)}

    def may_see_history(self, request: HttpRequest) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(self.history_permission)

    def has_permission(self, request: HttpRequest) -> bool:
        principal = principal_of(request)
        return principal is not None and bool(principal.roles & ADMIN_ROLES)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Visitors go to the one sign-in page; accounts without an administrative role are refused."""
        index = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(index)
        if principal_of(request) is not None:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or index)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's own, with the ledger entry that our own sign-out leaves."""
        self._record_account("account.signed_out", request)
        return super().logout(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's own page; that the password was changed stands in the ledger."""
        response = super().password_change(request, extra_context)
        if response.status_code == 302:
            self._record_account("account.password_changed", request)
        return response

    def _record_account(self, kind: str, request: HttpRequest) -> None:
        trail: Trail | None = getattr(request, "trail", None)
        if trail is not None:
            account: Any = request.user
            trail.record(kind, subject=account, details={"account": str(trail.actor.pseudonym)})

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            principal = principal_of(request)
            if principal is None or not self.has_permission(request):
                return inner(request, *args, **kwargs)
            try:
                if request.method in SAFE:
                    with scope.scope_of(principal):
                        return _rendered(inner(request, *args, **kwargs))
                return self._write(inner, request, principal, *args, **kwargs)
            except ValidationError as error:
                # Django asks for rows by keys as they were sent: in boxes of a list, in a choice shown again.
                raise SuspiciousOperation("a row was named by what cannot be a key") from error

        return wrapped

    def _write(
        self, inner: Any, request: HttpRequest, principal: Principal, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        def work(trail: Trail) -> HttpResponseBase:
            request.trail = trail  # type: ignore[attr-defined]  # HttpRequest is open by design
            response = _rendered(inner(request, *args, **kwargs))
            if response.status_code >= 400:
                trail.abandon()
            return response

        try:
            return run_in_trail(work, actor=principal, request_id=request_id_of(request))
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(request.get_full_path())


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    render_now = getattr(response, "render", None)
    return render_now() if callable(render_now) else response


class OwnedForm(ModelForm):  # type: ignore[type-arg]  # generic when types are checked, not when it runs
    """Checks uniqueness within the organisation, which is no field of the form, and that no row of a tree stands below
    itself; a mistake stands beside its field."""

    def clean(self) -> dict[str, Any]:
        """Django leaves out constraints that ask for the row's own key, which is no field of a form either."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for field in self.instance._meta.local_fields:
            if field.related_model is type(self.instance) and self._leads_here(given.get(field.name), field.name):
                self.add_error(field.name, _("%(unit)s cannot stand below itself.") % {"unit": self.instance})
        return given

    def _leads_here(self, above: models.Model | None, name: str) -> bool:
        seen: set[Any] = set()
        while above is not None and above.pk not in seen:
            if above.pk == self.instance.pk:
                return True
            seen.add(above.pk)
            above = getattr(above, name)
        return False

    def _post_clean(self) -> None:
        self.instance.organization_id = scope.current()
        super()._post_clean()  # type: ignore[misc]  # not in the stubs

    def validate_unique(self) -> None:
        """Django has checked what concerns fields of the form alone; what is left is uniqueness among others' rows."""
        super().validate_unique()
        known: set[str] = self._get_validation_exclusions()  # type: ignore[attr-defined]  # not in the stubs
        for name, found in constraint_errors(self.instance, exclude=known & set(self.fields)).items():
            if name in self.fields:
                self.add_error(name, found)


class MomentInput(forms.DateTimeInput):
    """One field for date and time; the admin's own pair has no labels that a screen reader could read."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class FoundBySearch(AutocompleteSelect):
    """The admin's search box. What is no id selects nothing; the stock widget fails on it when the form comes back."""

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> Any:
        return super().optgroups(name, [one for one in value if _is_id(one)], attrs)


def _is_id(text: str) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


class DisplayAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list and a page to read. `view_permission` is needed for both; nothing is added, changed or deleted here."""

    view_permission: ClassVar[str] = ""
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    save_as = False
    form = OwnedForm
    actions: Sequence[Any] = ()
    # Text has no length limit in the database, and yet a name is one line.
    formfield_overrides: ClassVar[Any] = {
        models.TextField: {"widget": AdminTextInputWidget},
        models.DateTimeField: {"form_class": forms.DateTimeField, "widget": MomentInput},
    }

    def _principal(self, request: HttpRequest) -> Principal:
        principal = principal_of(request)
        if principal is None:
            raise PermissionDenied
        return principal

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.view_permission) and self._principal(request).may(self.view_permission)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting in bulk is no operation of anything; each action declares what it needs."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return {
            name: action
            for name, action in actions.items()
            if self._principal(request).may(getattr(action[0] if action else None, "needs", self.view_permission))
        }

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", FoundBySearch(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the ledger says about the row: its latest entries."""
        site = self.admin_site
        if not isinstance(site, LedgerAdminSite) or not site.may_see_history(request):
            raise PermissionDenied
        events = site.history(self.model._meta.label_lower, unquote(object_id), self._principal(request), HISTORY)
        return super().history_view(request, object_id, {**(extra_context or {}), "events": events})

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """History is the ledger; Django's own log stays empty."""

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""

    def log_deletions(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""


class RecordedAdmin(DisplayAdmin):
    """Reference rows (publishers, products, …) that need no operation of their own: added and changed here, each
    write with its ledger entry `<event_prefix>.created` or `.updated`. Rows are retired, never deleted."""

    manage_permission: ClassVar[str] = ""
    event_prefix: ClassVar[str] = ""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self._principal(request).may(self.manage_permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._principal(request).may(self.manage_permission)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.organization_id = scope.current()
        obj.save()
        request.trail.record(
            f"{self.event_prefix}.{'updated' if change else 'created'}",
            subject=obj,
            details={"fields": sorted(form.changed_data)},
        )


def action(*, description: Any, needs: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Like django.contrib.admin.action, with the permission that shows it."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        marked: Callable[..., Any] = admin.action(description=description)(function)
        marked.needs = needs  # type: ignore[attr-defined]  # read by DisplayAdmin.get_actions
        return marked

    return decorate


def counted(queryset: models.QuerySet[Any], most: int = 10_000) -> str:
    """A count that stops counting: "10 000+" is enough for a heading and costs the same on a million rows."""
    found = queryset.values("pk")[: most + 1].count()
    return f"{most:,}+".replace(",", " ") if found > most else str(found)
