"""Forms and filters of the provisioning pages."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from identity.models import ProvisioningEntry, ProvisioningOutcome
from identity.operations.provisioning.tokens import DAYS, LONGEST_NAME, MOST_DAYS, MOST_OVERLAP, OVERLAP

HOUR = 3600


class NewTokenForm(forms.Form):
    """A name that tells directory services apart, and how long the token lives."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, help_text=_("Which directory service will use it, such as Entra ID.")
    )
    days = forms.IntegerField(label=_("Lives for (days)"), min_value=1, max_value=MOST_DAYS, initial=DAYS)


class RotationForm(forms.Form):
    """How long the successor lives, and how long the old token still works beside it."""

    days = forms.IntegerField(label=_("The new token lives for (days)"), min_value=1, max_value=MOST_DAYS, initial=DAYS)
    overlap_hours = forms.IntegerField(
        label=_("The old token works on for (hours)"),
        min_value=0,
        max_value=int(MOST_OVERLAP.total_seconds()) // HOUR,
        initial=int(OVERLAP.total_seconds()) // HOUR,
        help_text=_("Enter the new token at the directory service within this time. 0 ends the old one at once."),
    )


class LogFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package publishes no types
    """By outcome."""

    outcome = django_filters.ChoiceFilter(label=_("Outcome"), choices=ProvisioningOutcome.choices, empty_label=_("Any"))

    class Meta:
        model = ProvisioningEntry
        fields = ["outcome"]
