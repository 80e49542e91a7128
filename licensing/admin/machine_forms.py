"""The part of a licence type's form that is about machines."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from licensing.models import LicenseType
from licensing.models.strategies import (
    HEARTBEAT_CHOICES,
    LONGEST_HEARTBEAT,
    MATCHING_CHOICES,
    OVERAGE_CHOICES,
    RESURRECTION_CHOICES,
    SHORTEST_HEARTBEAT,
    UNIQUENESS_CHOICES,
    USUAL_HEARTBEAT,
    VIRTUAL_MACHINE_CHOICES,
)
from licensing.operations import MachineRules
from licensing.operations.machine_rules import (
    LARGEST_OVERAGE,
    LONGEST_GRACE_HOURS,
    MACHINE_RULES,
    MOST_TRANSFERS,
)

COUNTING = ("uniqueness_scope", "transfers_per_year", "overage", "overage_by", "overage_until")
MATCHING = ("fingerprint_matching", "virtual_machines")
CONNECTING = (
    "heartbeat", "heartbeat_seconds", "resurrection", "connectivity_grace_hours", "connectivity_fail_open",
)  # fmt: skip
FIELDSETS = (
    (gettext_lazy("Machines"), MATCHING),
    (gettext_lazy("How machines are counted"), COUNTING),
    (gettext_lazy("Heartbeat and connection"), CONNECTING),
)
"""Legend and columns, on the form and on the page of a type alike."""


class MachineForm(forms.Form):
    """What licences of a type demand of machines; every field begins with what is usual."""

    uniqueness_scope = forms.ChoiceField(
        choices=UNIQUENESS_CHOICES,
        required=False,
        label=gettext_lazy("A machine counts once in"),
        help_text=gettext_lazy("How many machines: write the limit “activations = 3” below."),
    )
    transfers_per_year = forms.IntegerField(
        min_value=0,
        max_value=MOST_TRANSFERS,
        required=False,
        label=gettext_lazy("Transfers a year"),
        help_text=gettext_lazy("Moves to another machine in a calendar year (UTC). Empty: any number."),
    )
    overage = forms.ChoiceField(choices=OVERAGE_CHOICES, required=False, label=gettext_lazy("Allowed beyond limits"))
    overage_by = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_OVERAGE,
        required=False,
        initial=0,
        label=gettext_lazy("Number or percentage"),
    )
    overage_until = forms.DateField(
        required=False,
        label=gettext_lazy("Allowed until"),
        help_text=gettext_lazy("00:00 UTC of that day. Empty: without end."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    fingerprint_matching = forms.ChoiceField(
        choices=MATCHING_CHOICES, required=False, label=gettext_lazy("A machine is the same with")
    )
    virtual_machines = forms.ChoiceField(
        choices=VIRTUAL_MACHINE_CHOICES, required=False, label=gettext_lazy("Virtual machines")
    )
    heartbeat = forms.ChoiceField(choices=HEARTBEAT_CHOICES, required=False, label=gettext_lazy("Heartbeat"))
    heartbeat_seconds = forms.IntegerField(
        min_value=SHORTEST_HEARTBEAT,
        max_value=LONGEST_HEARTBEAT,
        required=False,
        initial=USUAL_HEARTBEAT,
        label=gettext_lazy("Longest silence in seconds"),
    )
    resurrection = forms.ChoiceField(
        choices=RESURRECTION_CHOICES, required=False, label=gettext_lazy("A silent machine comes back")
    )
    connectivity_grace_hours = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_GRACE_HOURS,
        required=False,
        label=gettext_lazy("Hours without connection"),
        help_text=gettext_lazy("How long software may run without us. Empty: not said."),
    )
    connectivity_fail_open = forms.BooleanField(
        required=False, label=gettext_lazy("Software runs on after these hours")
    )

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Legend and fields of each group."""
        return [(legend, [self[name] for name in names]) for legend, names in FIELDSETS]

    def clean_overage_until(self) -> datetime | None:
        day = self.cleaned_data["overage_until"]
        return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def machine_rules(given: dict[str, Any]) -> MachineRules:
    """Takes the fields out of cleaned data; what was left empty is as usual."""
    stated = {name: given.pop(name) for name in MACHINE_RULES}
    return MachineRules(**{name: value for name, value in stated.items() if value not in (None, "")})


def machine_initial(before: LicenseType) -> dict[str, Any]:
    """The rules of a version as the form of the next one begins with them."""
    return {name: getattr(before, name) for name in MACHINE_RULES}
