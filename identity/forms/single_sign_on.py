"""Forms of single sign-on; what they take is what the operations take."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.idp_metadata import pems_in
from identity.models import Account, Binding, SamlConnection
from identity.operations.saml_connections import Provider, Treatment, grantable_roles
from identity.queries.single_sign_on import emergency_candidates
from identity.rules.single_sign_on import CLAIMS

ATTRIBUTE_LABELS = {
    "email": gettext_lazy("E-mail address"),
    "user_name": gettext_lazy("User name"),
    "external_id": gettext_lazy("Immutable ID"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "department": gettext_lazy("Department"),
    "groups": gettext_lazy("Groups"),
}


def role_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in sorted(grantable_roles())]


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
    """One line for each pair: the group as the provider names it, an equals sign, the role."""

    group_roles = forms.CharField(
        label=gettext_lazy("Groups and roles"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy("One line each: the group as your provider names it = the role, such as IT = it_admin"),
    )

    def clean_group_roles(self) -> list[tuple[str, str]]:
        table: list[tuple[str, str]] = []
        for number, line in enumerate(self.cleaned_data["group_roles"].splitlines(), start=1):
            group, equals, role = line.rpartition("=")
            if not line.strip():
                continue
            if not equals or not group.strip() or role.strip() not in grantable_roles():
                raise forms.ValidationError(
                    _("Line %(number)d: write a group, an equals sign and a role that exists.") % {"number": number}
                )
            table.append((group.strip(), role.strip()))
        return table


class DomainForm(forms.Form):
    """The part of addresses behind the @."""

    domain = forms.CharField(label=gettext_lazy("E-mail domain"), max_length=253)


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
    first_account = forms.ModelChoiceField(
        queryset=Account.objects.none(), label=gettext_lazy("First emergency account"), required=False
    )
    second_account = forms.ModelChoiceField(
        queryset=Account.objects.none(),
        label=gettext_lazy("Second emergency account"),
        required=False,
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
