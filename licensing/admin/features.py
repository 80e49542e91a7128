"""Admin pages of the catalogue's features and of add-ons."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.pages import PageRequest, form_valid, page
from licensing.admin.forms import FeaturesField, StatedReasonForm
from licensing.admin.pills import pill
from licensing.admin.steps import SteppedAdmin, found_by_search
from licensing.models import AddOn, Feature, License, Product
from licensing.models.features import FEATURE_KIND_CHOICES
from licensing.operations import NewAddOn, NewFeature, attach_add_on, create_feature, remove_add_on, update_feature

CATALOGUE = "licensing.catalogue.view"
MANAGE = "licensing.catalogue.manage"
ISSUE = "licensing.license.issue"


class WordsForm(forms.Form):
    """What may change about a feature."""

    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    description = forms.CharField(
        max_length=2000, required=False, label=gettext_lazy("Description"), widget=forms.Textarea(attrs={"rows": 3})
    )
    choices = forms.CharField(
        max_length=4000,
        required=False,
        label=gettext_lazy("Choices"),
        help_text=gettext_lazy("In rising order, such as: bronze, silver, gold. Choices can be added, not taken away."),
    )

    def clean_choices(self) -> list[str]:
        typed: str = self.cleaned_data["choices"]
        return typed.replace(",", " ").split()


class FeatureForm(WordsForm):
    """A feature to describe."""

    product = forms.ModelChoiceField(queryset=Product.objects.all(), label=gettext_lazy("Product"))
    code = forms.CharField(max_length=64, label=gettext_lazy("Code"), help_text=gettext_lazy("What clients ask for."))
    kind = forms.ChoiceField(choices=FEATURE_KIND_CHOICES, label=gettext_lazy("Kind of value"))
    field_order = ["product", "code", "name", "kind", "choices", "description"]

    def __init__(self, site: admin.AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found_by_search(self, "product", Feature, site)


class AddOnForm(forms.Form):
    """An add-on for a licence."""

    license = forms.ModelChoiceField(queryset=License.objects.all(), label=gettext_lazy("Licence"))
    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    features = FeaturesField(
        label=gettext_lazy("Features"),
        help_text=gettext_lazy(
            "One a line, such as: render-3d until 2027-12-31, or: export = 1000 per month over 10%, or: support = gold"
        ),
    )
    starts_at = forms.DateTimeField(
        required=False, label=gettext_lazy("Starts at"), help_text=gettext_lazy("In UTC. Empty: now.")
    )
    ends_at = forms.DateTimeField(
        required=False, label=gettext_lazy("Ends at"), help_text=gettext_lazy("In UTC. Empty: with the licence.")
    )

    def __init__(self, site: admin.AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found_by_search(self, "license", AddOn, site)


class FeatureAdmin(SteppedAdmin):
    view_permission = CATALOGUE
    list_display = ["name", "code", "product", "kind", "created_at"]
    list_select_related = ["product"]
    list_filter = ["kind", "product"]
    search_fields = ["name", "code"]
    ordering = ["product__name_lower", "code"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.allowed(request, MANAGE)

    def get_urls(self) -> list[Any]:
        words = page(MANAGE)(self.words_view)
        return [
            path("add/", page(MANAGE)(self.create_view), name="licensing_feature_add"),
            path("<uuid:feature_id>/words/", words, name="licensing_feature_words"),
            *super().get_urls(),
        ]

    def steps_of(self, request: HttpRequest, row: Any) -> list[dict[str, str]]:
        if not self.allowed(request, MANAGE):
            return []
        url = reverse("admin:licensing_feature_words", args=[row.pk])
        return [{"url": url, "label": _("Change words and choices"), "icon": "pencil", "look": "btn-primary"}]

    def create_view(self, request: PageRequest) -> HttpResponse:
        """A new feature of a product."""
        form = FeatureForm(self.admin_site, request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            row = create_feature(feature=NewFeature(**form.cleaned_data), trail=request.trail)
            messages.success(request, _("The feature %(name)s can be granted.") % {"name": row.name})
            return HttpResponseRedirect(reverse("admin:licensing_feature_change", args=[row.id]))
        return self.step(
            request,
            title=_("Describe a feature"),
            form=form,
            submit=_("Add the feature"),
            back=reverse("admin:licensing_feature_changelist"),
        )

    def words_view(self, request: PageRequest, feature_id: UUID) -> HttpResponse:
        """Other words, more choices."""
        row = get_object_or_404(Feature, id=feature_id)
        initial = {"name": row.name, "description": row.description, "choices": ", ".join(row.choices)}
        form = WordsForm(request.POST if request.method == "POST" else None, initial=initial)
        if form_valid(form, request):
            update_feature(feature_id=row.id, trail=request.trail, **form.cleaned_data)
            messages.success(request, _("The feature is changed."))
            return HttpResponseRedirect(reverse("admin:licensing_feature_change", args=[row.id]))
        return self.step(
            request,
            title=_("Change the feature %(name)s") % {"name": row.name},
            form=form,
            submit=_("Save"),
            back=reverse("admin:licensing_feature_change", args=[row.id]),
        )


class AddOnAdmin(SteppedAdmin):
    view_permission = "licensing.license.view"
    list_display = ["name", "license", "starts_at", "ends_at", "created_at", "state"]
    list_select_related = ["license"]
    list_filter = [("removed_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "license__number"]
    ordering = ["-created_at"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.allowed(request, ISSUE)

    @admin.display(description=gettext_lazy("State"), ordering="removed_at")
    def state(self, row: AddOn) -> str:
        return pill("ok", _("Attached")) if row.removed_at is None else pill("neutral", _("Removed"))

    def get_urls(self) -> list[Any]:
        return [
            path("add/", page(ISSUE)(self.attach_view), name="licensing_addon_add"),
            path("<uuid:add_on_id>/remove/", page(ISSUE)(self.remove_view), name="licensing_addon_remove"),
            *super().get_urls(),
        ]

    def steps_of(self, request: HttpRequest, row: Any) -> list[dict[str, str]]:
        if row.removed_at is not None or not self.allowed(request, ISSUE):
            return []
        url = reverse("admin:licensing_addon_remove", args=[row.pk])
        return [{"url": url, "label": _("Remove"), "icon": "circle-x", "look": "btn-danger"}]

    def attach_view(self, request: PageRequest) -> HttpResponse:
        """A module for a licence; the licence's own page names it in the address."""
        posted = request.POST if request.method == "POST" else None
        form = AddOnForm(self.admin_site, posted, initial={"license": request.GET.get("license", "")})
        if form_valid(form, request):
            stated = dict(form.cleaned_data)
            license = stated.pop("license")
            row = attach_add_on(add_on=NewAddOn(license_id=license.id, **stated), trail=request.trail)
            messages.success(request, _("The add-on %(name)s is attached.") % {"name": row.name})
            return HttpResponseRedirect(reverse("admin:licensing_license_change", args=[license.id]))
        return self.step(
            request,
            title=_("Attach an add-on"),
            form=form,
            submit=_("Attach the add-on"),
            back=reverse("admin:licensing_addon_changelist"),
            explanation=_(
                "The next validation of the licence carries it. Without an end of its own it ends with the licence."
            ),
        )

    def remove_view(self, request: PageRequest, add_on_id: UUID) -> HttpResponse:
        """A module less; its licence stays."""
        row = get_object_or_404(AddOn.objects.select_related("license"), id=add_on_id)
        form = StatedReasonForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            remove_add_on(add_on_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            messages.success(request, _("The add-on %(name)s is removed.") % {"name": row.name})
            return HttpResponseRedirect(reverse("admin:licensing_license_change", args=[row.license_id]))
        return self.step(
            request,
            title=_("Remove the add-on %(name)s") % {"name": row.name},
            form=form,
            submit=_("Remove the add-on"),
            back=reverse("admin:licensing_addon_change", args=[row.id]),
            danger=True,
            explanation=_("The next validation of the licence is without its features."),
        )


PAGES = ((Feature, FeatureAdmin), (AddOn, AddOnAdmin))
