"""The form of what an organisation demands of a sign-in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.models.sign_in_policy import ABSOLUTE_HOURS, IDLE_MINUTES
from identity.rules.second_factor import ALWAYS
from identity.wording import role_choices


class SignInPolicyForm(forms.Form):
    """Roles that need a second factor besides those that always do, and limits within those of the house."""

    second_factor_roles = forms.MultipleChoiceField(
        label=_("A second factor is also needed by"), required=False, widget=forms.CheckboxSelectMultiple
    )
    provider_vouches = forms.BooleanField(
        label=_("A sign-in through the identity provider counts as a second factor for these roles"),
        required=False,
        help_text=_("Only where your identity provider asks for one itself."),
    )
    idle_minutes = forms.IntegerField(
        label=_("Minutes without use until a session ends"), min_value=1, max_value=IDLE_MINUTES
    )
    absolute_hours = forms.IntegerField(
        label=_("Hours after the sign-in until a session ends"), min_value=1, max_value=ABSOLUTE_HOURS
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Any = self.fields["second_factor_roles"]
        roles.choices = role_choices(without=ALWAYS)
