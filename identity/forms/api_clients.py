"""Forms of the pages on API clients."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from identity.models import ClientKind, GrantKind
from identity.operations import NewApiClient
from identity.operations.api_clients import MOST_OVERLAP, OVERLAP
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES, roles_beyond
from kernel.principal import Principal

HOUR = timedelta(hours=1)
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
        help_text=_(
            "For a client that acts for accounts: complete https addresses, one in each line. A program on the machine "
            "of whoever uses it, which keeps no secret, may have http://127.0.0.1/… or http://[::1]/… with any port."
        ),
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


class ClientScopesForm(forms.Form):
    """All scopes that the client shall have from now on."""

    scopes = forms.MultipleChoiceField(
        label=_("What it may be used for"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Codes and tokens that carry more than what stays checked end at once."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(scope.code, gettext(scope.purpose)) for scope in SCOPES.values()]


class NewSecretForm(forms.Form):
    """How long the old secret still works beside the new one."""

    overlap_hours = forms.IntegerField(
        label=_("The old secret works on for (hours)"),
        min_value=0,
        max_value=MOST_OVERLAP // HOUR,
        initial=OVERLAP // HOUR,
        help_text=_("Enter the new secret at the program within this time. 0 ends the old one at once."),
    )

    @property
    def overlap(self) -> timedelta:
        hours: int = self.cleaned_data["overlap_hours"]
        return hours * HOUR
