"""Forms of the pages and of the admin: what they take is what the operations take."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.models import Device, DirectoryGroup, OrgUnit, Person
from seats.models import SeatPool
from seats.operations import SeatRequest
from seats.queries import holder_named

MOST_UNITS = 1_000_000
MOST_SEATS = 10_000_000


class ReasonForm(forms.Form):
    """Why somebody does what the page is for."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        strip=True,
        widget=forms.TextInput,
        help_text=_("Stays on record with the seat."),
    )


class LimitsForm(forms.Form):
    """How many seats may be given out."""

    capacity = forms.IntegerField(label=_("Capacity"), min_value=0, max_value=MOST_SEATS, required=False)
    overdraft = forms.IntegerField(
        label=_("Overdraft"),
        min_value=0,
        max_value=MOST_SEATS,
        required=False,
        help_text=_("Seats beyond the capacity that are given all the same."),
    )
    hard_limit = forms.TypedChoiceField(
        label=_("Kind of limit"),
        choices=[("hard", _("Hard: never more")), ("soft", _("Soft: more with a reason, flagged and reported"))],
        coerce=lambda value: value == "hard",
    )

    @staticmethod
    def of(pool: SeatPool) -> dict[str, Any]:
        """What the form shows of a pool."""
        return {
            "capacity": pool.capacity,
            "overdraft": pool.overdraft,
            "hard_limit": "hard" if pool.hard_limit else "soft",
        }


class CutForm(ReasonForm):
    """A lower capacity that may wait, and why."""

    capacity = forms.IntegerField(label=_("New capacity"), min_value=0, max_value=MOST_SEATS)
    field_order = ["capacity", "reason"]


class ReservationForm(ReasonForm):
    """How many seats are kept for one unit or group, and why."""

    unit = forms.ModelChoiceField(
        queryset=OrgUnit.objects.order_by("name"),
        required=False,
        label=_("Unit"),
        help_text=_("With the units below it."),
    )
    group = forms.ModelChoiceField(
        queryset=DirectoryGroup.objects.order_by("display_name_lower"), required=False, label=_("Group")
    )
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=MOST_SEATS)
    field_order = ["unit", "group", "quantity", "reason"]


class RestrictForm(ReasonForm):
    """Whether a pool is for those alone who are named, and why."""

    restricted = forms.BooleanField(label=_("For those alone who are eligible"), required=False)
    field_order = ["restricted", "reason"]


class AssignForm(forms.Form):
    """A holder found by the search, or somebody outside the directory; quantity and reason.

    `holder` is what a choice of the search sends ("person:<id>"); without a choice the text of the search must be
    exactly one user name, e-mail address or host name. `cleaned_data["request"]` is the SeatRequest.
    """

    search = forms.CharField(
        label=_("Person or device"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=_("User name, e-mail address, name or host name."),
    )
    holder = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    external_holder = forms.CharField(
        label=_("Somebody outside the directory"),
        max_length=200,
        required=False,
        help_text=_("A name under which this holder is known."),
    )
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=MOST_UNITS, initial=1)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("A seat without an approved request needs one; it stays on record."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("external_holder"):
            given["request"] = self._request(external_holder=given["external_holder"])
            return given
        chosen = _chosen(given.get("holder", "")) or holder_named(given.get("search", ""))
        if chosen is None:
            self.add_error("search", _("Search, and choose one of the people or devices found."))
        elif isinstance(chosen, Person):
            given["request"] = self._request(person=chosen)
        else:
            given["request"] = self._request(device=chosen)
        return given

    def _request(self, **holder: Any) -> SeatRequest:
        given = self.cleaned_data
        return SeatRequest(quantity=given.get("quantity") or 1, reason=given.get("reason", ""), **holder)


class TransferForm(AssignForm):
    """Who gets a seat, and why; the quantity is that of the seat."""

    quantity = None  # type: ignore[assignment]  # how forms leave out a field of their base
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Stays on record with both holders."))


def _chosen(key: str) -> Person | Device | None:
    """What a choice of the search stands for; None for nothing, and for an id that nobody here has."""
    kind, _colon, text = key.partition(":")
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    if kind == "person":
        return Person.objects.filter(id=wanted).first()
    return Device.objects.filter(id=wanted).first() if kind == "device" else None
