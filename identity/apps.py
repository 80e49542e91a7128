"""Who: organisations, accounts, people and devices."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Identity(AppConfig):
    name = "identity"
    verbose_name = _("People and organisations")
