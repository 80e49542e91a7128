"""Forms of the pages on API clients."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.models import ClientKind, GrantKind
from identity.operations import NewApiClient
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES, roles_beyond
from kernel.principal import Principal

LIFETIMES = ((90, _("90 days")), (365, _("One year")), (0, _("Until it is revoked")))


class ApiClientForm(forms.Form):
    """What a new client needs. Roles and redirect addresses exclude each other; the operation says which is wrong."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What the ledger calls it, such as “HR sync”."))
    grant = forms.ChoiceField(label=_("In whose name it acts"), choices=GrantKind.choices, initial=GrantKind.OWN_NAME)
    scopes = forms.MultipleChoiceField(
        label=_("What it may be used for"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what it needs: a token never allows more than these."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For a client that acts in its own name. Scope and role must both allow something."),
    )
    client_type = forms.ChoiceField(
        label=_("Kind of program"), choices=ClientKind.choices, initial=ClientKind.CONFIDENTIAL
    )
    redirect_uris = forms.CharField(
        label=_("Redirect addresses"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For a client that acts for accounts: complete https addresses, one in each line."),
    )
    days = forms.TypedChoiceField(label=_("Ends"), choices=LIFETIMES, coerce=int, initial=365)

    def __init__(self, principal: Principal, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        beyond = roles_beyond(roles=ROLES, permissions=principal.permissions)
        scopes: Any = self.fields["scopes"]
        roles: Any = self.fields["roles"]
        scopes.choices = [(scope.code, gettext(scope.purpose)) for scope in SCOPES.values()]
        roles.choices = [(role.code, gettext(role.purpose)) for role in ROLES.values() if role.code not in beyond]

    def client(self, *, at: datetime) -> NewApiClient:
        """What the operation takes; `at` is when the days begin."""
        given = self.cleaned_data
        return NewApiClient(
            name=given["name"],
            grant=given["grant"],
            client_type=given["client_type"],
            scopes=given["scopes"],
            roles=given["roles"],
            redirect_uris=given["redirect_uris"].split(),
            expires_at=at + timedelta(days=given["days"]) if given["days"] else None,
        )
