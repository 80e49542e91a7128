"""Forms of single sign-on; what they take is what the operations take."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.idp_metadata import pems_in
from identity.models import Account, Binding, SamlConnection
from identity.operations.saml_connections import Provider, Treatment, grantable_roles
from identity.queries.single_sign_on import emergency_candidates
from identity.rules.single_sign_on import CLAIMS
from identity.wording import role_choices as named_roles

ATTRIBUTE_LABELS = {
    "email": gettext_lazy("E-mail address"),
    "user_name": gettext_lazy("User name"),
    "external_id": gettext_lazy("Immutable ID"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "department": gettext_lazy("Department"),
    "groups": gettext_lazy("Groups"),
}


SPARE_ROWS = 3


def role_choices() -> list[tuple[str, str]]:
    return [(code, name) for code, name in named_roles() if code in grantable_roles()]


class NewConnectionForm(forms.Form):
    """A name is enough to begin."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("People see it when they sign in, for example the name of your company."),
    )


class MetadataForm(forms.Form):
    """The file that the identity provider offers for download."""

    metadata = forms.FileField(label=gettext_lazy("Metadata file of your identity provider"))


class ProviderForm(forms.Form):
    """The same by hand."""

    entity_id = forms.CharField(label=gettext_lazy("Entity ID (issuer)"), max_length=1000)
    sso_url = forms.CharField(label=gettext_lazy("Sign-in address (HTTP-Redirect)"), max_length=1000)
    slo_url = forms.CharField(label=gettext_lazy("Sign-out address"), max_length=1000, required=False)
    slo_binding = forms.ChoiceField(
        label=gettext_lazy("Takes sign-outs by"), choices=Binding.choices, initial=Binding.REDIRECT, required=False
    )
    certificates = forms.CharField(
        label=gettext_lazy("Signing certificates"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy("In PEM, one below the other. Two while your provider changes its key."),
    )

    @property
    def provider(self) -> Provider:
        given = self.cleaned_data
        return Provider(
            given["entity_id"],
            given["sso_url"],
            given["slo_url"],
            pems_in(given["certificates"]),
            given["slo_binding"] or Binding.REDIRECT,
        )


class TreatmentForm(forms.Form):
    """Where claims are found and what follows from them."""

    default_role = forms.ChoiceField(
        label=gettext_lazy("Role without a matching group"),
        help_text=gettext_lazy("For people who hold no role here and are in none of the groups below."),
    )
    creates_people = forms.BooleanField(
        label=gettext_lazy("Add people who are not in the directory yet"),
        required=False,
        help_text=gettext_lazy(
            "Leave this off when SCIM keeps your directory. Only addresses under a proved domain are added."
        ),
    )
    allows_idp_initiated = forms.BooleanField(
        label=gettext_lazy("People may begin at the identity provider"),
        required=False,
        help_text=gettext_lazy(
            "For tiles of a portal. Less safe: such a sign-in is tied to no browser that asked for it."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["default_role"].choices = role_choices()  # type: ignore[attr-defined]  # a choice field
        for claim in CLAIMS:
            self.fields[f"attribute_{claim}"] = forms.CharField(
                label=ATTRIBUTE_LABELS[claim], max_length=500, required=False
            )

    @classmethod
    def filled(cls, row: SamlConnection) -> "TreatmentForm":
        names = {f"attribute_{claim}": name for claim, name in row.attribute_map.items()}
        columns = ("default_role", "creates_people", "allows_idp_initiated")
        return cls(initial={**names, **{column: getattr(row, column) for column in columns}})

    @property
    def attribute_fields(self) -> list[forms.BoundField]:
        return [self[f"attribute_{claim}"] for claim in CLAIMS]

    @property
    def treatment(self) -> Treatment:
        given = self.cleaned_data
        return Treatment(
            attribute_map={claim: given[f"attribute_{claim}"].strip() for claim in CLAIMS},
            default_role=given["default_role"],
            creates_people=given["creates_people"],
            allows_idp_initiated=given["allows_idp_initiated"],
        )


class GroupRolesForm(forms.Form):
    """One row for each pair, `group_0` with `role_0` and so on: the group as the provider names it, and the role. Rows
    without a group are left out, so that emptying one takes the pair away; a few spare rows stand at the end."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, table: Sequence[tuple[str, str]] = ()) -> None:
        pairs = {f"{kind}_{n}": word for n, pair in enumerate(table) for kind, word in zip(KINDS, pair, strict=True)}
        super().__init__(data, initial=pairs)
        self.rows = len(table) + SPARE_ROWS if data is None else _rows_of(data)
        for n in range(self.rows):
            self.fields[f"group_{n}"] = forms.CharField(
                label=_("Group %(number)d") % {"number": n + 1},
                required=False,
                max_length=500,
                widget=forms.TextInput(attrs={"spellcheck": "false"}),
            )
            self.fields[f"role_{n}"] = forms.ChoiceField(
                label=_("Role of group %(number)d") % {"number": n + 1},
                required=False,
                choices=[("", _("Choose a role")), *role_choices()],
            )

    def clean(self) -> dict[str, Any]:
        """Adds the pairs as `group_roles`."""
        given = super().clean() or self.cleaned_data
        table = []
        for n in range(self.rows):
            group, role = given.get(f"group_{n}", ""), given.get(f"role_{n}", "")
            if group and not role and not self.has_error(f"role_{n}"):
                self.add_error(f"role_{n}", _("Choose the role that this group gives."))
            if group:
                table.append((group, role))
        return {**given, "group_roles": table}

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"group_{n}"], self[f"role_{n}"]) for n in range(self.rows)]


KINDS = ("group", "role")


def _rows_of(data: Mapping[str, Any]) -> int:
    """How many rows were sent, counted from the first without a gap."""
    return next(n for n in count() if f"group_{n}" not in data)


class DomainForm(forms.Form):
    """The part of addresses behind the @."""

    domain = forms.CharField(
        label=gettext_lazy("E-mail domain"),
        max_length=253,
        help_text=gettext_lazy("What stands behind the @ in your people's addresses, such as example.com."),
    )


class AccountField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the type checker alone
    """Accounts by name and address: two colleagues may have one name."""

    def label_from_instance(self, obj: Account) -> str:
        return f"{obj} ({obj.email})" if obj.display_name else obj.email


class PolicyForm(forms.Form):
    """Company sign-in only, and who may still use a password then."""

    sso_only = forms.BooleanField(
        label=gettext_lazy("Company sign-in only"),
        required=False,
        help_text=gettext_lazy(
            "Passwords open this organisation no more, but for the two accounts below. Sessions that began with a"
            " password end at once; one in which you switch this on goes on for four hours at most."
        ),
    )
    first_account = AccountField(
        queryset=Account.objects.none(),
        label=gettext_lazy("First emergency account"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Both need a password and a second factor, set up before."),
    )
    second_account = AccountField(
        queryset=Account.objects.none(),
        label=gettext_lazy("Second emergency account"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Signing in with one of them tells all owners and lasts four hours."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = emergency_candidates()
        for name in ("first_account", "second_account"):
            self.fields[name].queryset = members  # type: ignore[attr-defined]  # a model choice field


class CompanyForm(forms.Form):
    """An e-mail address at the company, or the organisation's short name."""

    company = forms.CharField(
        label=gettext_lazy("Your e-mail address at work, or the short name of your organisation"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
