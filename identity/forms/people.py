"""Forms and filters of the pages of people and groups."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from identity.forms.members import person_named
from identity.models import OrgUnit, Person
from identity.queries.people import people_like
from identity.rules.provisioning import Address, PersonAttributes, replaced

MOST_SEARCHED = 100
STATES = (("active", _("Active")), ("left", _("Left")), ("held", _("Under legal hold")))


class PersonFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package publishes no types
    """A text, the state, and the unit."""

    q = django_filters.CharFilter(label=_("Search"), method="by_words", max_length=MOST_SEARCHED)
    state = django_filters.ChoiceFilter(label=_("State"), method="by_state", choices=STATES, empty_label=_("Everybody"))
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"),
        field_name="org_unit",
        queryset=OrgUnit.objects.order_by("name"),
        empty_label=_("Every unit"),
    )

    class Meta:
        model = Person
        fields = ["q", "state", "unit"]

    def by_words(self, rows: QuerySet[Person], _name: str, text: str) -> QuerySet[Person]:
        return people_like(rows, text)

    def by_state(self, rows: QuerySet[Person], _name: str, state: str) -> QuerySet[Person]:
        return rows.filter(legal_hold=True) if state == "held" else rows.filter(active=state == "active")


def _text(label: Any, *, required: bool = False, most: int = 200, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=most, **more)


class PersonForm(forms.Form):
    """The record of a person as people of the house keep it; attributes that are not asked for stay as they are."""

    user_name = _text(_("User name"), required=True, most=255)
    given_name = _text(_("Given name"))
    family_name = _text(_("Family name"))
    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    title = _text(_("Title"))
    department = _text(_("Department"))
    employee_number = _text(_("Employee number"), most=100)
    manager = _text(_("Manager"), help_text=_("User name or e-mail address of somebody in the directory."))
    org_unit = forms.ModelChoiceField(label=_("Unit"), queryset=OrgUnit.objects.order_by("name"), required=False)
    territory = forms.RegexField(
        label=_("Territory"), regex=r"^[A-Za-z]{2}$", required=False, help_text=_("Two letters, such as NO.")
    )

    def clean_manager(self) -> Person | None:
        text: str = self.cleaned_data["manager"]
        if not text.strip():
            return None
        found = person_named(text)
        if found is None:
            raise forms.ValidationError(_("Nobody in the directory has exactly this user name or address."))
        return found

    def attributes(self, before: PersonAttributes) -> PersonAttributes:
        """What shall be, given what is. Another name makes another display name."""
        given = self.cleaned_data
        names = ("user_name", "given_name", "family_name", "title", "department", "employee_number")
        values: dict[str, Any] = {name: given[name] for name in names}
        if (before.given_name, before.family_name) != (given["given_name"], given["family_name"]):
            values["display_name"] = f"{given['given_name']} {given['family_name']}".strip()
        manager = given["manager"]
        return replaced(
            before, **values, manager_id=manager.id if manager else None, emails=_addresses(before, given["email"])
        )


class ReasonForm(forms.Form):
    """Why somebody is put under legal hold, or no longer."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.TextInput, help_text=_("Stays on record in the ledger.")
    )


class GroupForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=255)


class AddMemberForm(forms.Form):
    """Somebody who joins a group."""

    person = forms.CharField(label=_("Person"), max_length=200, help_text=_("User name or e-mail address."))

    def clean_person(self) -> Person:
        found = person_named(self.cleaned_data["person"])
        if found is None:
            raise forms.ValidationError(_("Nobody in the directory has exactly this user name or address."))
        return found


def _addresses(before: PersonAttributes, email: str) -> tuple[Address, ...]:
    """The primary address replaced; the others stay."""
    others = tuple(one for one in before.emails if not one.primary and one.value.lower() != email.lower())
    return (Address(email, "work", True), *others) if email else others
