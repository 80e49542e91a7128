"""Admin pages of releases: prepare, publish, take back."""

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
from licensing.admin.forms import StatedReasonForm
from licensing.admin.steps import SteppedAdmin, found_by_search, plain_form
from licensing.models import Product, Release, ReleaseChannel, ReleaseStatus
from licensing.operations.releases import NewRelease, draft_release, publish_release, yank_release

MANAGE = "licensing.catalogue.manage"


class ReleaseForm(forms.Form):
    """A release to prepare."""

    product = forms.ModelChoiceField(queryset=Product.objects.all(), label=gettext_lazy("Product"))
    version = forms.CharField(
        max_length=200, label=gettext_lazy("Version"), help_text=gettext_lazy("Such as 2.4.1 or 2.4.1-beta.2")
    )
    channel = forms.ChoiceField(choices=ReleaseChannel.choices, label=gettext_lazy("Channel"))
    required_features = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("Required features"),
        help_text=gettext_lazy(
            "Codes with commas between them. A licence without one of them may not run the release."
        ),
    )

    def __init__(self, site: admin.AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found_by_search(self, "product", Release, site)

    def clean_required_features(self) -> list[str]:
        typed: str = self.cleaned_data["required_features"]
        return typed.replace(",", " ").split()


class ReleaseAdmin(SteppedAdmin):
    view_permission = "licensing.catalogue.view"
    list_display = ["product", "version", "channel", "status", "released_at"]
    list_select_related = ["product"]
    list_filter = ["channel", "status"]
    search_fields = ["version", "product__name_lower"]
    ordering = ["-created_at"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.allowed(request, MANAGE)

    def get_urls(self) -> list[Any]:
        publish, yank = page(MANAGE)(self.publish_view), page(MANAGE)(self.yank_view)
        return [
            path("add/", page(MANAGE)(self.draft_view), name="licensing_release_add"),
            path("<uuid:release_id>/publish/", publish, name="licensing_release_publish"),
            path("<uuid:release_id>/yank/", yank, name="licensing_release_yank"),
            *super().get_urls(),
        ]

    def steps_of(self, request: HttpRequest, row: Any) -> list[dict[str, str]]:
        if not self.allowed(request, MANAGE):
            return []
        offered = [
            ("publish", _("Publish"), "circle-check", "btn-primary", ReleaseStatus.DRAFT),
            ("yank", _("Take back"), "circle-x", "btn-danger", ReleaseStatus.PUBLISHED),
        ]
        return [
            {"url": _address(row.pk, name), "label": label, "icon": icon, "look": look}
            for name, label, icon, look, state in offered
            if row.status == state
        ]

    def draft_view(self, request: PageRequest) -> HttpResponse:
        """A release of a product, not yet published."""
        form = ReleaseForm(self.admin_site, request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            row = draft_release(release=NewRelease(**form.cleaned_data), trail=request.trail)
            messages.success(request, _("Release %(version)s is prepared.") % {"version": row.version})
            return HttpResponseRedirect(_address(row.id))
        return self.step(
            request,
            title=_("Prepare a release"),
            form=form,
            submit=_("Prepare the release"),
            back=reverse("admin:licensing_release_changelist"),
        )

    def publish_view(self, request: PageRequest, release_id: UUID) -> HttpResponse:
        """From draft to published, as of now."""
        row = get_object_or_404(Release, id=release_id)
        form = plain_form(request)
        if form_valid(form, request):
            publish_release(release_id=row.id, trail=request.trail)
            messages.success(request, _("Release %(version)s is published.") % {"version": row.version})
            return HttpResponseRedirect(_address(row.id))
        return self.step(
            request,
            title=_("Publish release %(version)s") % {"version": row.version},
            form=form,
            submit=_("Publish the release"),
            back=_address(row.id),
            explanation=_("Licences whose maintenance covers today may run it from now on."),
        )

    def yank_view(self, request: PageRequest, release_id: UUID) -> HttpResponse:
        """For good: a corrected release has a version of its own."""
        row = get_object_or_404(Release, id=release_id)
        form = StatedReasonForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            yank_release(release_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            messages.success(request, _("Release %(version)s is taken back.") % {"version": row.version})
            return HttpResponseRedirect(_address(row.id))
        return self.step(
            request,
            title=_("Take back release %(version)s") % {"version": row.version},
            form=form,
            submit=_("Take the release back"),
            back=_address(row.id),
            danger=True,
            explanation=_("For good: no licence may run it any more. A corrected release gets a version of its own."),
        )


def _address(release_id: UUID, step: str = "change") -> str:
    return reverse(f"admin:licensing_release_{step}", args=[release_id])


PAGES = ((Release, ReleaseAdmin),)
