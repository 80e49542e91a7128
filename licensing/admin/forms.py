"""Forms of what a vendor issues. They read text into the operations' arguments; the operations judge."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.admin import FoundBySearch
from licensing.admin.grant_lines import grant_text, typed_grant
from licensing.admin.machine_forms import MachineForm
from licensing.models import Edition, Entitlement, License, LicenseType, Party, Product
from licensing.models.issuing import EXPIRY_BASIS_CHOICES, EXPIRY_STRATEGY_CHOICES, MODEL_CHOICES
from licensing.models.life import CHARGE_PERIOD_CHOICES, RENEWAL_BASIS_CHOICES, TRIAL_ONCE_CHOICES
from licensing.operations.machine_rules import MACHINE_RULES
from licensing.rules.offline import USUAL_OFFLINE_HOURS


class FeaturesField(forms.CharField):
    """One feature a line: a code, where it carries one `=` and a choice or a quota (`1000 per month near 90 over 10%`),
    and where needed `from` and `until` with a date or moment in UTC."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return tuple(typed_grant(line.split()) for line in text.splitlines() if line.strip())


class LimitsField(forms.CharField):
    """One limit a line: `projects = 5`."""

    widget = forms.Textarea(attrs={"rows": 2})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return dict(_limit(line) for line in text.splitlines() if line.strip())


class TerritoriesField(forms.CharField):
    """Codes with commas or spaces between them; None for everywhere."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return text.replace(",", " ").upper().split() or None


class PlacesField(forms.CharField):
    """Names with commas between them, in any case; None for no limit."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [name for part in text.split(",") if (name := part.strip().lower())] or None


class ConditionsForm(forms.Form):
    """What narrows or widens a licence; all of it optional."""

    features = FeaturesField(
        required=False,
        label=gettext_lazy("Features"),
        help_text=gettext_lazy(
            "One a line, such as: render-3d until 2027-12-31, or: export = 1000 per month over 10%, or: support = gold"
        ),
    )
    limits = LimitsField(
        required=False, label=gettext_lazy("Limits"), help_text=gettext_lazy("One a line, such as: projects = 5")
    )
    territories = TerritoriesField(
        required=False,
        label=gettext_lazy("Territories"),
        help_text=gettext_lazy("Country codes, such as: NO, SE. Empty: everywhere."),
    )
    domains = PlacesField(
        required=False,
        label=gettext_lazy("Domains"),
        help_text=gettext_lazy("Host names with commas between them, such as: example.org. Empty: everywhere."),
    )
    departments = PlacesField(
        required=False,
        label=gettext_lazy("Departments"),
        help_text=gettext_lazy("With commas between them, such as: engineering. Empty: all."),
    )
    version_range = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Versions"),
        help_text=gettext_lazy("Such as: >=2.1 <4. Empty: all."),
    )
    conditions = ("features", "limits", "territories", "domains", "departments", "version_range")

    @property
    def stated(self) -> list[forms.BoundField]:
        """The fields before the conditions and outside of groups."""
        return [field for field in self if field.name not in {*self.conditions, *MACHINE_RULES}]

    @property
    def narrowing(self) -> list[forms.BoundField]:
        return [self[name] for name in self.conditions]


class VersionForm(MachineForm, ConditionsForm):
    """A version of a licence type, without the code and product that it keeps."""

    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    edition = forms.ModelChoiceField(
        queryset=Edition.objects.select_related("product"), required=False, label=gettext_lazy("Edition")
    )
    model = forms.ChoiceField(choices=MODEL_CHOICES, label=gettext_lazy("Model"))
    duration_months = forms.IntegerField(min_value=0, initial=0, label=gettext_lazy("Term in months"))
    duration_days = forms.IntegerField(min_value=0, initial=0, label=gettext_lazy("and days"))
    expiry_basis = forms.ChoiceField(choices=EXPIRY_BASIS_CHOICES, label=gettext_lazy("The term counts from"))
    grace_days = forms.IntegerField(min_value=0, initial=0, label=gettext_lazy("Days of grace after the end"))
    notice_days = forms.IntegerField(min_value=0, initial=30, label=gettext_lazy("Days before the end to warn"))
    offline_hours = forms.IntegerField(
        required=False,
        min_value=0,
        initial=USUAL_OFFLINE_HOURS,
        label=gettext_lazy("Longest offline certificate in hours"),
        help_text=gettext_lazy("Empty: 720. With 0 none is checked out."),
    )
    expiry_strategy = forms.ChoiceField(choices=EXPIRY_STRATEGY_CHOICES, label=gettext_lazy("When the term is over"))
    converts_to = forms.ModelChoiceField(
        queryset=LicenseType.objects.filter(superseded_at__isnull=True).exclude(model="trial"),
        required=False,
        label=gettext_lazy("A trial becomes"),
    )
    trial_once = forms.ChoiceField(choices=TRIAL_ONCE_CHOICES, label=gettext_lazy("A trial is there"))
    renewal_basis = forms.ChoiceField(choices=RENEWAL_BASIS_CHOICES, label=gettext_lazy("A renewal counts from"))
    auto_renews = forms.BooleanField(required=False, label=gettext_lazy("Renews by itself"))
    dunning_restrict_days = forms.IntegerField(
        min_value=0, initial=7, label=gettext_lazy("Days past due until features end")
    )
    dunning_suspend_days = forms.IntegerField(
        min_value=0, initial=14, label=gettext_lazy("Days past due until suspension")
    )
    unit_price = forms.DecimalField(
        required=False, min_value=0, max_digits=16, decimal_places=4, label=gettext_lazy("Price of a unit")
    )
    currency = forms.CharField(required=False, max_length=3, label=gettext_lazy("Currency"))
    charge_period = forms.ChoiceField(
        choices=[("", gettext_lazy("No price")), *CHARGE_PERIOD_CHOICES], required=False, label=gettext_lazy("Charged")
    )

    def clean_offline_hours(self) -> int:
        hours = self.cleaned_data["offline_hours"]
        return USUAL_OFFLINE_HOURS if hours is None else int(hours)


class LicenseTypeForm(VersionForm):
    """A new licence type."""

    code = forms.CharField(
        max_length=64, label=gettext_lazy("Code"), help_text=gettext_lazy("Short and lasting, such as cad-pro-yearly")
    )
    product = forms.ModelChoiceField(queryset=Product.objects.all(), label=gettext_lazy("Product"))
    field_order = ["name", "code", "product"]


class LicenseForm(ConditionsForm):
    """A licence to issue. Customers and rights are found by the admin's own search."""

    license_type = forms.ModelChoiceField(
        queryset=LicenseType.objects.filter(superseded_at__isnull=True).select_related("product").order_by("name"),
        label=gettext_lazy("Licence type"),
    )
    licensee = forms.ModelChoiceField(queryset=Party.objects.all(), label=gettext_lazy("Customer"))
    quantity = forms.IntegerField(min_value=1, initial=1, label=gettext_lazy("Units"))
    is_draft = forms.BooleanField(
        required=False,
        label=gettext_lazy("As a draft"),
        help_text=gettext_lazy("Validates when it is put in force."),
    )
    trial_email = forms.EmailField(
        required=False,
        label=gettext_lazy("Who tries"),
        help_text=gettext_lazy("An e-mail address, where the trial is once for each e-mail domain."),
    )
    entitlement = forms.ModelChoiceField(
        queryset=Entitlement.objects.all(),
        required=False,
        label=gettext_lazy("Within the right"),
        help_text=gettext_lazy("What the customer has bought; the licence cannot exceed it."),
    )
    valid_from = forms.DateField(
        required=False,
        label=gettext_lazy("Valid from"),
        help_text=gettext_lazy("00:00 UTC of that day. Empty: now."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    maintenance_until = forms.DateField(
        required=False,
        label=gettext_lazy("Maintenance until"),
        help_text=gettext_lazy("Later releases are not covered. Empty: no limit."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, site: admin.AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("licensee", "entitlement"):
            field: Any = self.fields[name]
            field.widget = FoundBySearch(License._meta.get_field(name), site)
            field.widget.choices = field.choices

    def clean_valid_from(self) -> datetime | None:
        return midnight(self.cleaned_data["valid_from"])

    def clean_maintenance_until(self) -> datetime | None:
        return midnight(self.cleaned_data["maintenance_until"])


class StatedReasonForm(forms.Form):
    """Why something is done to a licence."""

    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stays on record with the licence."),
    )


class CheckOutForm(forms.Form):
    """For which machine a certificate is checked out, and for how long."""

    fingerprint = forms.CharField(
        max_length=500,
        label=gettext_lazy("Fingerprint of the machine"),
        help_text=gettext_lazy("As the software on that machine shows it."),
    )
    hours = forms.IntegerField(
        min_value=1,
        max_value=24 * 36_525,
        required=False,
        label=gettext_lazy("Hours"),
        help_text=gettext_lazy("Empty: as long as the licence type allows."),
    )


def condition_texts(stored: LicenseType) -> dict[str, str]:
    """The conditions of a type as the form writes them."""
    return {
        "features": "\n".join(grant_text(grant) for grant in stored.features),
        "limits": "\n".join(f"{code} = {value}" for code, value in stored.limits.items()),
        "territories": ", ".join(stored.territories or ()),
        "domains": ", ".join(stored.domains or ()),
        "departments": ", ".join(stored.departments or ()),
        "version_range": stored.version_range,
    }


def _limit(line: str) -> tuple[str, int]:
    code, _sign, value = (part.strip() for part in line.partition("="))
    if not value.isdecimal() or len(value) > 18:
        raise forms.ValidationError(_("“%(line)s”: write a code, =, and a whole number.") % {"line": line[:80]})
    return code, int(value)


def midnight(day: Any) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
