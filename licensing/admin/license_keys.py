"""Admin pages of a licence's keys: drawn, replaced and revoked; a key is shown once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from kernel.pages import PageRequest, form_valid
from licensing.admin.forms import StatedReasonForm
from licensing.admin.license_life import address
from licensing.admin.steps import IssuingAdmin, plain_form
from licensing.models import License, LicenseKey
from licensing.operations import IssuedKey, issue_key, reissue_key, revoke_key

KEYS = "licensing.key.issue"


class KeysAdmin(IssuingAdmin):
    """The pages of keys, below the licence that they open."""

    def key_routes(self, here: str) -> list[tuple[str, str, str, Callable[..., Any]]]:
        """Address, name, permission and view of each."""
        return [
            (f"{here}/key/", "key", KEYS, self.key_view),
            (f"{here}/keys/<uuid:key_id>/reissue/", "reissue_key", KEYS, self.reissue_key_view),
            (f"{here}/keys/<uuid:key_id>/revoke/", "revoke_key", KEYS, self.revoke_key_view),
        ]

    def key_view(self, request: PageRequest, license_id: UUID) -> HttpResponse:
        """Draws a key and shows it, this once."""
        row = get_object_or_404(License.objects.select_related("licensee", "product"), id=license_id)
        form = plain_form(request)
        if form_valid(form, request):
            return self._once(request, row, issue_key(license_id=row.id, trail=request.trail))
        return self.step(
            request,
            title=_("Issue a key"),
            form=form,
            submit=_("Issue the key"),
            back=address(row.id),
            row=row,
            explanation=_(
                "A new key for this licence is drawn and shown once. Only a digest of it is stored: whoever loses the "
                "key gets a new one."
            ),
        )

    def reissue_key_view(self, request: PageRequest, license_id: UUID, key_id: UUID) -> HttpResponse:
        """Draws another key in the place of one that was lost or got into wrong hands, and shows it, this once."""
        key = _key(license_id, key_id)
        form = StatedReasonForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            issued = reissue_key(key_id=key.id, reason=form.cleaned_data["reason"], trail=request.trail)
            return self._once(request, key.license, issued, replaced=key.prefix)
        return self.step(
            request,
            title=_("Replace the key %(prefix)s…") % {"prefix": key.prefix},
            form=form,
            submit=_("Replace the key"),
            back=address(license_id),
            row=key.license,
            danger=True,
            explanation=_(
                "Another key is drawn and shown once. Validation answers REVOKED for the old one from then on; "
                "machines, term and other keys of the licence stay as they are."
            ),
        )

    def _once(self, request: PageRequest, license: License, issued: IssuedKey, *, replaced: str = "") -> HttpResponse:
        """The only page that ever shows this key."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("The new key"),
            "license": license,
            "key": issued.key,
            "replaced": replaced,
            "back": address(license.id),
        }
        shown = render(request, "admin/licensing/license/key.html", context)
        shown["Cache-Control"] = "no-store"
        return shown

    def revoke_key_view(self, request: PageRequest, license_id: UUID, key_id: UUID) -> HttpResponse:
        """One key less; the licence and its other keys stay."""
        key = _key(license_id, key_id)
        form = plain_form(request)
        if form_valid(form, request):
            revoke_key(key_id=key.id, trail=request.trail)
            messages.success(request, _("The key %(prefix)s… is revoked.") % {"prefix": key.prefix})
            return HttpResponseRedirect(address(license_id))
        return self.step(
            request,
            title=_("Revoke the key %(prefix)s…") % {"prefix": key.prefix},
            form=form,
            submit=_("Revoke the key"),
            back=address(license_id),
            row=key.license,
            danger=True,
            explanation=_("Validation answers REVOKED for this key from now on. Other keys of the licence stay good."),
        )


def _key(license_id: UUID, key_id: UUID) -> Any:
    """The key at the address of its own licence."""
    rows = LicenseKey.objects.select_related("license__licensee", "license__product")
    return get_object_or_404(rows, id=key_id, license_id=license_id)
