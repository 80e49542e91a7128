"""Forms by which an account proves who it is, changes its password and its profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

LONGEST = 4096


def _secret(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    """A field for a password: as typed, spaces included."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST, widget=widget, **options)


class CodeForm(forms.Form):
    """One code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True, "spellcheck": "false"}
        ),
    )


class ConfirmForm(forms.Form):
    """The password, or a code where the account has a second factor; one of them is enough."""

    password = _secret(_("Password"), "current-password", required=False)
    code = forms.CharField(
        label=_("Code of your authenticator app, or a recovery code"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, has_password: bool, has_factor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, wanted in (("password", has_password), ("code", has_factor)):
            if not wanted:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("password") and not given.get("code"):
            raise forms.ValidationError(_("Give your password or a code."))
        return given


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    new = _secret(
        _("New password"), "new-password", help_text=_("At least 12 characters; several words are easy to remember.")
    )
    again = _secret(_("New password once more"), "new-password")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("new") and given.get("again") and given["new"] != given["again"]:
            self.add_error("again", _("The two are not the same."))
        return given


class ChangePasswordForm(NewPasswordForm):
    """The present password, and the new one twice."""

    present = _secret(_("Present password"), "current-password")
    field_order = ("present", "new", "again")


class ProfileForm(forms.Form):
    """What an account may say about itself."""

    display_name = forms.CharField(
        label=_("Name"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of pages, and of e-mails that are sent to you.")
    )
