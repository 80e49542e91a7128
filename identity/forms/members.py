"""Forms and the filter of the pages of members."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from identity.models import Membership, Person
from identity.queries.members import named, with_role
from identity.rules.granting import CUSTOMER, OPERATOR, PLATFORM
from identity.wording import role_choices

MOST_SEARCHED = 100
STATES = (("live", _("Works here")), ("ended", _("Ended")))


def person_named(text: str) -> Person | None:
    """The one person with exactly this user name or e-mail address, in any case; None for none and for several."""
    wanted = text.strip().lower()
    if not wanted:
        return None
    found = list(Person.objects.filter(Q(user_name_lower=wanted) | Q(emails__value_lower=wanted)).distinct()[:2])
    return found[0] if len(found) == 1 else None


class MemberFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package publishes no types
    """A text that is part of the address or name, a role, and whether the membership holds."""

    q = django_filters.CharFilter(label=_("Name or address"), method="by_words", max_length=MOST_SEARCHED)
    role = django_filters.ChoiceFilter(
        label=_("Role"), method="by_role", choices=role_choices, empty_label=_("Every role")
    )
    state = django_filters.ChoiceFilter(label=_("State"), method="by_state", choices=STATES, empty_label=_("Any"))

    class Meta:
        model = Membership
        fields = ["q", "role", "state"]

    def by_words(self, rows: QuerySet[Membership], _name: str, text: str) -> QuerySet[Membership]:
        return named(rows, text)

    def by_role(self, rows: QuerySet[Membership], _name: str, role: str) -> QuerySet[Membership]:
        return with_role(rows, role)

    def by_state(self, rows: QuerySet[Membership], _name: str, state: str) -> QuerySet[Membership]:
        return rows.filter(ended_at__isnull=state == "live")


class _RolesForm(forms.Form):
    """Roles, and for a customer the business partner. Without partners nobody can be a customer here."""

    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    party = forms.ChoiceField(
        label=_("Business partner"), required=False, help_text=_("For customers: whose matters the account may see.")
    )

    def __init__(self, kind: str, partners: Mapping[UUID, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        hidden = {OPERATOR} if kind != PLATFORM else set()
        if not partners:
            hidden.add(CUSTOMER)
            del self.fields["party"]
        else:
            party: Any = self.fields["party"]
            party.choices = [("", _("None")), *((str(key), name) for key, name in partners.items())]
        roles: Any = self.fields["roles"]
        roles.choices = role_choices(without=hidden)

    @property
    def party_id(self) -> UUID | None:
        chosen = self.cleaned_data.get("party")
        return UUID(chosen) if chosen else None


class InviteForm(_RolesForm):
    """Who is to join, with which roles, and perhaps which person of the directory it is."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    person = forms.CharField(
        label=_("Person of the directory"),
        required=False,
        max_length=200,
        help_text=_("User name or e-mail address, when the account belongs to somebody in the directory."),
    )
    field_order = ["email", "roles", "party", "person"]

    def clean_person(self) -> Person | None:
        return _found(self.cleaned_data["person"])


class RolesForm(_RolesForm):
    """The roles of a member from now on, and why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.TextInput, help_text=_("Stays on record in the ledger.")
    )


class EndForm(forms.Form):
    """Why a membership ends."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.TextInput, help_text=_("Stays on record in the ledger.")
    )
    prefix = "end"


class ResetFactorForm(forms.Form):
    """Why the second factor of a member is taken away."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.TextInput,
        help_text=_("How you know that it is really your colleague who asks. Stays on record in the ledger."),
    )


class LinkForm(forms.Form):
    """The person of the directory whom an account belongs to; empty for nobody."""

    person = forms.CharField(
        label=_("Person of the directory"),
        required=False,
        max_length=200,
        help_text=_("User name or e-mail address; leave it empty to take the link away."),
    )
    prefix = "link"

    def clean_person(self) -> Person | None:
        return _found(self.cleaned_data["person"])


class JoinForm(forms.Form):
    """The password of whoever accepts an invitation: a new one, or that of the account that exists."""

    display_name = forms.CharField(label=_("Your name"), max_length=200)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least twelve characters that nobody guesses: a sentence serves well."),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, has_account: bool, *args: Any) -> None:
        super().__init__(*args)
        if has_account:
            del self.fields["display_name"], self.fields["again"]
            self.fields["password"].help_text = _("You have an account with this address; enter its password.")
            self.fields["password"].widget.attrs["autocomplete"] = "current-password"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "again" in self.fields and given.get("password") != given.get("again") and "again" in given:
            self.add_error("again", _("The two passwords differ."))
        return given


def _found(text: str) -> Person | None:
    if not text.strip():
        return None
    person = person_named(text)
    if person is None:
        raise forms.ValidationError(
            _("Nobody in the directory has exactly this user name or address. Look it up on the page of people.")
        )
    return person
