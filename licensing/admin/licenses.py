"""Admin pages of licences: the list, a licence with its keys, certificates and history, and each transition."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.clock import Clock
from kernel.pages import PageRequest, form_valid, page
from licensing.admin.activations import RELEASE
from licensing.admin.forms import CheckOutForm, LicenseForm
from licensing.admin.license_keys import KEYS, KeysAdmin
from licensing.admin.license_life import LifeAdmin, address
from licensing.admin.pills import pill
from licensing.admin.steps import plain_form
from licensing.admin.why import WHY, WhyAdmin
from licensing.grants import grants_from
from licensing.models import License
from licensing.operations import (
    CheckOut,
    IssuedCertificate,
    NewLicense,
    check_out,
    issue_certificate,
    issue_license,
)
from licensing.operations.ending_add_ons import live_add_ons
from licensing.ports import bindings
from licensing.queries.activations import latest_activations, number_of
from licensing.queries.license_facts import carried_features, facts_of, limits_of
from licensing.queries.license_history import custody_of, history_of
from licensing.rules.expiry import in_grace
from licensing.rules.facts import LicenseStatus
from licensing.rules.notices import hindrance_of
from licensing.timeline import timeline
from licensing.wording import figures, standing, term_of

ISSUE = "licensing.license.issue"
CERTIFY = "licensing.certificate.issue"
LIC_FILE = "application/vnd.seatledger.license"


class LicenseAdmin(LifeAdmin, KeysAdmin, WhyAdmin):
    view_permission = "licensing.license.view"
    list_display = ["number", "licensee", "product", "license_type", "quantity", "valid_until", "keys_in_use", "state"]
    list_select_related = ["licensee", "product", "license_type"]
    list_filter = ["status", "model", "product"]
    search_fields = ["number", "licensee__name_lower", "product__name_lower"]
    ordering = ["-created_at"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(live_keys=Count("keys", filter=Q(keys__revoked_at__isnull=True)))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.allowed(request, ISSUE)

    @admin.display(description=gettext_lazy("Valid until"), ordering="expires_at")
    def valid_until(self, row: License) -> Any:
        return row.expires_at or _("Without end")

    @admin.display(description=gettext_lazy("Keys"), ordering="live_keys")
    def keys_in_use(self, row: Any) -> Any:
        return row.live_keys

    keys_in_use.numeric = True  # type: ignore[attr-defined]  # read by the list's template

    @admin.display(description=gettext_lazy("State today"), ordering="status")
    def state(self, row: License) -> str:
        """Display only: nothing is decided by this clock."""
        now = standing(row, at=self.clock.now())
        return pill(now.tone, now.label)

    def get_urls(self) -> list[Any]:
        """The steps, in front of the stock routes, whose last one takes every address."""
        here = "<uuid:license_id>"
        own: list[tuple[str, str, str, Callable[..., Any]]] = [
            ("add/", "add", ISSUE, self.issue_view),
            *self.step_routes(here),
            *self.key_routes(here),
            (f"{here}/why/", "why", WHY, self.why_view),
            (f"{here}/certificate/", "certificate", CERTIFY, self.certificate_view),
            (f"{here}/check-out/", "check_out", CERTIFY, self.check_out_view),
        ]
        return [
            *(path(route, page(needs)(view), name=f"licensing_license_{name}") for route, name, needs, view in own),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The licence's page: it only shows."""
        row = self._read(object_id)
        if row is None or not self.has_view_permission(request, row):
            return super().change_view(request, object_id, form_url, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row.number,
            **_page(row, self.clock),
            "actions": self._actions(request, row),
            "offered_steps": self.offered_steps(request, row),
            "may_revoke_keys": self.allowed(request, KEYS),
            "may_release": self.allowed(request, RELEASE),
            "may_read_ledger": self.allowed(request, "audit.ledger.view"),
            "may_see_changes": self.allowed(request, "compliance.change.view"),
        }
        return TemplateResponse(request, "admin/licensing/license/page.html", context)

    def _read(self, object_id: str) -> License | None:
        related = ("license_type", "licensee", "product", "edition", "entitlement")
        try:
            return License.objects.select_related(*related).filter(id=UUID(object_id)).first()
        except ValueError:
            return None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_issue_many = self.allowed(request, ISSUE) and self.allowed(request, KEYS)
        bulk = reverse("admin:licensing_license_bulk") if may_issue_many else ""
        return super().changelist_view(request, {"bulk_url": bulk, **(extra_context or {})})

    def _actions(self, request: HttpRequest, row: License) -> list[dict[str, Any]]:
        """What the reader may do with the licence in its present state, the usual first."""
        active, revoked = row.status == LicenseStatus.ACTIVE, row.status == LicenseStatus.REVOKED
        offered = [
            ("key", _("Issue a key"), "key", KEYS, not revoked, "btn-primary"),
            ("certificate", _("Sign a certificate"), "file-certificate", CERTIFY, active, ""),
            ("why", _("Why is this invalid?"), "help-circle", WHY, True, ""),
            ("check_out", _("Check out for a machine"), "device-desktop", CERTIFY, active, ""),
            ("add_on", _("Attach an add-on"), "plus", ISSUE, not revoked, ""),
        ]
        return [
            {
                "url": _step_url(row.id, name),
                "label": label,
                "icon": icon,
                "look": look,
            }
            for name, label, icon, needs, fits, look in offered
            if fits and self.allowed(request, needs)
        ]

    def issue_view(self, request: PageRequest) -> HttpResponse:
        """A licence for a customer, under a licence type."""
        form = LicenseForm(self.admin_site, request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            row = issue_license(license=NewLicense(**form.cleaned_data), trail=request.trail)
            messages.success(request, _("Licence %(number)s is issued.") % {"number": row.number})
            return HttpResponseRedirect(address(row.id))
        return self.step(
            request,
            title=_("Issue a licence"),
            form=form,
            submit=_("Issue the licence"),
            back=reverse("admin:licensing_license_changelist"),
            conditions_hint=_(
                "These add to the conditions of the licence type, or replace its territories and versions."
            ),
        )

    def certificate_view(self, request: PageRequest, license_id: UUID) -> HttpResponse:
        """Signs a certificate and hands it out as a file."""
        row = get_object_or_404(License.objects.select_related("licensee", "product"), id=license_id)
        form = plain_form(request)
        if form_valid(form, request):
            return _file(row, issue_certificate(license_id=row.id, trail=request.trail))
        return self.step(
            request,
            title=_("Sign a certificate"),
            form=form,
            submit=_("Sign and download"),
            back=address(row.id),
            row=row,
            again=True,
            explanation=_(
                "The certificate states what this licence grants now, signed for machines without a connection. It is "
                "valid until the licence ends, also if the licence is suspended or revoked before."
            ),
        )

    def check_out_view(self, request: PageRequest, license_id: UUID) -> HttpResponse:
        """Signs a certificate with an end for one machine and hands it out as a file."""
        row = get_object_or_404(License.objects.select_related("licensee", "product"), id=license_id)
        form = CheckOutForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            hours = form.cleaned_data["hours"]
            asked = CheckOut(
                fingerprint=form.cleaned_data["fingerprint"], ttl=None if hours is None else timedelta(hours=hours)
            )
            return _file(row, check_out(license_id=row.id, asked=asked, trail=request.trail))
        return self.step(
            request,
            title=_("Check out for a machine"),
            form=form,
            submit=_("Sign and download"),
            back=address(row.id),
            row=row,
            again=True,
            explanation=_(
                "The certificate holds for this machine alone and takes a seat of the licence until it ends or is "
                "returned."
            ),
        )


def _page(row: License, clock: Clock) -> dict[str, Any]:
    """What the page shows, in a constant number of queries."""
    at = clock.now()
    keys = list(row.keys.order_by("-issued_at"))
    add_ons = live_add_ons(license_id=row.id)
    certificates = list(row.certificates.select_related("signing_key").order_by("-issued_at"))
    machines = latest_activations(row)
    in_use = number_of(row)
    asked, renewals = bindings.changes_of(license=row), list(row.renewals.order_by("-starts_at"))
    subjects = [row.id, *(one.id for rows in (keys, certificates, machines, add_ons, asked) for one in rows)]
    history = history_of(subjects, organization_id=row.organization_id)
    facts = facts_of(row)
    usable = hindrance_of(facts, at) is None
    live = [key for key in keys if key.revoked_at is None and usable]
    kind = row.license_type
    return {
        "license": row,
        "standing": standing(row, at=at),
        "usable": usable,
        "in_grace": usable and in_grace(facts, at),
        "kpis": figures(row, keys=len(live), certificates=len(certificates), machines=in_use, at=at),
        "term": term_of(kind),
        "features": [(grant, grant.period.holds_at(at)) for grant in carried_features(row)],
        "limits": limits_of(row),
        "add_ons": [(one, grants_from(one.features)) for one in add_ons],
        "territories": row.territories if row.territories is not None else kind.territories,
        "domains": row.domains if row.domains is not None else kind.domains,
        "departments": row.departments if row.departments is not None else kind.departments,
        "versions": row.version_range or kind.version_range,
        "keys": keys,
        "certificates": certificates,
        "machines": machines,
        "custody": custody_of(row),
        "renewals": renewals,
        "asked": [one for one in asked if one.is_open],
        "steps": timeline(history, license=row, renewals=renewals, at=at),
    }


def _file(license: License, issued: IssuedCertificate) -> HttpResponse:
    file = HttpResponse(issued.file, content_type=LIC_FILE)
    file["Content-Disposition"] = f'attachment; filename="{license.number}-{issued.row.sequence}.lic"'
    file["Cache-Control"] = "no-store"
    return file


def _step_url(license_id: UUID, name: str) -> str:
    """Add-ons have a page of their own, which the licence's page tells which licence is meant."""
    if name == "add_on":
        return f"{reverse('admin:licensing_addon_add')}?license={license_id}"
    return address(license_id, name)


PAGES = ((License, LicenseAdmin),)
