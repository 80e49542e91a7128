"""Forms of reclamation: rules, exemptions, answers and decisions. What they take is what the operations take."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.models import DirectoryGroup, Person
from licensing.models import Product
from seats.forms import ReasonForm
from seats.models import ReclamationApprover, ReclamationKind, ReclamationRule, SeatPool
from seats.operations import RuleTerms
from seats.operations.reclamation_rules import LEAST, MOST_DAYS, MOST_REMINDERS, TERMS

DAYS = {
    "window_days": (_("Days without use, or days that are measured"), 90),
    "minimum_age_days": (_("Leave seats alone that are younger than (days)"), 60),
    "notice_days": (_("Days to answer"), 14),
    "decision_days": (_("Days to decide"), 7),
    "cool_down_days": (_("Days of rest after an answer"), 90),
}


class RuleForm(forms.Form):
    """The terms of a rule; `cleaned_data["terms"]` are those of the operation."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Which seats"), choices=ReclamationKind.choices)
    use_limit = forms.DecimalField(
        label=_("Limit of use"),
        required=False,
        max_digits=20,
        decimal_places=6,
        help_text=_("For rules that measure use: seats below it are selected."),
    )
    include_no_activity = forms.BooleanField(
        label=_("Also seats of whose use nothing is known"),
        required=False,
        help_text=_("Only while some use of the product is reported at all."),
    )
    reminders = forms.IntegerField(label=_("Reminders before the deadline"), min_value=0, max_value=MOST_REMINDERS)
    approver = forms.ChoiceField(
        label=_("Who decides when a holder wants to keep the seat"), choices=ReclamationApprover.choices
    )
    field_order = [
        "name", "pool", "product", "kind", "window_days", "use_limit", "include_no_activity", "minimum_age_days",
        "notice_days", "reminders", "approver", "decision_days", "cool_down_days",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reminders"].initial = 1
        for name, (label, usual) in DAYS.items():
            self.fields[name] = forms.IntegerField(
                label=label, min_value=LEAST[name], max_value=MOST_DAYS, initial=usual
            )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            given["terms"] = RuleTerms(**{name: given[name] for name in TERMS})
        return given


class NewRuleForm(RuleForm):
    """A rule with its target: one pool, or one product."""

    pool = forms.ModelChoiceField(queryset=SeatPool.objects.order_by("name"), label=_("Pool"), required=False)
    product = forms.ModelChoiceField(
        queryset=Product.objects.filter(pools__isnull=False).distinct().order_by("name"),
        label=_("Or every pool of a product"),
        required=False,
    )


def terms_initial(rule: ReclamationRule) -> dict[str, Any]:
    """What the form of an existing rule shows first."""
    return {name: getattr(rule, name) for name in TERMS}


class ExemptionForm(ReasonForm):
    """Whose seats are exempt: exactly one of person, group and pool."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.filter(active=True).order_by("user_name_lower"), label=_("Person"), required=False
    )
    group = forms.ModelChoiceField(
        queryset=DirectoryGroup.objects.order_by("display_name_lower"), label=_("Or group"), required=False
    )
    pool = forms.ModelChoiceField(queryset=SeatPool.objects.order_by("name"), label=_("Or pool"), required=False)
    ends_at = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: without end."),
    )
    field_order = ["person", "group", "pool", "ends_at", "reason"]


class AnswerForm(forms.Form):
    """What the holder of a seat says."""

    answer = forms.ChoiceField(choices=[("keep", _("Keep the seat")), ("give-back", _("Give it back"))])
    reason = forms.CharField(
        label=_("Why you need it"),
        max_length=500,
        required=False,
        help_text=_("If you keep it: a word for whoever decides."),
    )


class DecisionForm(forms.Form):
    """A decision with its reason, which is needed to take a seat from its holder or to give it again."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("Needed to take the seat back or to give it again; the holder reads it."),
    )
