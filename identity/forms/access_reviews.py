"""Forms of the pages of access reviews."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.models import Membership, ReviewDecision, ReviewerRule
from identity.rules.roles import ROLES
from identity.wording import role_choices

DECIDE = "identity.access_review.decide"


def may_be_asked(rows: list[Membership]) -> list[tuple[str, str]]:
    """Members whose roles let them decide, as choices."""
    able = {code for code, role in ROLES.items() if DECIDE in role.permissions}
    return [(str(row.id), str(row.account)) for row in rows if able & set(row.roles)]


class StartForm(forms.Form):
    """What is reviewed, by whom, until when."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Such as “Access review, first quarter”."))
    roles = forms.MultipleChoiceField(
        label=_("Roles to review"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=role_choices,
        help_text=_("Choose none to review every membership."),
    )
    rule = forms.ChoiceField(label=_("Who is asked"), choices=ReviewerRule.choices, widget=forms.RadioSelect)
    reviewer_role = forms.ChoiceField(
        label=_("Role of the reviewers"),
        required=False,
        help_text=_("With managers: who is asked where the manager has no account here."),
    )
    reviewers = forms.MultipleChoiceField(
        label=_("Named reviewers"), required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    due_at = forms.DateTimeField(
        label=_("Due (UTC)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def __init__(self, members: list[Membership], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        able = [(code, name) for code, name in role_choices() if DECIDE in ROLES[code].permissions]
        role: Any = self.fields["reviewer_role"]
        role.choices = [("", _("Nobody by role")), *able]
        named: Any = self.fields["reviewers"]
        named.choices = may_be_asked(members)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("rule") == ReviewerRule.ROLE and not given.get("reviewer_role"):
            self.add_error("reviewer_role", _("Choose the role whose holders are asked."))
        if given.get("rule") == ReviewerRule.NAMED and not given.get("reviewers"):
            self.add_error("reviewers", _("Choose at least one colleague."))
        return given


class _ItemsForm(forms.Form):
    """Questions that were ticked. Their ids come from the page; what is no id is left out."""

    items = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, chosen: list[str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.chosen = [key for text in chosen if (key := _uuid(text)) is not None]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.chosen:
            raise forms.ValidationError(_("Tick the memberships that you decide about."))
        return given


class DecideForm(_ItemsForm):
    """One answer for all that is ticked, and why."""

    decision = forms.ChoiceField(label=_("Decision"), choices=ReviewDecision.choices, widget=forms.RadioSelect)
    take_away = forms.MultipleChoiceField(
        label=_("Roles to take away"),
        required=False,
        choices=role_choices,
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text=_("Only for “Take roles away”."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.TextInput, help_text=_("Stays on record with each decision.")
    )


class ReassignForm(_ItemsForm):
    """Who is asked in place of somebody."""

    reviewer = forms.ChoiceField(label=_("Ask instead"))

    def __init__(self, members: list[Membership], chosen: list[str], *args: Any, **more: Any) -> None:
        super().__init__(chosen, *args, **more)
        reviewer: Any = self.fields["reviewer"]
        reviewer.choices = may_be_asked(members)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
