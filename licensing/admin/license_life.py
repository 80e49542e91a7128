"""Admin pages of the steps in a licence's life: a reason, and where needed a customer, a number of units, a moment."""

import csv
from collections.abc import Callable, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.clock import Clock, SystemClock
from kernel.pages import PageRequest, form_valid
from licensing.admin.forms import StatedReasonForm
from licensing.admin.life_forms import BulkForm, PastDueForm, QuantityForm, TransferForm, quote_sentence
from licensing.admin.steps import IssuingAdmin
from licensing.admin.transitions import TRANSITIONS, Transition
from licensing.importing.neutralise import neutralised
from licensing.models import License
from licensing.operations import NewLicense, change_quantity, issue_licenses, mark_past_due, quote_of
from licensing.ports import bindings
from licensing.queries.license_facts import life_of
from licensing.rules.life import Step, may

ISSUE = "licensing.license.issue"
SUSPEND = "licensing.license.suspend"
KEYS = "licensing.key.issue"
MONEY = "licensing.money.view"
Offered = tuple[str, Any, str, str, Step]
OTHER_STEPS: tuple[Offered, ...] = (
    ("quantity", gettext_lazy("Change the units"), "adjustments", ISSUE, Step.RESIZE),
    ("past_due", gettext_lazy("Payment is past due"), "coin", SUSPEND, Step.MARK_PAST_DUE),
    ("transfer", gettext_lazy("Ask to hand it on"), "users", ISSUE, Step.TRANSFER),
)
"""Steps whose forms ask for more than a reason."""


class LifeAdmin(IssuingAdmin):
    """The pages of steps; which of them a licence's page offers depends on where the licence stands."""

    clock: Clock = SystemClock()

    def step_routes(self, here: str) -> list[tuple[str, str, str, Callable[..., Any]]]:
        """Address, name, permission and view of each step."""
        own: list[tuple[str, str, str, Callable[..., Any]]] = [
            (f"{here}/{name.replace('_', '-')}/", name, one.needs, self._reasoned(one))
            for name, one in TRANSITIONS.items()
        ]
        return [
            *own,
            (f"{here}/quantity/", "quantity", ISSUE, self.quantity_view),
            (f"{here}/past-due/", "past_due", SUSPEND, self.past_due_view),
            (f"{here}/transfer/", "transfer", ISSUE, self.transfer_view),
            ("bulk/", "bulk", KEYS, self.bulk_view),
        ]

    def offered_steps(self, request: HttpRequest, row: License) -> list[dict[str, Any]]:
        """The steps that the licence can take now and the reader may take."""
        life = life_of(row, at=self.clock.now())
        every: list[Offered] = [(name, one.label, one.icon, one.needs, one.step) for name, one in TRANSITIONS.items()]
        place = len(every) - 1  # what cannot be undone stays last
        return [
            {"url": address(row.id, name), "label": label, "icon": icon}
            for name, label, icon, needs, step in [*every[:place], *OTHER_STEPS, *every[place:]]
            if may(step, life) and self.allowed(request, needs)
        ]

    def quantity_view(self, request: PageRequest, license_id: UUID) -> HttpResponse:
        """More or fewer units: the price first, then the change."""
        row = _read(license_id)
        request.principal.require(MONEY)
        form = QuantityForm(request.POST if request.method == "POST" else None, initial={"quantity": row.quantity})
        said = ""
        if form_valid(form, request):
            quote = quote_of(license=row, quantity=form.cleaned_data["quantity"], at=self.clock.now())
            shown, said = str(quote.charge.amount if quote.charge else ""), quote_sentence(quote)
            if request.POST.get("shown") == shown and "shown" in request.POST:
                change_quantity(
                    license_id=row.id, **form.cleaned_data, confirmed=Decimal(shown) if shown else None,
                    trail=request.trail,
                )  # fmt: skip
                messages.success(request, _("The units of licence %(number)s are changed.") % {"number": row.number})
                return HttpResponseRedirect(address(row.id))
            form.show(shown)
        return self.step(
            request,
            title=_("Change the units of licence %(number)s") % {"number": row.number},
            form=form,
            submit=_("Change the units") if said else _("Show the price"),
            back=address(row.id),
            row=row,
            explanation=said or _("The price up to the end of the term is shown before anything is changed."),
        )

    def past_due_view(self, request: PageRequest, license_id: UUID) -> HttpResponse:
        """Dunning begins."""
        row = _read(license_id)
        form = PastDueForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            mark_past_due(license_id=row.id, **form.cleaned_data, trail=request.trail)
            messages.success(request, _("Payment for licence %(number)s is past due.") % {"number": row.number})
            return HttpResponseRedirect(address(row.id))
        kind = row.license_type
        return self.step(
            request,
            title=_("Payment for licence %(number)s is past due") % {"number": row.number},
            form=form,
            submit=_("Begin dunning"),
            back=address(row.id),
            row=row,
            danger=True,
            explanation=_(
                "The licence stays as it is for %(restrict)d days, then its features end; after %(suspend)d days it is "
                "suspended. Payment brings all back."
            )
            % {"restrict": kind.dunning_restrict_days, "suspend": kind.dunning_suspend_days},
        )

    def transfer_view(self, request: PageRequest, license_id: UUID) -> HttpResponse:
        """Another customer is to have it; a second person decides."""
        row = _read(license_id)
        form = TransferForm(self.admin_site, request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            bindings.ask_to_transfer(
                license=row,
                licensee_id=form.cleaned_data["licensee"].id,
                reason=form.cleaned_data["reason"],
                trail=request.trail,
            )
            said = _("Handing licence %(number)s on was asked for and waits for a second person.")
            messages.success(request, said % {"number": row.number})
            return HttpResponseRedirect(address(row.id))
        return self.step(
            request,
            title=_("Ask to hand licence %(number)s on") % {"number": row.number},
            form=form,
            submit=_("Ask to hand it on"),
            back=address(row.id),
            row=row,
            explanation=_("Somebody else has to approve this. Term, keys and history stay with the licence."),
        )

    def bulk_view(self, request: PageRequest) -> HttpResponse:
        """Many licences that are alike; their keys come as a file, this once."""
        form = BulkForm(self.admin_site, request.POST if request.method == "POST" else None)
        request.principal.require(ISSUE)
        if form_valid(form, request):
            given = dict(form.cleaned_data)
            count = given.pop("count")
            issued = issue_licenses(license=NewLicense(**given), count=count, trail=request.trail)
            rows = [(one.license.number, one.license.licensee.name, one.key.key) for one in issued]
            file = HttpResponse(_as_csv(rows), content_type="text/csv; charset=utf-8")
            file["Content-Disposition"] = f'attachment; filename="keys-{rows[0][0]}.csv"'
            file["Cache-Control"] = "no-store"
            return file
        return self.step(
            request,
            title=_("Issue many licences"),
            form=form,
            submit=_("Issue and download the keys"),
            back=reverse("admin:licensing_license_changelist"),
            again=True,
            explanation=_(
                "Each licence gets a key. The keys stand in the file that is downloaded and nowhere else: keep it safe."
            ),
        )

    def _reasoned(self, transition: Transition) -> Callable[..., HttpResponse]:
        def view(request: PageRequest, license_id: UUID) -> HttpResponse:
            row = _read(license_id)
            form = StatedReasonForm(request.POST if request.method == "POST" else None)
            if form_valid(form, request):
                transition.operation(license_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
                messages.success(request, str(transition.done) % {"number": row.number})
                return HttpResponseRedirect(address(row.id))
            return self.step(
                request,
                title=str(transition.title) % {"number": row.number},
                form=form,
                submit=str(transition.submit),
                back=address(row.id),
                row=row,
                danger=transition.is_dangerous,
                explanation=str(transition.explanation),
            )

        return view


def address(license_id: UUID, step: str = "change") -> str:
    """The page of a licence, or of one of its steps."""
    return reverse(f"admin:licensing_license_{step}", args=[license_id])


def _read(license_id: UUID) -> License:
    return get_object_or_404(License.objects.select_related("license_type", "licensee", "product"), id=license_id)


def _as_csv(rows: Sequence[tuple[str, str, str]]) -> str:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Licence"), _("Customer"), _("Key")])
    writer.writerows([number, neutralised(customer), key] for number, customer, key in rows)
    return out.getvalue()
