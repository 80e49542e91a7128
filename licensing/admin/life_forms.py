"""Forms of a licence's life that ask for more than a reason."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import QueryDict
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.admin import FoundBySearch
from licensing.admin.forms import LicenseForm, StatedReasonForm, midnight
from licensing.models import License, Party
from licensing.operations import Quote
from licensing.operations.bulk_issue import MOST_AT_ONCE


class PastDueForm(StatedReasonForm):
    """Since when payment is past due, and what it is."""

    since = forms.DateField(
        required=False,
        label=gettext_lazy("Due on"),
        help_text=gettext_lazy("00:00 UTC of that day. Empty: now."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ["since", "reason"]

    def clean_since(self) -> datetime | None:
        return midnight(self.cleaned_data["since"])


class TransferForm(StatedReasonForm):
    """Who is to have the licence."""

    licensee = forms.ModelChoiceField(queryset=Party.objects.all(), label=gettext_lazy("New customer"))
    field_order = ["licensee", "reason"]

    def __init__(self, site: admin.AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["licensee"]
        field.widget = FoundBySearch(License._meta.get_field("licensee"), site)
        field.widget.choices = field.choices


class QuantityForm(StatedReasonForm):
    """How many units there are to be. Sent once it shows the price, sent again with that price it changes them."""

    quantity = forms.IntegerField(min_value=1, max_value=10_000_000, label=gettext_lazy("Units"))
    field_order = ["quantity", "reason"]

    def show(self, amount: str) -> None:
        """Carries the price that is shown to the next sending."""
        self.fields["shown"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=amount)
        self.data = {**self.data.dict(), "shown": amount} if isinstance(self.data, QueryDict) else self.data


class BulkForm(LicenseForm):
    """Licences that are alike."""

    count = forms.IntegerField(min_value=1, max_value=MOST_AT_ONCE, initial=10, label=gettext_lazy("How many"))
    field_order = ["license_type", "licensee", "count"]

    def __init__(self, site: admin.AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(site, *args, **kwargs)
        for name in ("is_draft", "trial_email"):
            del self.fields[name]


def quote_sentence(quote: Quote) -> str:
    """What the change costs, or gives back, up to when."""
    units = ngettext("%(count)d unit", "%(count)d units", abs(quote.units)) % {"count": abs(quote.units)}
    if quote.charge is None:
        return _("%(units)s, without a price: the licence type has none.") % {"units": units}
    words = {
        "units": units,
        "amount": number_format(abs(quote.charge.amount), decimal_pos=2, force_grouping=True),
        "currency": quote.currency,
        "until": date_format(quote.until) if quote.until else "",
    }
    if quote.units < 0:
        return _("%(units)s fewer until %(until)s: %(amount)s %(currency)s are given back.") % words
    return _("%(units)s more until %(until)s: %(amount)s %(currency)s.") % words
