"""Forms of the sign-in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """E-mail and password. What is wrong is not told apart: whether the address exists stays unknown."""

    username = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    error_messages = {
        "invalid_login": _("This e-mail address and password do not match an account. Both are checked together."),
        "inactive": _("This e-mail address and password do not match an account. Both are checked together."),
    }

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Inactive accounts fail in the backend already; nothing else is asked here, above all no staff flag."""

    def clean(self) -> dict[str, Any]:
        return super().clean()
